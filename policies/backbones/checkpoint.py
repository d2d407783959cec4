"""What all checkpoints of ours are: config.json, model.safetensors in half precision, and the tokenizer(s)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from policies.backbones.text.prompts import PromptEncoder
from policies.backbones.text.tokenizer import load_tokenizer
from scenarios.common.errors import InputError

WEIGHTS, CONFIG, CLIP_TOKENIZER = "model.safetensors", "config.json", "clip_tokenizer"


def save_checkpoint(
    model: nn.Module, config: Mapping[str, Any], prompts: PromptEncoder | None, folder: Path | str
) -> None:
    """Write a checkpoint; ``config`` must say its 'model_type'."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: value.detach().to(torch.float16).contiguous() for name, value in model.state_dict().items()}
    save_file(weights, folder / WEIGHTS, metadata={"format": "pt"})
    (folder / WEIGHTS).chmod(0o644)  # safetensors leaves it to its owner alone
    (folder / CONFIG).write_text(json.dumps(config, indent=1, default=str) + "\n")
    if prompts is None:
        return
    prompts.kosmos2.save_pretrained(str(folder))
    if prompts.clip is not prompts.kosmos2:
        prompts.clip.save_pretrained(str(folder / CLIP_TOKENIZER))


@contextmanager
def open_checkpoint(folder: Path, model_type: str) -> Iterator[dict[str, Any]]:
    """A checkpoint's config, but for 'model_type'; within, its model is built and its weights are loaded.

    Raises:
        InputError: a file is missing, damaged, or of another kind of model.
    """
    try:
        values = json.loads((folder / CONFIG).read_text())
        if values.pop("model_type", None) != model_type:
            raise InputError(f"{folder / CONFIG} is of another kind of model: its 'model_type' must be '{model_type}'")
        yield values
    except InputError:
        raise
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"checkpoint {folder} can't be read: {reason}; give a folder that training wrote") from error


def load_weights(model: nn.Module, folder: Path) -> None:
    """Put a checkpoint's weights into a model, in float32."""
    model.load_state_dict({name: value.to(torch.float32) for name, value in load_file(folder / WEIGHTS).items()})


def load_prompts(folder: Path, length: int) -> PromptEncoder:
    """A checkpoint's tokenizers; InputError if they can't be read."""
    kosmos2 = load_tokenizer(folder)
    clip = load_tokenizer(folder / CLIP_TOKENIZER) if (folder / CLIP_TOKENIZER).is_dir() else kosmos2
    return PromptEncoder(clip, kosmos2, length)
