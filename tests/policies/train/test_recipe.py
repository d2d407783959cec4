"""The hybrid's recipe, with stages that only note what they are given."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from policies.systems.table import SYSTEMS
from policies.train import recipe as stages
from policies.train.data.frame_store import EpisodeFrames, FrameStore
from policies.train.recipe import Recipe, train_hybrid
from policies.train.tasks.cloning import CloneOptions

ROUNDS = len(Recipe().rounds)


@pytest.fixture
def learned(monkeypatch, tmp_path) -> list[tuple[str, list[tuple[int, int]], CloneOptions]]:
    """Each stage's name, the seed and number of episodes of every store that it learned from, and how."""
    seen = []

    def stores(recipe: Recipe, entry: stages.CollectionSpec, driver: str, *_: object) -> list[FrameStore]:
        episodes = tuple(EpisodeFrames(0, 1, "go", None, ()) for _ in range(entry.episodes))
        return [FrameStore(np.zeros((1, 1, 1, 3), np.uint8), np.zeros((1, 3), np.float32), episodes, str(entry.seed))]

    def cloned(model, train, validation, options, folder: Path, *_: object):
        seen.append((folder.name, [(int(store.key), len(store.episodes)) for store in train], options))
        folder.mkdir(exist_ok=True)
        return model

    monkeypatch.setattr(stages, "_stores", stores)
    monkeypatch.setattr(stages, "_clone_once", cloned)
    monkeypatch.setattr(stages, "train_backbones", lambda *_: None)
    monkeypatch.setattr(stages, "build_hybrid_from_backbones", lambda *_: None)
    train_hybrid(Recipe(), tmp_path, tmp_path / "out", Console(file=io.StringIO()))
    return seen


def test_a_round_learns_every_recovery_so_far_and_a_third_of_the_demonstrations(learned) -> None:
    names = [name for name, _, _ in learned]
    assert names == ["cloned", *(f"round-{number}" for number in range(1, ROUNDS + 1)), "finished"]
    for number, (_, stores, _) in enumerate(learned[1:-1], start=1):
        assert stores == [(1000, 100), *((1100 + before, 60) for before in range(number))]


def test_cloning_learns_the_demonstrations_and_the_finish_everything(learned) -> None:
    assert learned[0][1] == [(1000, 300)]
    assert learned[-1][1] == [(1000, 300), *((1100 + number, 60) for number in range(ROUNDS))]


def test_no_two_stages_draw_alike(learned) -> None:
    seeds = [options.course.seed for _, _, options in learned]
    assert len(set(seeds)) == len(seeds)


def test_the_hybrids_row_states_the_recipe() -> None:
    row, recipe = SYSTEMS["hybrid"], Recipe()
    assert row.epochs == recipe.cloning.course.epochs
    assert f"{len(recipe.rounds)} DAgger rounds and {recipe.finish.course.epochs} epochs over all" in row.deviations
