from __future__ import annotations

from collections import defaultdict

from policies.train.population.units.claims import SENTENCES
from policies.train.population.units.plan import SEEDS, choose_units, plan_units
from policies.train.systems import find_trainable_rows
from scenarios.common.splits import split_of

UNITS = plan_units()


def test_the_plan_is_the_same_at_every_call_and_names_are_unique() -> None:
    assert plan_units() == UNITS
    assert len({unit.name for unit in UNITS}) == len(UNITS) >= 100


def test_parents_come_before_what_is_made_from_them() -> None:
    seen: set[str] = set()
    for unit in UNITS:
        assert set(unit.parents) <= seen, unit.name
        seen.add(unit.name)


def test_every_trained_system_has_three_training_seeds_at_least() -> None:
    seeds = defaultdict(set)
    for unit in UNITS:
        if unit.kind == "trained":
            seeds[unit.recipe].add(unit.training_seed)
    assert {*find_trainable_rows(), "hybrid", "blind-network", "reference"} <= set(seeds)
    assert {recipe for recipe, found in seeds.items() if len(found) < 3} == set()


def test_units_are_chosen_with_what_they_are_made_from() -> None:
    assert [one.name for one in choose_units("mobile-vla-1001-epoch-5,clip-lstm-1000")] == [
        *("clip-lstm-1000", "mobile-vla-1001", "mobile-vla-1001-epoch-5")
    ]


def test_training_seeds_are_of_the_training_split() -> None:
    assert {split_of(unit.training_seed) for unit in UNITS} == {"train"}


def test_checkpoints_along_training_come_from_four_systems_at_least() -> None:
    along = defaultdict(set)
    for unit in UNITS:
        if unit.kind in ("trained", "checkpoint"):
            along[unit.recipe, unit.training_seed].add(unit.training_step)
    longer = {recipe for (recipe, _), steps in along.items() if len(steps) >= 4}
    assert longer >= {"enhanced-norm", "simple-lstm", "mobile-vla", "robovlms", "hybrid"}


def test_one_system_learns_from_five_numbers_of_demonstrations_and_from_nothing_else() -> None:
    sizes = {unit.demonstrations for unit in UNITS if not unit.with_recoveries}
    assert sizes == {36, 72, 200, 600, 0}
    assert {unit.family for unit in UNITS if not unit.with_recoveries} == {"enhanced-norm"}


def test_each_claim_is_served_by_at_least_two_recipes_with_three_seeds() -> None:
    for claim in SENTENCES:
        seeds = defaultdict(set)
        for unit in UNITS:
            if claim in unit.claims:
                seeds[unit.recipe].add(unit.training_seed)
        assert sum(len(found) >= len(SEEDS) for found in seeds.values()) >= 2, claim


def test_copies_are_degraded_in_all_three_ways() -> None:
    assert {unit.degradation.split("=")[0] for unit in UNITS} == {"", "noise", "half-resolution", "no-instruction"}
    assert all(unit.parents for unit in UNITS if unit.degradation)


def test_the_weights_of_an_ensemble_sum_to_one() -> None:
    for unit in UNITS:
        if unit.kind == "ensemble":
            assert len(unit.weights) == len(unit.parents)
            assert abs(sum(unit.weights) - 1.0) < 1e-9
