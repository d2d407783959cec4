"""Expected time and size of the units: pure arithmetic on paces that were measured over some steps."""

from __future__ import annotations

from policies.systems.table import SystemConfig
from policies.train.population.units.unit import BLIND, HYBRID, REFERENCE, PopulationUnit

# Milliseconds of one thread for a training step. How they were measured: docs/explanation/training.md.
OWN_CLIP_MS, RESAMPLER_MS, LSTM_LAYER_MS = 270.0, 120.0, 6.0
HEAD_MS = {"mlp": 3.0, "robovlms": 80.0, "claw": 95.0}
PIXEL_FRAMES, SINGLE_FRAMES, WINDOWED_FRAMES = 128, 128, 144  # in a step
COMMON_FRAMES, DEMONSTRATION_FRAMES = 214_000, 177_000  # of all families, with and without recoveries
STRIDE, COPIES = 3, 2  # a system with its own CLIP learns from every third frame, and augmented from two copies
TELEOP_STEPS = 40  # in an epoch
STAGED_MINUTES = {HYBRID: 75.0, BLIND: 6.0, REFERENCE: 53.0}
COPY_MINUTES, EXPORT_MINUTES = 0.02, 0.5
STAGED_MB = {HYBRID: 3.3, BLIND: 0.4, REFERENCE: 5.1}
OWN_CLIP_MB, HEAD_MB, LINK_MB = 1.6, 1.1, 0.01


def estimate_cpu_minutes(unit: PopulationUnit) -> float:
    """Estimate the minutes of one thread that a unit takes once recordings, backbones and features are there."""
    if unit.kind != "trained":
        return EXPORT_MINUTES if unit.kind == "onnx" else COPY_MINUTES
    if unit.row is None:
        return STAGED_MINUTES[unit.recipe]
    return unit.row.epochs * _count_steps(unit, unit.row) * _measure_step(unit.row) / 60_000.0


def _count_steps(unit: PopulationUnit, row: SystemConfig) -> float:
    """Estimate the steps of an epoch; fewer demonstrations are repeated, so their number doesn't matter."""
    if row.data != "common":
        return TELEOP_STEPS
    frames = COMMON_FRAMES if unit.with_recoveries else DEMONSTRATION_FRAMES
    if row.own_clip:
        return frames / STRIDE * (1 if row.augmentation == "none" else COPIES) / PIXEL_FRAMES
    return frames / (SINGLE_FRAMES if row.window == 1 else WINDOWED_FRAMES)


def _measure_step(row: SystemConfig) -> float:
    """Return the milliseconds of a step, as its most expensive part has it."""
    assert row.head is not None
    if row.own_clip:
        return OWN_CLIP_MS
    if row.resampler:
        return RESAMPLER_MS
    return HEAD_MS.get(row.head.kind, LSTM_LAYER_MS * row.head.layers)


def estimate_megabytes(unit: PopulationUnit) -> float:
    """Estimate the size of a unit's folder."""
    if unit.kind in ("degraded", "ensemble", "compiled"):
        return LINK_MB
    if unit.family in STAGED_MB:
        return STAGED_MB[unit.family]
    return OWN_CLIP_MB if unit.row is not None and unit.row.own_clip else HEAD_MB
