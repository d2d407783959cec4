from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from policies.systems.network import System
from policies.systems.table import SYSTEMS, HeadConfig
from policies.train.population import training
from policies.train.population.training import (
    build_unit_task,
    find_checkpoint_folder,
    kept_folder,
    make_training_job,
    shift_seeds,
)
from policies.train.population.units.plan import plan_units
from policies.train.recipe import Recipe
from policies.train.tasks.system_cloning import FeatureTask
from scenarios.common.errors import InputError

UNITS = {unit.name: unit for unit in plan_units()}
SMALL = replace(SYSTEMS["simple-lstm"], head=HeadConfig("lstm", width=96, layers=1, hidden=(96,)), epochs=2)
RECIPE = Recipe()


@pytest.fixture
def small_unit():
    return replace(UNITS["simple-lstm-1001"], row=SMALL)


@pytest.fixture
def run_on(backbones, data, recipe_run, monkeypatch):
    """A run whose recordings and backbones are made up."""
    monkeypatch.setattr(training, "load_demonstrations", lambda *_: data.train)
    monkeypatch.setattr(training, "load_hybrid_data", lambda *_: data)
    monkeypatch.setattr(training, "train_backbones", lambda *_: backbones)
    monkeypatch.setattr(training, "DATA_SETS", {"common": lambda *_: data})
    monkeypatch.setattr(training, "ALONG", {"simple-lstm": (1,)})
    return recipe_run


def train(unit, out: Path, run) -> System:
    make_training_job(unit, RECIPE, out, run)()
    return System.from_pretrained(out)


def are_equal(one, other) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), other.state_dict().values(), strict=True))


def test_a_unit_is_trained_once_and_what_is_kept_along_the_way_is_another(small_unit, run_on, tmp_path) -> None:
    end = train(small_unit, tmp_path / "out" / "a", run_on)
    along = System.from_pretrained(kept_folder(small_unit.name, 1, run_on))
    assert not are_equal(end, along)
    state = (run_on.work / "population" / small_unit.name / "state.pt").stat().st_mtime_ns
    assert are_equal(train(small_unit, tmp_path / "out" / "b", run_on), end)
    assert (run_on.work / "population" / small_unit.name / "state.pt").stat().st_mtime_ns == state
    assert {path.name for path in (tmp_path / "out" / "a").iterdir()} == {"config.json", "model.safetensors"}


def test_another_seed_is_another_network(small_unit, run_on, tmp_path) -> None:
    other = replace(small_unit, training_seed=1002, name="other")
    assert not are_equal(train(small_unit, tmp_path / "a", run_on), train(other, tmp_path / "b", run_on))


def test_a_folder_of_another_plan_is_not_resumed(small_unit, run_on, tmp_path) -> None:
    train(small_unit, tmp_path / "a", run_on)
    with pytest.raises(InputError, match="started with row"):
        train(replace(small_unit, row=replace(SMALL, epochs=3)), tmp_path / "b", run_on)
    train(replace(small_unit, claims=("yaw",)), tmp_path / "c", run_on)  # what it serves is no part of the training


def test_fewer_demonstrations_are_all_that_is_learned_from(small_unit, run_on, backbones, data) -> None:
    few = replace(small_unit, demonstrations=1, with_recoveries=False)
    tasks = [build_unit_task(unit, backbones, data, run_on) for unit in (small_unit, few)]
    assert all(isinstance(task, FeatureTask) for task in tasks)
    assert len(set(tasks[0].train[0].episodes)) == 4
    assert len(set(tasks[1].train[0].episodes)) == 1
    shifts = [task.system.standardization["kosmos2_text"].shift for task in tasks]
    assert not torch.equal(*shifts)  # not even the statistics of the others


def test_retrains_of_the_hybrid_draw_otherwise_and_record_the_same_scenes() -> None:
    moved = shift_seeds(RECIPE, 1002)
    assert [each.course.seed - 200 for each in (moved.cloning, moved.round_cloning, moved.finish)] == [
        each.course.seed for each in (RECIPE.cloning, RECIPE.round_cloning, RECIPE.finish)
    ]
    assert (moved.demonstrations, moved.rounds) == (RECIPE.demonstrations, RECIPE.rounds)
    assert shift_seeds(RECIPE, 1000) == RECIPE


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("reference-1000", "train_reference"),
        ("hybrid-1001", "train_hybrid"),
        ("blind-network-1002", "train_blind_network"),
        ("simple-lstm-1000", "train_named"),
        ("simple-lstm-1001", "train_row"),
        ("clip-lstm-mlp-1000", "train_row"),
    ],
)
def test_what_was_trained_before_the_population_is_taken_over(
    name, function, recipe_run, monkeypatch, tmp_path
) -> None:
    called = []
    for each in ("train_reference", "train_hybrid", "train_blind_network", "train_named", "train_row"):
        monkeypatch.setattr(training, each, lambda *_, name=each: called.append(name))
    make_training_job(UNITS[name], RECIPE, tmp_path / name, recipe_run)()
    assert called == [function]


def test_checkpoints_are_found_where_the_trainings_leave_them(recipe_run) -> None:
    found = {
        name: find_checkpoint_folder(UNITS[name], recipe_run).relative_to(recipe_run.work).as_posix()
        for name in ("hybrid-1000-cloned", "reference-1001-epoch-2", "simple-lstm-1001-epoch-3")
    }
    assert list(found.values()) == [
        "cloned",
        "population/along/reference-1001-epoch-2",
        "population/along/simple-lstm-1001-epoch-3",
    ]
