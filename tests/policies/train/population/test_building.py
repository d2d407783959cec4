"""Building, with trainings that only leave the folder of a tiny network."""

from __future__ import annotations

import json
import shutil
from functools import partial

import pytest

from policies.reference.network import ReferenceConfig, build_reference
from policies.train.population import building
from policies.train.population.building import build_population
from policies.train.population.units.plan import plan_units
from policies.train.population.units.unit import REFERENCE, add_parents, select_units
from policies.train.recipe import Recipe

UNITS = plan_units()
SMALL = ReferenceConfig(8, (8, 8, 8, 8), (1, 1, 1, 1), 8, 8)


@pytest.fixture
def ran(monkeypatch, systems):
    """The names of what was trained and computed, in order."""
    done: list[str] = []

    def train(unit, out) -> None:
        done.append(unit.name)
        if unit.family == REFERENCE:
            build_reference(SMALL, unit.training_seed).save_pretrained(out)
        else:
            shutil.copytree(systems / unit.family, out)

    monkeypatch.setattr(building, "publish_backbones", lambda _, out: shutil.copytree(systems / "backbones", out))
    monkeypatch.setattr(building, "train_cloned_hybrid", lambda *_: done.append("cloning"))
    monkeypatch.setattr(building, "prepare_systems", lambda *_: done.append("features"))
    monkeypatch.setattr(building, "collect_views", lambda *_: done.append("views"))
    monkeypatch.setattr(building, "make_training_job", lambda unit, _, out, run: partial(train, unit, out))
    return done


@pytest.fixture
def build(recipe_run, tmp_path):
    """Build the units that some patterns match."""

    def made(*patterns: str) -> dict[str, dict]:
        chosen = add_parents(select_units(UNITS, patterns), UNITS)
        recipe_run.work.mkdir(exist_ok=True)
        shutil.rmtree(tmp_path / "out" / "backbones", ignore_errors=True)
        build_population(chosen, Recipe(), tmp_path / "out", recipe_run)
        rows = json.loads((tmp_path / "out" / "units.json").read_text())
        return {row["name"]: row for row in rows}

    return made


def test_what_takes_longest_is_trained_first_and_copies_are_made_after(ran, build) -> None:
    rows = build("ensemble-lstm-1000", "enhanced-norm-1000-*")
    assert ran == ["cloning", "features", "enhanced-norm-1000", "mobile-vla-1000"]
    made = {name for name, row in rows.items() if row["weights_sha256"]}
    assert {"ensemble-lstm-1000", "enhanced-norm-1000-noise-0.2", "enhanced-norm-1000-no-instruction"} <= made
    assert len(made) == 9


def test_units_that_are_there_are_not_made_again(ran, build) -> None:
    build("mobile-vla-1000")
    ran.clear()
    rows = build("mobile-vla-100[01]")
    assert ran == ["cloning", "features", "mobile-vla-1001"]
    assert rows["mobile-vla-1000"]["weights_sha256"]
    ran.clear()
    build("mobile-vla-100[01]")
    assert ran == []


def test_the_references_views_are_recorded_once_before_they_train_side_by_side(ran, build) -> None:
    build("reference-100[01]")
    assert ran == ["views", "reference-1000", "reference-1001"]
