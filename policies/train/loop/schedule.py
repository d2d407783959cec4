"""Learning-rate schedule of pretraining and cloning: linear warm-up, cosine decay."""

from __future__ import annotations

import math


def warmup_cosine(step: int, total: int, warmup: int, floor: float = 0.0) -> float:
    """Return the share of the peak learning rate at a step: linear rise over ``warmup`` steps, cosine to ``floor``."""
    rise = min(1.0, (step + 1) / max(1, warmup))
    fall = 0.5 * (1.0 + math.cos(math.pi * min(1.0, step / max(1, total))))
    return rise * (floor + (1.0 - floor) * fall)
