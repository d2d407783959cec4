"""Resumable recipe of the hybrid: demonstrations, backbones, cloning, DAgger rounds, final training on all data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from policies.hybrid.build import build_hybrid_from_backbones
from policies.hybrid.network import Hybrid
from policies.train.backbones import train_backbones
from policies.train.collection import RecipeRun
from policies.train.data.frame_store import FrameStore
from policies.train.data.splits import TrainValidationData
from policies.train.demonstrations import load_demonstrations, load_recoveries, load_validation_set
from policies.train.loop.stages import publish_checkpoint, train_once
from policies.train.loop.training_run import TrainingRun
from policies.train.recipe import Recipe
from policies.train.tasks.cloning import CloneOptions, clone_behaviour

CLONED = "cloned"
REPLAY_STRIDE = 3  # a round trains on all recoveries and on one in this many demonstrations, different ones each time


def train_hybrid(recipe: Recipe, out: Path, run: RecipeRun, suffix: str = "") -> Hybrid:
    """Train a hybrid from scratch, or resume the run in ``run.work``.

    Args:
        out: Folder of the final checkpoint.
        suffix: Ends the names of the stages' folders, so that several hybrids can learn from one set.
    """
    data = load_hybrid_data(recipe, run)
    model, folder = train_cloned_hybrid(recipe, run, suffix), stage_folder(CLONED, run, suffix)
    recoveries: list[FrameStore] = []
    for number, episodes in enumerate(recipe.rounds, start=1):
        recoveries += load_recoveries(recipe, episodes, folder, run)
        replayed = [
            replace(store, episodes=store.episodes[number % REPLAY_STRIDE :: REPLAY_STRIDE]) for store in data.train
        ]
        folder = stage_folder(f"round-{number}", run, suffix)
        course = replace(recipe.round_cloning.course, seed=recipe.round_cloning.course.seed + number)
        options = replace(recipe.round_cloning, course=course)
        model = clone_once(model, replace(data, train=replayed + recoveries), options, folder, run)
    folder = stage_folder("finished", run, suffix)
    model = clone_once(model, replace(data, train=data.train + recoveries), recipe.finish, folder, run)
    publish_checkpoint(folder, out)
    run.console.print(f"saved the hybrid to {out}")
    return model


def load_hybrid_data(recipe: Recipe, run: RecipeRun) -> TrainValidationData:
    """Load the expert's episodes, which the hybrid is cloned from."""
    return TrainValidationData(load_demonstrations(recipe, run), load_validation_set(recipe, run))


def load_common_demonstrations(recipe: Recipe, run: RecipeRun) -> TrainValidationData:
    """Load the expert's episodes of each family, and recoveries from states that the cloned hybrid drove into.

    The recoveries are the recipe's first DAgger round. What is missing in ``run.work`` is recorded or trained first.
    """
    data = load_hybrid_data(recipe, run)
    train_cloned_hybrid(recipe, run)
    recoveries = load_recoveries(recipe, recipe.rounds[0], stage_folder(CLONED, run), run)
    return replace(data, train=data.train + recoveries)


def train_cloned_hybrid(recipe: Recipe, run: RecipeRun, suffix: str = "") -> Hybrid:
    """Clone the hybrid from the demonstrations alone, once, into the folder of the stage ``CLONED``."""
    data = load_hybrid_data(recipe, run)
    model = build_hybrid_from_backbones(train_backbones(recipe, data.train, run), recipe.cloning.course.seed)
    return clone_once(model, data, recipe.cloning, stage_folder(CLONED, run, suffix), run)


def stage_folder(stage: str, run: TrainingRun, suffix: str = "") -> Path:
    """Return the folder of a hybrid after a stage: ``CLONED``, before DAgger; then "round-1" and so on; "finished"."""
    return run.work / f"{stage}{suffix}"


def clone_once(
    model: Hybrid, data: TrainValidationData, options: CloneOptions, folder: Path, run: TrainingRun
) -> Hybrid:
    """Clone behaviour unless the stage's folder is complete, and return the hybrid in that folder."""
    train_once(folder, lambda: clone_behaviour(model, data, options, folder, run))
    return Hybrid.from_pretrained(folder)
