"""Laws of the table of claims."""

from __future__ import annotations

import pytest

from policies.systems.table import SYSTEMS
from policies.train.population.units.plan import plan_units
from sim.claims.published_claims import CLAIMS, UNIT_SEEDS, UnitPair


def test_there_are_nine_claims_each_with_a_pair_of_different_units():
    assert len(CLAIMS) == 9
    for claim in CLAIMS.values():
        assert claim.pairs
        for pair in claim.pairs:
            assert pair.changed != pair.base
            assert "{seed}" in pair.changed
            assert "{seed}" in pair.base


def test_a_pair_names_its_units_of_one_seed():
    pair = UnitPair("hybrid-{seed}-onnx", "hybrid-{seed}")
    assert pair.names(1001) == ("hybrid-1001-onnx", "hybrid-1001")
    assert pair.templates == ("hybrid-onnx", "hybrid")


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=CLAIMS)
def test_the_population_trains_both_units_of_every_pair_for_this_claim(claim):
    planned = {unit.name: unit for unit in plan_units()}
    for pair in claim.pairs:
        for seed in UNIT_SEEDS:
            for name in pair.names(seed):
                assert claim.name in planned[name].claims, name


def test_a_published_difference_is_a_gain_exactly_if_a_gain_is_claimed():
    for claim in CLAIMS.values():
        if claim.published is not None:
            low, high = claim.published
            assert low <= high
            assert (high < 0.0) == claim.is_gain


def test_the_published_harm_of_augmentation_is_that_of_the_published_table():
    published = SYSTEMS["clip-augmented"].published.mae - SYSTEMS["simple-clip"].published.mae
    assert CLAIMS["augmentation"].published[0] == pytest.approx(published)
