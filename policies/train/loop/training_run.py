"""Where a run works and by what: handed from the command line down to each stage."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from rich.console import Console


@dataclass(frozen=True)
class TrainingRun:
    """What all stages of one run share, and what no result depends on."""

    work: Path
    """Folder of intermediate checkpoints, logs and the plan; a later run goes on from what it contains."""
    cache: Path
    """Folder of decoded frames and computed features, which other runs may share."""
    device: torch.device
    """What trains."""
    console: Console
    """Where progress is printed."""
