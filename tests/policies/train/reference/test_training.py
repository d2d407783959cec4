"""The reference's recipe, with stages that only note what they are given."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from policies.dataset import FrameCaption, SceneRef, SeenObject
from policies.reference.network import ReferenceNetwork
from policies.train.collection import FamilyCollection
from policies.train.data.frame_store import EpisodeFrames, FrameStore
from policies.train.recipe import Recipe, SuiteEpisodes
from policies.train.reference import training
from policies.train.reference.recipe import ReferenceRecipe
from policies.train.reference.training import reference_stage_folder, train_reference
from scenarios.common.errors import InputError

RECIPE = Recipe(families=("corridor", "rooms"))
REFERENCE = ReferenceRecipe()
CAPTIONS = (FrameCaption(0, (SeenObject("red ball", (0.1, 0.1, 0.5, 0.5)),)),)


@pytest.fixture
def recorded(monkeypatch) -> list[FamilyCollection]:
    """Every data set that is asked for, each of one frame an episode."""
    specs: list[FamilyCollection] = []

    def load(spec: FamilyCollection, _) -> FrameStore:
        specs.append(spec)
        scene = SceneRef(spec.family, spec.suite_seed, 0)
        episodes = tuple(EpisodeFrames(0, 1, "to the red ball", scene, CAPTIONS) for _ in range(spec.episodes))
        frame, action = np.zeros((1, 112, 112, 3), np.uint8), np.zeros((1, 3), np.float32)
        return FrameStore(frame, np.zeros((1, 6), np.float32), action, episodes, spec.name)

    monkeypatch.setattr("policies.train.demonstrations._load", load)
    return specs


@pytest.fixture
def stages(monkeypatch, recorded) -> list[tuple[str, list[str], int]]:
    """Each stage's folder, the data sets that it learned from, and its seed."""
    seen = []

    def train(network: ReferenceNetwork, task, course, out, _) -> None:
        seen.append((out.name, [store.key for store in task._data.stores], course.seed))
        task.save(out)

    monkeypatch.setattr(training, "train_epochs", train)
    return seen


def test_a_round_learns_all_recordings_so_far_and_half_of_them_look_otherwise(stages, recipe_run, tmp_path) -> None:
    train_reference(REFERENCE, RECIPE, tmp_path / "out", recipe_run)
    assert [name for name, _, _ in stages] == [
        f"reference-{name}" for name in ("cloned", "round-1", "round-2", "round-3")
    ]
    sets = [len(keys) for _, keys, _ in stages]
    assert sets == [4, 8, 12, 16]
    for _, keys, _ in stages:
        assert sum("-varied-" in key for key in keys) == len(keys) / 2
    assert len({seed for _, _, seed in stages}) == len(stages)
    assert ReferenceNetwork.from_pretrained(tmp_path / "out").parameter_count < 5_000_000


def test_each_round_is_driven_by_the_stage_before_it(stages, recorded, recipe_run, tmp_path) -> None:
    train_reference(REFERENCE, RECIPE, tmp_path / "out", recipe_run)
    drivers = {spec.suite_seed: spec.driver for spec in recorded if spec.driver != "expert"}
    folders = [str(reference_stage_folder(name, recipe_run)) for name in ("cloned", "round-1", "round-2")]
    assert drivers == {seed + varied: folders[(seed - 1210) // 10] for seed in (1210, 1220, 1230) for varied in (0, 1)}


def test_a_resumed_run_repeats_no_stage(stages, recipe_run, tmp_path) -> None:
    for _ in range(2):
        train_reference(REFERENCE, RECIPE, tmp_path / "out", recipe_run)
    assert len(stages) == 4


def test_a_run_of_another_recipe_is_not_resumed(stages, recipe_run, tmp_path) -> None:
    train_reference(REFERENCE, RECIPE, tmp_path / "out", recipe_run)
    with pytest.raises(InputError, match=r"started with varied\.episodes 150, not 10"):
        train_reference(replace(REFERENCE, varied=SuiteEpisodes(1200, 10)), RECIPE, tmp_path / "out", recipe_run)
