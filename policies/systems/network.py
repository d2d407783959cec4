"""The network of the systems: layers over each frame's features, and a head over the frames."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self, cast

import torch
from torch import nn

from policies.backbones.backbones import Backbones
from policies.backbones.checkpoint import PretrainedModule, load_prompts
from policies.backbones.seeded_weights import seeded_initialisation
from policies.backbones.text.prompts import PromptEncoder
from policies.modules.heads.claw_head import ClawHead
from policies.modules.heads.head import Head, HeadOutput
from policies.modules.heads.hybrid_head import HybridHead
from policies.modules.heads.lstm_head import LSTMHead
from policies.modules.heads.mlp_head import MLPHead
from policies.modules.heads.robovlms_head import RoboVLMsHead
from policies.modules.layers.clip_normalization import ClipNormalization
from policies.modules.layers.resampler import VisionResampler
from policies.modules.layers.standardization import Standardization
from policies.systems.finetuned_clip import FineTunedClip
from policies.systems.table import HeadConfig, SystemConfig, change_row, describe_changes

SHARED, OWN = "shared", "own"  # values of "backbones" in a checkpoint; at full scale it names their sources
COMPACT_SHARE, COMPACT_MIN, COMPACT_MAX = 4, 96, 192
KEPT_CHANNELS = 8  # per token of the resampler
PLACE_CHANNELS = 4  # per patch of Kosmos-2's tower, except for claws, which read all channels
TEXT_TOKENS = 1  # both text features are one vector per frame


def scale_width(width: int, scale: str) -> int:
    """Return a published width at "full" or "compact" scale."""
    if scale == "full":
        return width
    if scale == "compact":
        return max(COMPACT_MIN, min(COMPACT_MAX, width // COMPACT_SHARE))
    raise ValueError(f"unknown scale '{scale}': choose 'compact' or 'full'")


class System(PretrainedModule):
    """The trainable part of a row: resampler, normalization, fusion and head, and its own CLIP if it has one.

    In all rows, features of shared backbones are standardized first.

    Args:
        row: A row with a head.
        scale: "compact" or "full".
        widths: Feature name -> channels, as ``Backbones.widths``.
        own_clip: The CLIP of rows that fine-tune one.

    Attributes:
        features: Names of the features that ``forward`` takes.
        backbones: "shared", "own", or the sources of full-size backbones, as in ``config.json``.
        backbones_digest: ``compute_backbones_digest`` of the shared backbones that it needs; empty if none.

    Raises:
        ValueError: The row has no head, or ``own_clip`` is missing or superfluous.
    """

    model_type = "system"

    def __init__(
        self, row: SystemConfig, scale: str, widths: Mapping[str, int], own_clip: FineTunedClip | None = None
    ) -> None:
        super().__init__()
        if row.head is None:
            raise ValueError(f"'{row.name}' has no network of its own: it consists of other systems")
        if row.own_clip != (own_clip is not None):
            raise ValueError(f"'{row.name}' {'needs a' if row.own_clip else 'takes no'} CLIP of its own")
        self.row = row
        self.scale = scale
        self.widths = dict(widths)
        self.features = row.features
        self.own_clip = own_clip
        self.backbones: str | dict[str, Any] = OWN if row.own_clip else SHARED
        self.backbones_digest = ""
        # Features of a fine-tuned CLIP have no fixed mean and standard deviation.
        fixed = () if row.own_clip else row.features
        self.standardization = nn.ModuleDict({name: Standardization(widths[name]) for name in fixed})
        clip_width = widths["clip_vision"]
        self.resampler = VisionResampler(clip_width, keep=row.resampler) if row.resampler else None
        # A mean over the queries would lose which query found an object, and so where it is.
        self.kept = nn.Linear(clip_width, KEPT_CHANNELS) if row.resampler else None
        # A pooled feature tells what is visible, but hardly where; driving needs to know where.
        self.places = nn.Linear(widths["kosmos2_tokens"], PLACE_CHANNELS) if _keeps_patch_channels(row) else None
        self.normalization = ClipNormalization(clip_width) if row.normalization else None
        width = sum(_channels(row, name, widths) for name in row.features)
        self.fusion = None
        if row.fusion:
            fused = scale_width(row.fusion, scale)
            self.fusion = nn.Sequential(nn.Linear(width, fused), nn.GELU())
            width = fused
        self.head: Head = _HEADS[row.head.kind](row, row.head, scale, width, widths)

    def initial_state(self, slots: int) -> torch.Tensor:
        """Return the head's memory of ``slots`` new episodes, (slots, ...)."""
        return self.head.initial_state(slots)

    def standardize_by(self, features: Mapping[str, torch.Tensor]) -> None:
        """Fit the standardization of every feature to its values on frames (n, ...)."""
        for name, part in self.standardization.items():
            cast(Standardization, part).fit(features[name])

    def frames(self, features: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Compute the head's input for each frame, (b, t, f), from features (b, t, ...)."""
        parts = []
        for name in self.features:
            value = features[name]
            if name in self.standardization:
                value = self.standardization[name](value)
            if name in ("clip_tokens", "clip_vision") and self.normalization is not None:
                value = self.normalization(value)
            if self.resampler is not None and self.kept is not None and name == "clip_tokens":
                value = self.kept(self.resampler(value.flatten(0, 1))).unflatten(0, value.shape[:2])
            if self.places is not None and name == "kosmos2_tokens":
                parts.append(value[:, :, 0])  # the whole frame's
                value = self.places(value[:, :, 1:])
            parts.append(value.flatten(2))
        joined = torch.cat(parts, dim=-1)
        return joined if self.fusion is None else self.fusion(joined)

    def forward(self, features: Mapping[str, torch.Tensor], state: torch.Tensor) -> HeadOutput:
        """Compute the actions for t consecutive frames of b episodes.

        Args:
            features: Name -> (b, t, ...), at least ``self.features``.
            state: From ``initial_state`` or the previous output.
        """
        output: HeadOutput = self.head(self.frames(features), state)
        return output

    def checkpoint_config(self) -> dict[str, Any]:
        config: dict[str, Any] = {
            "name": self.row.name,
            "scale": self.scale,
            "backbones": self.backbones,
            "backbones_digest": self.backbones_digest,
            "widths": self.widths,
        }
        if changes := describe_changes(self.row):
            config["changes"] = changes
        if self.own_clip is not None:
            config |= {"clip": self.own_clip.config, "prompt_length": self.own_clip.prompts.length}
        return config

    def checkpoint_prompts(self) -> PromptEncoder | None:
        return None if self.own_clip is None else self.own_clip.prompts

    @classmethod
    def from_checkpoint_config(cls, config: dict[str, Any], folder: Path) -> Self:
        """Build the network that ``checkpoint_config`` describes, without reading shared backbones."""
        own = None
        if "clip" in config:
            own = FineTunedClip(config["clip"], load_prompts(folder, config["prompt_length"]))
        row = change_row(config["name"], config.get("changes", {}))
        system = cls(row, config["scale"], config["widths"], own)
        system.backbones, system.backbones_digest = config["backbones"], config["backbones_digest"]
        return system


def build_system(row: SystemConfig, backbones: Backbones, scale: str = "compact", seed: int = 0) -> System:
    """Build a row with fresh weights for given backbones, equal for equal seeds; its own CLIP starts as a copy."""
    with seeded_initialisation(seed):
        own = FineTunedClip.from_backbones(backbones) if row.own_clip else None
        system = System(row, scale, backbones.widths, own)
    if system.backbones == SHARED and scale == "compact":
        system.backbones_digest = compute_backbones_digest(backbones)
    return system


def compute_backbones_digest(backbones: Backbones) -> str:
    """Compute a digest of backbones' weights, equal before and after they are saved in half precision."""
    found = hashlib.sha256()
    for name, value in sorted(backbones.state_dict().items()):
        found.update(name.encode())
        found.update(value.detach().to(torch.float16).contiguous().cpu().numpy().tobytes())
    return found.hexdigest()[:16]


def _tokens(name: str, widths: Mapping[str, int]) -> int:
    """Return the number of vectors of ``widths[name]`` channels in a frame's feature at the head."""
    return 1 + widths["kosmos2_pointing"] if name == "kosmos2_tokens" else 1


def _keeps_patch_channels(row: SystemConfig) -> bool:
    """Return whether the row keeps only a few channels of Kosmos-2's patches; a claw reads all channels."""
    return "kosmos2_tokens" in row.features and row.head is not None and row.head.kind != "claw"


def _channels(row: SystemConfig, name: str, widths: Mapping[str, int]) -> int:
    """Return the number of channels of a feature in the head's input for a frame."""
    if name == "clip_tokens":
        if not row.resampler:
            raise ValueError(f"'{row.name}' takes CLIP's tokens without a resampler")
        return KEPT_CHANNELS * row.resampler
    if name == "kosmos2_tokens" and _keeps_patch_channels(row):
        return widths[name] + PLACE_CHANNELS * (_tokens(name, widths) - 1)
    return widths[name] * _tokens(name, widths)


def _lstm(row: SystemConfig, plan: HeadConfig, scale: str, features: int, widths: Mapping[str, int]) -> Head:
    hidden = _hidden(plan, scale)
    width = scale_width(plan.width, scale)
    return LSTMHead(features, width=width, layers=plan.layers, hidden=hidden, axes=row.axes, chunk=row.chunk)


def _mlp(row: SystemConfig, plan: HeadConfig, scale: str, features: int, widths: Mapping[str, int]) -> Head:
    return MLPHead(features, hidden=_hidden(plan, scale), axes=row.axes, chunk=row.chunk)


def _hybrid(row: SystemConfig, plan: HeadConfig, scale: str, features: int, widths: Mapping[str, int]) -> Head:
    return HybridHead(
        features,
        project=scale_width(plan.project, scale),
        width=scale_width(plan.width, scale),
        layers=plan.layers,
        hidden=_hidden(plan, scale),
        axes=row.axes,
        chunk=row.chunk,
    )


def _robovlms(row: SystemConfig, plan: HeadConfig, scale: str, features: int, widths: Mapping[str, int]) -> Head:
    return RoboVLMsHead(
        features,
        width=scale_width(plan.width, scale),
        layers=plan.layers,
        hidden=_hidden(plan, scale),
        axes=row.axes,
        window=row.window,
        chunk=row.chunk,
    )


def _claw(row: SystemConfig, plan: HeadConfig, scale: str, features: int, widths: Mapping[str, int]) -> Head:
    vision, language = row.features
    return ClawHead(
        widths[vision],
        widths[language],
        width=scale_width(plan.width, scale),
        window=row.window,
        hidden=_hidden(plan, scale),
        axes=row.axes,
        chunk=row.chunk,
        planner=plan.planner,
        distances=plan.distances,
        vision_tokens=_tokens(vision, widths),
        language_tokens=TEXT_TOKENS,
    )


def _hidden(plan: HeadConfig, scale: str) -> tuple[int, ...]:
    return tuple(scale_width(width, scale) for width in plan.hidden)


_HEADS: dict[str, Callable[[SystemConfig, HeadConfig, str, int, Mapping[str, int]], Head]] = {
    "lstm": _lstm,
    "mlp": _mlp,
    "hybrid": _hybrid,
    "robovlms": _robovlms,
    "claw": _claw,
}
