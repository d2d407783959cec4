from __future__ import annotations

import json

import pytest

from policies.systems.table import SYSTEMS, change_row, describe_changes
from policies.train.population.units.claims import BASE, SENTENCES, SERVED, SLIM, VARIANTS

SLIM_CHANGES = {"resampler", "features"}
CLAIMED = {
    SLIM: SLIM_CHANGES,
    f"{SLIM}-mlp": SLIM_CHANGES | {"head", "window"},
    f"{SLIM}-no-normalization": SLIM_CHANGES | {"normalization"},
    f"{SLIM}-2d": SLIM_CHANGES | {"axes"},
    "clip-lstm-mlp": {"head", "window"},
    "simple-clip-6-epochs": {"epochs"},
}


def test_a_variant_differs_from_its_row_in_what_is_claimed_alone() -> None:
    assert {one.name: set(describe_changes(one.row)) for one in VARIANTS} == CLAIMED


def test_a_head_of_another_kind_keeps_the_layers_that_end_in_the_actions() -> None:
    mlp = next(one.row for one in VARIANTS if one.name == f"{SLIM}-mlp")
    assert mlp.head is not None
    assert SYSTEMS[BASE].head is not None
    assert mlp.head.hidden == SYSTEMS[BASE].head.hidden


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda one: one.name)
def test_a_variant_survives_being_written_to_json(variant) -> None:
    changes = json.loads(json.dumps(describe_changes(variant.row)))
    assert change_row(variant.row.name, changes) == variant.row


def test_every_claim_of_the_published_comparison_is_named_once() -> None:
    assert len(SENTENCES) == 9
    assert {claim for claims in SERVED.values() for claim in claims} < set(SENTENCES)
