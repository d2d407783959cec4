"""Sources of a system's features: the shared backbones beside its checkpoint, or full-size ones by reference.

Backbones are frozen, in evaluation mode, and loaded once per process, however many policies use them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, cast

import torch
from torch import nn

from policies.backbones.backbones import Backbones, BackbonesConfig
from policies.backbones.checkpoint import CONFIG, WEIGHTS
from policies.backbones.clip import compact_clip_config, load_clip
from policies.backbones.compact import special_token_ids
from policies.backbones.feature_source import FeatureSource
from policies.backbones.kosmos2 import compact_kosmos2_config, load_kosmos2
from policies.backbones.pretrained import WeightsSource
from policies.backbones.seeded_weights import seeded_initialisation
from policies.backbones.text.prompts import PromptEncoder
from policies.backbones.text.tokenizer import build_tokenizer, load_tokenizer
from policies.systems.network import SHARED, System, build_system, compute_backbones_digest
from policies.systems.table import SystemConfig
from policies.transformers_models import CLIPConfig, CLIPModel, Kosmos2Config, Kosmos2Model, PreTrainedTokenizerBase
from scenarios.common.errors import InputError

BACKBONES = "backbones"  # folder of the shared ones, beside those of the systems
SHIPPED = Path(__file__).parents[1] / "checkpoints" / BACKBONES
RANDOM = WeightsSource("random")  # published shapes, fresh weights
FULL_PROMPT = 48  # token ids; the published tokenizers split words
LOCATIONS = 1024  # Kosmos-2's 32 x 32 grid
ConfigT = TypeVar("ConfigT", CLIPConfig, Kosmos2Config)
FILES = ("*.json", "*.txt", "*.model", "*.safetensors")  # no pickles


class BackboneSources(NamedTuple):
    """The sources of full-size backbones; None for one that isn't needed."""

    clip: WeightsSource | None
    kosmos2: WeightsSource | None

    def as_config(self) -> dict[str, Any]:
        """Return the "backbones" entry of a checkpoint's config.json."""
        return {name: source and list(source) for name, source in self._asdict().items()}

    @classmethod
    def from_config(cls, values: dict[str, Any]) -> BackboneSources:
        """Read the "backbones" entry of a checkpoint's config.json."""
        return cls(*(WeightsSource(*values[name]) if values[name] else None for name in cls._fields))


def freeze_backbones(backbones: Backbones) -> Backbones:
    """Freeze backbones: no gradients, evaluation mode."""
    backbones.requires_grad_(False)
    return backbones.eval()


def load_feature_source(system: System, folder: Path) -> FeatureSource:
    """Load the source of features for a system that was loaded from a folder.

    Raises:
        InputError: Its backbones can't be read, or aren't those that it was trained on.
    """
    if system.own_clip is not None:
        return system.own_clip
    if isinstance(system.backbones, dict):
        return load_full_backbones(BackboneSources.from_config(system.backbones), from_hub=False)
    if system.backbones != SHARED:
        raise InputError(f"{folder / CONFIG}: 'backbones' is '{system.backbones}': it must be 'shared' or name sources")
    beside = folder.resolve().parent / BACKBONES
    if not beside.is_dir():
        beside = SHIPPED  # the folder was moved, or downloaded; the digest tells whether they fit
    backbones, found = load_shared_backbones(beside)
    if system.backbones_digest not in ("", found):
        raise InputError(
            f"checkpoint {folder} was trained on other backbones ({system.backbones_digest}) than those in {beside} "
            f"({found}): put the right ones there, or train the system again"
        )
    return backbones


