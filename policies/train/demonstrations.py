"""Demonstrations of a recipe as frame stores; those that aren't in the run's folder are recorded first."""

from __future__ import annotations

from pathlib import Path

from policies.train.collection import CollectionSpec, FamilyCollection, RecipeRun, TeleopCollection, collect_dataset
from policies.train.data.frame_store import FrameStore, open_store
from policies.train.data.splits import TrainValidationData, select_records
from policies.train.recipe import Recipe, SuiteEpisodes
from scenarios.common.splits import TRAIN, VALIDATION

EXPERT = "expert"
CAPTION_EVERY = 2  # frames of the expert's episodes


def load_demonstrations(recipe: Recipe, run: RecipeRun) -> list[FrameStore]:
    """Load the expert's training episodes of every family."""
    return _load_expert(recipe, recipe.demonstrations, run)


def load_validation_set(recipe: Recipe, run: RecipeRun) -> list[FrameStore]:
    """Load the expert's validation episodes of every family."""
    return _load_expert(recipe, recipe.validation, run)


def load_varied_demonstrations(recipe: Recipe, episodes: SuiteEpisodes, run: RecipeRun) -> list[FrameStore]:
    """Load the expert's episodes of every family with varied looks."""
    return [
        _load(FamilyCollection(EXPERT, family, episodes.seed, episodes.episodes, CAPTION_EVERY, varied=True), run)
        for family in recipe.families
    ]


def load_recoveries(
    recipe: Recipe, episodes: SuiteEpisodes, driver: Path, run: RecipeRun, *, varied: bool = False
) -> list[FrameStore]:
    """Load episodes of every family driven by a checkpoint, with the expert's labels in the visited states (DAgger)."""
    return [
        _load(FamilyCollection(str(driver), family, episodes.seed, episodes.episodes, varied=varied), run)
        for family in recipe.families
    ]


def load_teleop(part: slice, run: RecipeRun) -> TrainValidationData:
    """Load the selected consecutive records of each episode of the published kind of data set."""
    train, validation = (
        [select_records(_load(TeleopCollection(split.start), run), part)] for split in (TRAIN, VALIDATION)
    )
    return TrainValidationData(train, validation)


def _load_expert(recipe: Recipe, episodes: SuiteEpisodes, run: RecipeRun) -> list[FrameStore]:
    return [
        _load(FamilyCollection(EXPERT, family, episodes.seed, episodes.episodes, CAPTION_EVERY), run)
        for family in recipe.families
    ]


def _load(spec: CollectionSpec, run: RecipeRun) -> FrameStore:
    return open_store(collect_dataset(spec, run), run.cache)
