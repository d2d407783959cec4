"""Folders, device and console of a training run, passed from the command line to each stage."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

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
