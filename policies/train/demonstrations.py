"""Demonstrations of a recipe as frame stores; those that aren't in the run's folder are recorded first."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from policies.train.collection import CollectionSpec, FamilyCollection, RecipeRun, TeleopCollection, collect_dataset
from policies.train.data.frame_store import FrameStore, open_store
from policies.train.data.splits import TrainValidationData, select_records
from policies.train.recipe import Recipe, SuiteEpisodes
from scenarios.common.splits import TRAIN, VALIDATION

EXPERT = "expert"
CAPTION_EVERY = 2  # frames of the expert's episodes
WORKERS_EACH = 2  # that record one of several data sets; with more, the process that writes them is the slowest part


def load_demonstrations(recipe: Recipe, run: RecipeRun) -> list[FrameStore]:
    """Load the expert's training episodes of every family."""
    return _load_expert(recipe, recipe.demonstrations, run)


def load_validation_set(recipe: Recipe, run: RecipeRun) -> list[FrameStore]:
    """Load the expert's validation episodes of every family."""
    return _load_expert(recipe, recipe.validation, run)


def load_recoveries(recipe: Recipe, episodes: SuiteEpisodes, driver: Path, run: RecipeRun) -> list[FrameStore]:
    """Load episodes of every family driven by a checkpoint, with the expert's labels in the visited states (DAgger)."""
    return _load_all(_list_families(recipe, episodes, str(driver)), run)


def load_teleop(part: slice, run: RecipeRun) -> TrainValidationData:
    """Load the selected consecutive records of each episode of the published kind of data set."""
    train, validation = (
        [select_records(_load(TeleopCollection(split.start), run), part)] for split in (TRAIN, VALIDATION)
    )
    return TrainValidationData(train, validation)


def _load_expert(recipe: Recipe, episodes: SuiteEpisodes, run: RecipeRun) -> list[FrameStore]:
    return _load_all(_list_families(recipe, episodes, EXPERT, caption_every=CAPTION_EVERY), run)


def _list_families(
    recipe: Recipe, episodes: SuiteEpisodes, driver: str, *, caption_every: int = 0
) -> list[FamilyCollection]:
    """List what is to be recorded of every family."""
    return [
        FamilyCollection(driver, family, episodes.seed, episodes.episodes, caption_every) for family in recipe.families
    ]


def _load_all(specs: Sequence[CollectionSpec], run: RecipeRun) -> list[FrameStore]:
    """Load data sets, several side by side if there are enough workers: one process writes, and one decodes, a set."""
    together = min(len(specs), run.workers // WORKERS_EACH)
    if together <= 1:
        return [_load(spec, run) for spec in specs]
    share = replace(run, workers=run.workers // together)
    context = multiprocessing.get_context("spawn")
    with ThreadPoolExecutor(together) as threads, ProcessPoolExecutor(together, mp_context=context) as processes:

        def load(spec: CollectionSpec) -> FrameStore:
            return processes.submit(open_store, collect_dataset(spec, share), run.cache).result()

        return list(threads.map(load, specs))


def _load(spec: CollectionSpec, run: RecipeRun) -> FrameStore:
    return open_store(collect_dataset(spec, run), run.cache)
