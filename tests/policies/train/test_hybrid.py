"""The hybrid's recipe, with stages that only note what they are given."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from policies.train import hybrid
from policies.train.collection import FamilyCollection, RecipeRun
from policies.train.data.frame_store import EpisodeFrames, FrameStore
from policies.train.data.splits import TrainValidationData
from policies.train.hybrid import load_common_demonstrations, train_hybrid
from policies.train.recipe import Recipe
from policies.train.tasks.cloning import CloneOptions

RECIPE = Recipe(families=("corridor",))
ROUNDS = len(RECIPE.rounds)


@pytest.fixture
def learned(monkeypatch, recipe_run, tmp_path) -> list[tuple[str, list[tuple[int, int]], CloneOptions]]:
    """Each stage's name, the seed and number of episodes of every store that it learned from, and how."""
    seen = []

    def loaded(spec: FamilyCollection, _: RecipeRun) -> FrameStore:
        episodes = tuple(EpisodeFrames(0, 1, "go", None, ()) for _ in range(spec.episodes))
        frame, action = np.zeros((1, 1, 1, 3), np.uint8), np.zeros((1, 3), np.float32)
        return FrameStore(frame, np.zeros((1, 6), np.float32), action, episodes, str(spec.suite_seed))

    def cloned(model, data: TrainValidationData, options, folder: Path, _: RecipeRun):
        seen.append((folder.name, [(int(store.key), len(store.episodes)) for store in data.train], options))
        folder.mkdir(exist_ok=True, parents=True)
        return model

    monkeypatch.setattr("policies.train.demonstrations._load", loaded)
    monkeypatch.setattr(hybrid, "clone_once", cloned)
    monkeypatch.setattr(hybrid, "train_backbones", lambda *_: None)
    monkeypatch.setattr(hybrid, "build_hybrid_from_backbones", lambda *_: None)
    return seen


@pytest.fixture
def stages(learned, recipe_run, tmp_path):
    """The stages of a whole recipe."""
    train_hybrid(RECIPE, tmp_path / "out", recipe_run)
    return learned


def test_a_round_learns_every_recovery_so_far_and_a_third_of_the_demonstrations(stages) -> None:
    names = [name for name, _, _ in stages]
    assert names == ["cloned", *(f"round-{number}" for number in range(1, ROUNDS + 1)), "finished"]
    for number, (_, stores, _) in enumerate(stages[1:-1], start=1):
        assert stores == [(1000, 100), *((1100 + before, 60) for before in range(number))]


def test_cloning_learns_the_demonstrations_and_the_finish_everything(stages) -> None:
    assert stages[0][1] == [(1000, 300)]
    assert stages[-1][1] == [(1000, 300), *((1100 + number, 60) for number in range(ROUNDS))]


def test_no_two_stages_draw_alike(stages) -> None:
    seeds = [options.course.seed for _, _, options in stages]
    assert len(set(seeds)) == len(seeds)


def test_systems_learn_the_demonstrations_and_the_first_rounds_recoveries(learned, recipe_run) -> None:
    data = load_common_demonstrations(RECIPE, recipe_run)
    assert [(int(store.key), len(store.episodes)) for store in data.train] == [(1000, 300), (1100, 60)]
    assert [name for name, _, _ in learned] == ["cloned"]


def test_several_hybrids_learn_from_the_same_demonstrations_in_folders_of_their_own(
    learned, recipe_run, tmp_path
) -> None:
    train_hybrid(RECIPE, tmp_path / "out", recipe_run, "-1001")
    assert [name for name, _, _ in learned] == ["cloned-1001", "round-1-1001", "round-2-1001", "finished-1001"]
    assert learned[0][1] == [(1000, 300)]
