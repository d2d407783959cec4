"""Units that are made from others without training: checkpoints, degraded copies, ensembles, exports."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from policies.backbones.checkpoint import WEIGHTS
from policies.derived.degraded import save_degraded
from policies.derived.ensemble import save_ensemble
from policies.train.collection import RecipeRun
from policies.train.loop.stages import publish_checkpoint
from policies.train.population.training import find_checkpoint_folder
from policies.train.population.units.unit import PopulationUnit, UnitKind
from scenarios.common.errors import InputError
from scenarios.common.files import create_folder
from scenarios.common.seeding import make_generator


def make_copy(unit: PopulationUnit, population: Path, run: RecipeRun) -> None:
    """Make a unit that isn't trained, in its folder below ``population``, where its parents are.

    Raises:
        InputError: The training of its parent left nothing to make it from.
    """
    _MAKERS[unit.kind](unit, population, run)


def add_noise(folder: Path, level: float, rng: np.random.Generator) -> None:
    """Add normal noise to each matrix of a checkpoint's own weights.

    Args:
        folder: Changed in place; in half precision before and after.
        level: Standard deviation of the noise, as a share of that of the matrix.
        rng: Draws the matrices' noise in the order of their names.
    """
    weights = load_file(folder / WEIGHTS)
    for name in sorted(weights):
        value = weights[name].float()
        if value.ndim > 1:  # others are biases, scales of norms, and statistics of the data
            drawn = torch.from_numpy(rng.standard_normal(tuple(value.shape), dtype=np.float32))
            weights[name] = (value + level * value.std() * drawn).half()
    save_file(weights, folder / WEIGHTS, metadata={"format": "pt"})
    (folder / WEIGHTS).chmod(0o644)


def _copy_checkpoint(unit: PopulationUnit, population: Path, run: RecipeRun) -> None:
    folder = find_checkpoint_folder(unit, run)
    if not folder.is_dir():
        raise InputError(
            f"unit '{unit.name}' needs '{folder}', which the training of '{unit.parents[0]}' left out: delete "
            f"'{run.work / 'population' / unit.parents[0]}' to train it again"
        )
    publish_checkpoint(folder, population / unit.name)


def _copy_with_noise(unit: PopulationUnit, population: Path, run: RecipeRun) -> None:
    with create_folder(population / unit.name) as partial:
        shutil.copytree(population / unit.parents[0], partial, dirs_exist_ok=True)
        level = float(unit.degradation.split("=")[1])
        add_noise(partial, level, make_generator(unit.training_seed, f"noise/{unit.name}"))


def _write_degraded(unit: PopulationUnit, population: Path, run: RecipeRun) -> None:
    with create_folder(population / unit.name) as partial:
        save_degraded(partial, unit.parents[0], unit.degradation)


def _write_ensemble(unit: PopulationUnit, population: Path, run: RecipeRun) -> None:
    with create_folder(population / unit.name) as partial:
        save_ensemble(partial, unit.parents, unit.weights)


def _export(unit: PopulationUnit, population: Path, run: RecipeRun) -> None:
    from policies.export.onnx_file import export_policy

    with create_folder(population / unit.name) as partial:
        file = partial / Path(unit.policy).name
        run.console.print(export_policy(str(population / unit.parents[0]), file, "fp16"))


def _make_nothing(unit: PopulationUnit, population: Path, run: RecipeRun) -> None:
    """Make nothing: it is its parent, driven with flags."""


_MAKERS: dict[UnitKind, Callable[[PopulationUnit, Path, RecipeRun], None]] = {
    "checkpoint": _copy_checkpoint,
    "noise": _copy_with_noise,
    "degraded": _write_degraded,
    "ensemble": _write_ensemble,
    "onnx": _export,
    "compiled": _make_nothing,
}
