from __future__ import annotations

from dataclasses import replace

import pytest

from policies.reference.network import ReferenceConfig
from policies.train.collection import RecipeRun, ViewCollection
from policies.train.loop.trainer import OptimizerConfig
from policies.train.reference import training
from policies.train.reference.recipe import ReferenceRecipe, ViewCount
from policies.train.reference.training import train_reference
from scenarios.common.errors import InputError

from .conftest import write_views

FAMILIES = ("corridor", "rooms")
RECIPE = ReferenceRecipe(
    plain=ViewCount(1200, 2, 2),
    varied=ViewCount(1210, 2, 2),
    validation=ViewCount(2200, 1, 2),
    batch=4,
    course=OptimizerConfig(epochs=2, seed=1000),
)


@pytest.fixture
def recorded(recipe_run, monkeypatch) -> tuple[RecipeRun, list[ViewCollection]]:
    """A run that makes views up, and what was asked for; the network is small."""
    specs: list[ViewCollection] = []

    def collect(spec: ViewCollection, out, _: int) -> None:
        specs.append(spec)
        write_views(out, spec.worlds * spec.poses)

    monkeypatch.setattr(training, "ReferenceConfig", lambda: ReferenceConfig(8, (8, 8, 8, 8), (1, 1, 1, 1), 8, 8))
    return replace(recipe_run, collect=collect), specs


def test_it_learns_from_views_of_every_family_half_of_which_look_otherwise(recorded, tmp_path) -> None:
    run, specs = recorded
    network = train_reference(RECIPE, FAMILIES, tmp_path / "out", run)
    assert [(spec.family, spec.suite_seed, spec.varied) for spec in specs] == [
        ("corridor", 1200, False),
        ("rooms", 1200, False),
        ("corridor", 1210, True),
        ("rooms", 1210, True),
        ("corridor", 2200, False),
        ("rooms", 2200, False),
    ]
    assert len({spec.name for spec in specs}) == len(specs)
    assert specs[2].scenario == "scenarios.perturbations.varied_looks:corridor"
    assert (tmp_path / "out" / "model.safetensors").is_file()
    assert network.parameter_count > 0


def test_a_resumed_run_records_and_trains_nothing_again(recorded, tmp_path, monkeypatch) -> None:
    run, specs = recorded
    train_reference(RECIPE, FAMILIES, tmp_path / "out", run)
    count = len(specs)
    monkeypatch.setattr(training, "train_epochs", None)
    train_reference(RECIPE, FAMILIES, tmp_path / "out", run)
    assert len(specs) == count


def test_another_seed_has_a_folder_of_its_own_and_keeps_copies(recorded, tmp_path) -> None:
    run, _ = recorded
    first = train_reference(RECIPE, FAMILIES, tmp_path / "one", run)
    kept = {1: tmp_path / "kept"}
    other = train_reference(RECIPE, FAMILIES, tmp_path / "two", run, 1001, kept)
    assert any((a != b).any() for a, b in zip(first.parameters(), other.parameters(), strict=True))
    assert (tmp_path / "kept" / "config.json").is_file()


def test_a_run_of_another_recipe_is_not_resumed(recorded, tmp_path) -> None:
    run, _ = recorded
    train_reference(RECIPE, FAMILIES, tmp_path / "out", run)
    with pytest.raises(InputError, match="batch 4, not 2"):
        train_reference(replace(RECIPE, batch=2), FAMILIES, tmp_path / "out", run)
