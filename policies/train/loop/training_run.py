"""Folders, device and console of a training run, passed from the command line to each stage."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from rich.console import Console


@dataclass(frozen=True)
class TrainingRun:
    """Settings that all stages of a run share, and that don't affect the result."""

    work: Path
    """Folder for intermediate checkpoints, logs and the plan file; a run can be resumed from it."""
    cache: Path
    """Folder for decoded frames and computed features; runs can share it."""
    device: torch.device
    """Device to train on."""
    console: Console
    """Console to print progress on."""

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "console": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        # A copy in another process prints lines to the same terminal, but no progress bars, which would overlap.
        self.__dict__.update(state, console=Console(stderr=True, force_terminal=False, soft_wrap=True, markup=False))