def load_shared_backbones(folder: Path) -> tuple[Backbones, str]:
    """Load the frozen backbones of a folder and their digest, once per process.

    Raises:
        InputError: There are none, or they can't be read.
    """
    weights = folder / WEIGHTS
    if not weights.is_file():
        raise InputError(f"no backbones in {folder}: it needs {CONFIG} and {WEIGHTS}, beside the systems' checkpoints")
    return _shared(folder.resolve(), weights.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _shared(folder: Path, changed_ns: int) -> tuple[Backbones, str]:
    backbones = freeze_backbones(Backbones.from_pretrained(folder))
    return backbones, compute_backbones_digest(backbones)


@lru_cache(maxsize=1)
def load_full_backbones(sources: BackboneSources, from_hub: bool = True) -> Backbones:
    """Load backbones from local folders or hub repositories, or build fresh ones (``RANDOM``, always the same).

    A backbone without a source is a small fresh one, which rows that don't need it never use.

    Args:
        sources: The sources.
        from_hub: Whether a repository may be downloaded; never where a file names it, and not the user.

    Raises:
        InputError: A source can't be read or reached, or neither is given.
    """
    return freeze_backbones(_assembled(sources, from_hub))


def _assembled(sources: BackboneSources, from_hub: bool = True) -> Backbones:
    folders = BackboneSources(
        *(source and (source if source == RANDOM else _local(source, from_hub)) for source in sources)
    )
    tokenizers = [_tokenizer(source) for source in folders if source is not None]
    if not tokenizers:
        raise InputError("full-size backbones need a source of CLIP, of Kosmos-2, or of both")
    with seeded_initialisation(seed=0):
        clip, kosmos2 = _clip(folders.clip), _kosmos2(folders.kosmos2)
        if clip is None:
            clip = CLIPModel(_sized(compact_clip_config, kosmos2))
        if kosmos2 is None:
            kosmos2 = Kosmos2Model(_sized(compact_kosmos2_config, clip))
    config = BackbonesConfig(clip.config.to_dict(), kosmos2.config.to_dict(), FULL_PROMPT)
    with torch.device("meta"):  # shapes without memory; the loaded models are then put in
        backbones = Backbones(config, PromptEncoder(tokenizers[0], tokenizers[-1], FULL_PROMPT))
    backbones.clip_vision, backbones.clip_text, backbones.kosmos2 = clip.vision_model, clip.text_model, kosmos2
    return backbones


def build_full_system(row: SystemConfig, sources: BackboneSources, seed: int = 0) -> System:
    """Build a row at full scale: loaded backbones, which its checkpoint only refers to, and a fresh head.

    A CLIP of its own starts as a copy and is saved. A backbone that the row doesn't use needs no source.

    Raises:
        InputError: The row has no network, or a source is missing or can't be read.
    """
    if row.head is None:
        made_of = ", ".join(name for name, _ in row.members) or row.export_of
        raise InputError(f"'{row.name}' consists of other systems: build {made_of}")
    needed = BackboneSources(
        *(source if _uses_backbone(row.features, kind) else None for kind, source in _pairs(sources))
    )
    if set(needed) <= {RANDOM, None} and not row.own_clip:
        with torch.device("meta"):  # nothing to load: only the shapes matter
            backbones = _assembled(needed)
    else:
        backbones = load_full_backbones(needed)
    system = build_system(row, backbones, "full", seed)
    if not row.own_clip:
        # Absolute, since the checkpoint may be loaded from another working directory.
        system.backbones = BackboneSources(*(source and _local_name(source) for source in needed)).as_config()
    return system


def count_used_parameters(backbones: Backbones, features: Collection[str]) -> int:
    """Count the weights of all backbones that compute any of these features."""
    parts: dict[str, list[nn.Module]] = {
        "clip": [backbones.clip_vision, backbones.clip_text],
        "kosmos2": [backbones.kosmos2],
    }
    modules = [module for kind, found in parts.items() if _uses_backbone(features, kind) for module in found]
    return sum(weight.numel() for module in modules for weight in module.parameters())


def _uses_backbone(features: Collection[str], kind: str) -> bool:
    """Return whether any of the features is of this kind of backbone, "clip" or "kosmos2"."""
    return any(name.startswith(kind) for name in features)


def _pairs(sources: BackboneSources) -> list[tuple[str, WeightsSource | None]]:
    return list(zip(BackboneSources._fields, sources, strict=True))


def _clip(source: WeightsSource | None) -> CLIPModel | None:
    if source is None:
        return None
    if source == RANDOM:
        return CLIPModel(CLIPConfig(text_config=_ids()))
    return load_clip(source)


def _kosmos2(source: WeightsSource | None) -> Kosmos2Model | None:
    if source is None:
        return None
    if source == RANDOM:
        return Kosmos2Model(Kosmos2Config(text_config=_ids()))
    return load_kosmos2(source)


def _sized(compact: Callable[..., ConfigT], like: Any) -> ConfigT:
    """Build a compact config whose vision tower takes pictures of another model's size."""
    config: Any = compact(**special_token_ids(_tokenizer(RANDOM)))
    config.vision_config.image_size = like.config.vision_config.image_size
    return cast(ConfigT, config)


def _ids() -> dict[str, int]:
    """Return the special token ids of the tokenizer for fresh weights."""
    ids = special_token_ids(_tokenizer(RANDOM))
    return {f"{name}_token_id": ids[name] for name in ("pad", "bos", "eos")}


def _tokenizer(source: WeightsSource) -> PreTrainedTokenizerBase:
    return build_tokenizer([], LOCATIONS) if source == RANDOM else load_tokenizer(Path(source.name))


def _local_name(source: WeightsSource) -> WeightsSource:
    """Return a local folder with its absolute path, and any other source unchanged."""
    return (
        WeightsSource(str(Path(source.name).resolve())) if source != RANDOM and Path(source.name).is_dir() else source
    )


def _local(source: WeightsSource, from_hub: bool) -> WeightsSource:
    """Return a local folder; a hub repository is downloaded once, at the pinned revision, if that is allowed."""
    if Path(source.name).is_dir():
        return _local_name(source)
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return WeightsSource(
            snapshot_download(
                source.name, revision=source.revision, allow_patterns=list(FILES), local_files_only=not from_hub
            )
        )
    except (OSError, HfHubHTTPError, HFValidationError, LocalEntryNotFoundError) as error:
        if not from_hub:
            at = "" if source.revision is None else f" --revision {source.revision}"
            raise InputError(
                f"the checkpoint needs the weights of '{source.name}', which aren't on this machine, and a file can't "
                f"have them downloaded: do so by 'hf download {source.name}{at}' if you trust it"
            ) from error
        raise InputError(
            f"no weights at '{source.name}': {str(error).splitlines()[0]}; "
            "give a folder that save_pretrained wrote, or the name of a hub repository that can be reached"
        ) from error
