"""The recipe of the hybrid: demonstrations, backbones, cloning, DAgger, a finish over everything; resumable."""

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

REPLAY_STRIDE = 3  # a round learns every recovery, and the demonstrations by turns: one in so many


def train_hybrid(recipe: Recipe, out: Path, run: RecipeRun) -> Hybrid:
    """Make a hybrid from nothing, or go on with what ``run.work`` contains.

    Args:
        out: The final checkpoint's folder.
    """
    data = load_hybrid_data(recipe, run)
    model, folder = train_cloned_hybrid(recipe, run), cloned_hybrid_folder(run)
    recoveries: list[FrameStore] = []
    for number, episodes in enumerate(recipe.rounds, start=1):
        recoveries += load_recoveries(recipe, episodes, folder, run)
        replayed = [
            replace(store, episodes=store.episodes[number % REPLAY_STRIDE :: REPLAY_STRIDE]) for store in data.train
        ]
        folder = run.work / f"round-{number}"
        course = replace(recipe.round_cloning.course, seed=recipe.round_cloning.course.seed + number)
        options = replace(recipe.round_cloning, course=course)
        model = clone_once(model, replace(data, train=replayed + recoveries), options, folder, run)
    folder = run.work / "finished"
    model = clone_once(model, replace(data, train=data.train + recoveries), recipe.finish, folder, run)
    publish_checkpoint(folder, out)
    run.console.print(f"the hybrid is in {out}")
    return model


def load_hybrid_data(recipe: Recipe, run: RecipeRun) -> TrainValidationData:
    """Load what the hybrid is cloned from: the expert's episodes."""
    return TrainValidationData(load_demonstrations(recipe, run), load_validation_set(recipe, run))


def load_common_demonstrations(recipe: Recipe, run: RecipeRun) -> TrainValidationData:
    """Load the expert's episodes of each family, and recoveries: states that the cloned hybrid got itself into.

    The recoveries are the recipe's first DAgger round. Whatever isn't in ``run.work`` yet is made first.
    """
    data = load_hybrid_data(recipe, run)
    train_cloned_hybrid(recipe, run)
    recoveries = load_recoveries(recipe, recipe.rounds[0], cloned_hybrid_folder(run), run)
    return replace(data, train=data.train + recoveries)


def train_cloned_hybrid(recipe: Recipe, run: RecipeRun) -> Hybrid:
    """Clone the hybrid from the demonstrations alone and keep it in ``cloned_hybrid_folder``."""
    data = load_hybrid_data(recipe, run)
    model = build_hybrid_from_backbones(train_backbones(recipe, data.train, run), recipe.cloning.course.seed)
    return clone_once(model, data, recipe.cloning, cloned_hybrid_folder(run), run)


def cloned_hybrid_folder(run: TrainingRun) -> Path:
    """Where the hybrid is before it has seen what it gets itself into."""
    return run.work / "cloned"


def clone_once(
    model: Hybrid, data: TrainValidationData, options: CloneOptions, folder: Path, run: TrainingRun
) -> Hybrid:
    """Clone behaviour as a stage, and return the hybrid in the stage's folder."""
    train_once(folder, lambda: clone_behaviour(model, data, options, folder, run))
    return Hybrid.from_pretrained(folder)
