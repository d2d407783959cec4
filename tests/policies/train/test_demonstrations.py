from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from policies.dataset import DatasetWriter
from policies.train.collection import CollectionSpec, FamilyCollection, RecipeRun, TeleopCollection
from policies.train.demonstrations import load_demonstrations, load_recoveries, load_teleop, load_validation_set
from policies.train.recipe import Recipe, SuiteEpisodes
from scenarios.common.errors import InputError

RECIPE = Recipe(families=("corridor", "doorway"))


@pytest.fixture
def asked() -> list[CollectionSpec]:
    """What the collector was asked for."""
    return []


@pytest.fixture
def run(asked, recipe_run, demonstration) -> RecipeRun:
    """A run whose collector records one episode of three frames."""

    def collect(spec: CollectionSpec, out: Path, workers: int) -> None:
        asked.append(spec)
        with DatasetWriter(out) as writer:
            writer.add(demonstration(0, frames=3, seed=spec.suite_seed))

    return replace(recipe_run, collect=collect)


def test_the_expert_drives_every_family_and_its_frames_are_captioned(asked, run) -> None:
    load_demonstrations(RECIPE, run)
    load_validation_set(RECIPE, run)
    assert asked == [
        FamilyCollection("expert", family, seed, episodes, caption_every=2)
        for seed, episodes in ((1000, 300), (2000, 10))
        for family in RECIPE.families
    ]


def test_recoveries_are_driven_by_the_checkpoint_without_captions(asked, run, tmp_path) -> None:
    load_recoveries(RECIPE, SuiteEpisodes(1100, 60), tmp_path / "cloned", run)
    assert [(spec.driver, spec.family, spec.caption_every) for spec in asked] == [
        (str(tmp_path / "cloned"), family, 0) for family in RECIPE.families
    ]


def test_with_more_workers_families_are_recorded_side_by_side_with_the_same_result(asked, run) -> None:
    both, alone = threading.Barrier(2, timeout=60), run.collect
    shares = []

    def collect(spec: CollectionSpec, out: Path, workers: int) -> None:
        both.wait()  # for the other family
        shares.append(workers)
        alone(spec, out, workers)

    together = load_demonstrations(RECIPE, replace(run, collect=collect, workers=5))
    assert shares == [2, 2]
    assert [store.key for store in together] == [store.key for store in load_demonstrations(RECIPE, run)]
    assert len(together[0].episodes) == 1


def test_a_recording_that_fails_beside_others_ends_the_training(run) -> None:
    def fail(spec: CollectionSpec, out: Path, workers: int) -> None:
        raise InputError(f"no episode of {spec.family}")

    with pytest.raises(InputError, match="no episode of corridor"):
        load_demonstrations(RECIPE, replace(run, collect=fail, workers=4))


def test_what_is_recorded_is_not_recorded_again(asked, run) -> None:
    first, second = load_demonstrations(RECIPE, run), load_demonstrations(RECIPE, run)
    assert [store.key for store in first] == [store.key for store in second]
    assert len(asked) == len(RECIPE.families)


def test_records_of_the_published_kind_are_of_both_splits(asked, run) -> None:
    data = load_teleop(slice(1, None), run)
    assert asked == [TeleopCollection(1000), TeleopCollection(2000)]
    assert [episode.length for store in (*data.train, *data.validation) for episode in store.episodes] == [2, 2]
