"""Checkpoint folders: config.json, model.safetensors in half precision, and the tokenizer(s)."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar, Self

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from policies.backbones.text.prompts import PromptEncoder
from policies.backbones.text.tokenizer import load_tokenizer
from scenarios.common.errors import InputError

ATTENTION, ATTENTION_KERNELS = "attn_implementation", ("eager", "sdpa")
WEIGHTS, CONFIG, CLIP_TOKENIZER = "model.safetensors", "config.json", "clip_tokenizer"


class PretrainedModule(nn.Module, ABC):
    """A network that is saved to a checkpoint folder and loaded from it, as transformers' models are."""

    model_type: ClassVar[str]
    """The 'model_type' of this kind of model in config.json."""

    @property
    def parameter_count(self) -> int:
        """The number of weights."""
        return sum(weight.numel() for weight in self.parameters())

    @abstractmethod
    def checkpoint_config(self) -> dict[str, Any]:
        """Return the entries of config.json besides 'model_type'."""

    def checkpoint_prompts(self) -> PromptEncoder | None:
        """Return the tokenizers to save beside the weights; None unless a network has some."""
        return None

    @classmethod
    @abstractmethod
    def from_checkpoint_config(cls, config: dict[str, Any], folder: Path) -> Self:
        """Build the network that ``checkpoint_config`` describes; its weights are loaded afterwards."""

    def save_pretrained(self, folder: Path | str) -> None:
        """Write config.json, model.safetensors (half precision) and the tokenizer(s)."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        weights = {name: _convert(value, torch.float16).contiguous() for name, value in self.state_dict().items()}
        save_file(weights, folder / WEIGHTS, metadata={"format": "pt"})
        (folder / WEIGHTS).chmod(0o644)  # safetensors makes it readable by its owner only
        config = {**self.checkpoint_config(), "model_type": self.model_type}
        (folder / CONFIG).write_text(json.dumps(config, indent=1, default=str) + "\n")
        if (prompts := self.checkpoint_prompts()) is None:
            return
        prompts.kosmos2.save_pretrained(str(folder))
        if prompts.clip is not prompts.kosmos2:
            prompts.clip.save_pretrained(str(folder / CLIP_TOKENIZER))

    @classmethod
    def from_pretrained(cls, folder: Path | str) -> Self:
        """Load what ``save_pretrained`` wrote, as float32 and in evaluation mode.

        Raises:
            InputError: A file is missing, damaged, or of another kind of model.
        """
        folder = Path(folder)
        with _open_checkpoint(folder, cls.model_type) as config:
            model = cls.from_checkpoint_config(config, folder)
            weights = load_file(folder / WEIGHTS)
            model.load_state_dict({name: _convert(value, torch.float32) for name, value in weights.items()})
        return model.eval()


class ConfiguredModule(PretrainedModule):
    """A network that a dataclass describes: it is what config.json contains.

    Attributes:
        config: The dataclass.
    """

    config: Any

    def checkpoint_config(self) -> dict[str, Any]:
        return asdict(self.config)


def _convert(value: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """Convert weights; counts, such as those of a batch norm, stay whole numbers."""
    return value.detach().to(dtype) if value.is_floating_point() else value.detach()


def refuse_foreign_code(config: object, file: Path, under: str = "") -> None:
    """Check that no entry of a config lets transformers fetch or run code.

    An attention kernel may be the name of a repository of the hub, whose code transformers would run.

    Args:
        config: The config, or a part of it.
        file: Its file, for errors.
        under: Key of the part.

    Raises:
        InputError: One does.
    """
    if isinstance(config, dict):
        for key, value in config.items():
            if key == "auto_map":
                raise InputError(f"{file} asks for code of its own ('auto_map'), which isn't run: remove the entry")
            refuse_foreign_code(value, file, under if ATTENTION in under else str(key))
    elif isinstance(config, list):
        for value in config:
            refuse_foreign_code(value, file, under)
    elif ATTENTION in under and isinstance(config, str) and config not in ATTENTION_KERNELS:
        allowed = " and ".join(f"'{kernel}'" for kernel in ATTENTION_KERNELS)
        raise InputError(
            f"{file}: '{under}' is '{config}', and only {allowed} are allowed, since others can be code from the hub"
        )


@contextmanager
def _open_checkpoint(folder: Path, model_type: str) -> Iterator[dict[str, Any]]:
    """Read a checkpoint's config without 'model_type', and report errors while the model is built and loaded within.

    Raises:
        InputError: A file is missing, damaged, or of another kind of model.
    """
    try:
        values = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        refuse_foreign_code(values, folder / CONFIG)
        if values.pop("model_type", None) != model_type:
            raise InputError(
                f"{folder / CONFIG} describes another kind of model: its 'model_type' must be '{model_type}'"
            )
        yield values
    except InputError:
        raise
    except Exception as error:  # a damaged file may make any library raise anything
        reason = " ".join(str(error).strip().split("\n")[0].split()) or type(error).__name__
        raise InputError(f"checkpoint {folder} can't be read: {reason}; choose a folder that training wrote") from error


def load_prompts(folder: Path, length: int) -> PromptEncoder:
    """Load a checkpoint's tokenizers.

    Args:
        folder: The checkpoint.
        length: Token ids per instruction.

    Raises:
        InputError: They can't be read.
    """
    kosmos2 = load_tokenizer(folder)
    clip = load_tokenizer(folder / CLIP_TOKENIZER) if (folder / CLIP_TOKENIZER).is_dir() else kosmos2
    return PromptEncoder(clip, kosmos2, length)
