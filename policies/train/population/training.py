"""Training of the units that have weights of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from policies.backbones.backbones import Backbones
from policies.systems.network import System, build_system
from policies.systems.table import find_trained_rows
from policies.train.backbones import train_backbones
from policies.train.blind.network import train_blind_network
from policies.train.collection import RecipeRun
from policies.train.data.feature_cache import subsample_features
from policies.train.data.splits import TrainValidationData, check_splits
from policies.train.demonstrations import load_demonstrations
from policies.train.hybrid import load_hybrid_data, stage_folder, train_hybrid
from policies.train.loop.log import log_stage
from policies.train.loop.run_config import save_or_verify_config
from policies.train.loop.stages import publish_checkpoint, train_once
from policies.train.loop.trainer import OptimizerConfig
from policies.train.population.demonstrations import select_demonstrations
from policies.train.population.units.plan import ALONG, ALONG_SEED, FIRST
from policies.train.population.units.unit import BLIND, HYBRID, REFERENCE, PopulationUnit
from policies.train.recipe import Recipe
from policies.train.reference.recipe import ReferenceRecipe
from policies.train.reference.training import train_reference
from policies.train.systems import DATA_SETS, build_system_task, train_named, train_system
from policies.train.tasks.cloning import CloneOptions
from policies.train.tasks.system_cloning import FeatureTask, SystemTask

FOLDER = "population"  # in the work folder
SEED_STEP = 100  # a recipe of several stages uses seeds up to this far from its first


def make_training_job(unit: PopulationUnit, recipe: Recipe, out: Path, run: RecipeRun) -> Callable[[], object]:
    """Return what trains a unit into the folder ``out``, once; an interrupted training is resumed."""
    if unit.recipe == REFERENCE:
        kept = find_kept_folders(unit, run)
        return partial(train_reference, ReferenceRecipe(), recipe.families, out, run, unit.training_seed, kept)
    if unit.recipe == HYBRID:
        suffix = "" if unit.training_seed == FIRST else f"-{unit.training_seed}"
        return partial(train_hybrid, shift_seeds(recipe, unit.training_seed), out, run, suffix)
    if unit.recipe == BLIND:
        return partial(train_blind_network, recipe, out, None, run, unit.training_seed)
    if unit.recipe in find_trained_rows() and unit.training_seed == FIRST:
        return partial(train_named, unit.recipe, recipe, out, None, run)
    return partial(train_row, unit, recipe, out, run)


def shift_seeds(recipe: Recipe, seed: int) -> Recipe:
    """Return the hybrid's recipe with other seeds of weights and batches: a retrain on the same recordings' scenes."""
    shift = SEED_STEP * (seed - FIRST)

    def moved(options: CloneOptions) -> CloneOptions:
        return replace(options, course=replace(options.course, seed=options.course.seed + shift))

    return replace(
        recipe, cloning=moved(recipe.cloning), round_cloning=moved(recipe.round_cloning), finish=moved(recipe.finish)
    )


def train_row(unit: PopulationUnit, recipe: Recipe, out: Path, run: RecipeRun) -> None:
    """Train the row of a unit with its seed, and keep copies along the training where checkpoints are made of them."""
    folder = run.work / FOLDER / unit.name
    assert unit.row is not None
    described = unit.describe()
    settings = {name: described[name] for name in ("row", "training_seed", "demonstrations", "with_recoveries")}
    save_or_verify_config(folder, {**settings, "epochs": unit.row.epochs})
    train_once(folder, lambda: _train(unit, recipe, folder, run))
    publish_checkpoint(folder, out)
    run.console.print(f"saved {unit.name} to {out}")


def _train(unit: PopulationUnit, recipe: Recipe, folder: Path, run: RecipeRun) -> None:
    assert unit.row is not None
    backbones = train_backbones(recipe, load_demonstrations(recipe, run), run)
    data = (DATA_SETS[unit.row.data] if unit.with_recoveries else load_hybrid_data)(recipe, run)
    check_splits(data)
    kept = find_kept_folders(unit, run)
    with log_stage(unit.name, run):
        course = OptimizerConfig(unit.row.epochs, seed=unit.training_seed)
        train_system(build_unit_task(unit, backbones, data, run), course, folder, run, kept)


def build_unit_task(
    unit: PopulationUnit, backbones: Backbones, data: TrainValidationData, run: RecipeRun
) -> SystemTask:
    """Build the task of a unit's row with fresh weights, on the part of the demonstrations that it learns from."""
    assert unit.row is not None
    system: System = build_system(unit.row, backbones, seed=unit.training_seed).to(run.device)
    task = build_system_task(system, backbones, data, run, unit.training_seed)
    if unit.demonstrations:
        assert isinstance(task, FeatureTask)
        task.train = select_demonstrations(task.train, unit.demonstrations)
        system.standardize_by(subsample_features(task.train, unit.row.features))
    return task


def find_kept_folders(unit: PopulationUnit, run: RecipeRun) -> dict[int, Path]:
    """Return the folders of the copies to keep of a unit, by the epochs after which they are made."""
    if unit.training_seed != ALONG_SEED:
        return {}
    return {epoch: kept_folder(unit.name, epoch, run) for epoch in ALONG.get(unit.recipe, ())}


def kept_folder(name: str, epoch: int, run: RecipeRun) -> Path:
    """Return the folder of the copy that is kept of a unit after an epoch."""
    return run.work / FOLDER / "along" / f"{name}-epoch-{epoch}"


def find_checkpoint_folder(unit: PopulationUnit, run: RecipeRun) -> Path:
    """Return the folder in the work folder that a unit of kind "checkpoint" is a copy of."""
    stage = unit.name.removeprefix(f"{unit.parents[0]}-")
    if unit.recipe == HYBRID:
        return stage_folder(stage, run)
    return kept_folder(unit.parents[0], unit.training_step, run)
