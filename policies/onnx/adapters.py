"""What of each kind of trained policy becomes a file: a module with one interface, and the facts beside it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch
from torch import nn

from policies.backbones.prompts import Prompts
from policies.policy import PolicySpec
from scenarios.errors import InputError


class Exportable(NamedTuple):
    """A trained policy, ready to be made into a file."""

    kind: str
    module: nn.Module
    """forward(pixels (1, H, W, 3) uint8, clip_ids (1, length), kosmos2_ids (1, length), lengths (1,), state)
    -> (actions (1, chunk, axes), state), in evaluation mode."""
    prompts: Prompts
    spec: PolicySpec
    state: torch.Tensor
    """Before the first frame: zeros, for one robot."""


def _hybrid(folder: Path, name: str) -> Exportable:
    from policies.neural import NeuralPolicy

    policy = NeuralPolicy.load(folder, name)
    policy.model.backbones.attend_by("eager")  # plain products and softmax, which every runtime has
    return Exportable("hybrid", policy.model, policy.model.prompts, policy.spec, policy.model.initial_state(1))


ADAPTERS: dict[str, Callable[[Path, str], Exportable]] = {"hybrid": _hybrid}
"""By the ``model_type`` of a checkpoint's config.json. Another kind is another row."""


def exportable(folder: Path, name: str) -> Exportable:
    """The policy in a checkpoint folder.

    Raises:
        InputError: there is no checkpoint, it can't be read, or nobody knows how to export its kind.
    """
    try:
        kind = json.loads((folder / "config.json").read_text())["model_type"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"'{name}' is no trained policy: a checkpoint folder with a config.json that names its model_type is needed"
        ) from error
    if kind not in ADAPTERS:
        raise InputError(f"'{name}' is a '{kind}', which can't be exported: known are {', '.join(ADAPTERS)}")
    return ADAPTERS[kind](folder, name)
