"""Laws of a scenario."""

from __future__ import annotations

from dataclasses import replace

from scenarios.ranges import Range
from scenarios.registry import SCENARIOS

CORRIDOR = SCENARIOS["corridor"]


def test_equal_arguments_give_equal_worlds_and_others_give_others():
    assert CORRIDOR.world(3, 1) == CORRIDOR.world(3, 1)
    assert len({CORRIDOR.world(3, 1), CORRIDOR.world(3, 2), CORRIDOR.world(4, 1)}) == 3


def test_the_hash_of_the_ranges_changes_when_a_range_or_the_name_does():
    wider = replace(CORRIDOR, spec=replace(CORRIDOR.spec, width=Range(3.0, 3.2)))
    other = replace(CORRIDOR, name="mine")
    assert len({CORRIDOR.spec_hash, wider.spec_hash, other.spec_hash}) == 3
    assert replace(CORRIDOR, summary="in other words").spec_hash == CORRIDOR.spec_hash


def test_the_ranges_of_the_families_are_what_results_and_caches_were_made_with():
    hashes = {name: scenario.spec_hash for name, scenario in SCENARIOS.items()}
    assert hashes == {
        "corridor": "8d27489c93a1c31a",
        "doorway": "adc57d8a1be29a44",
        "clutter": "af328b222ea3c0aa",
        "rooms": "e9325d243b344efe",
        "crossing": "7190a4aac7e2f434",
        "pursuit": "a6807b163a75cf7f",
        "box-detour": "903b3184c89a05a2",
        "lookalikes": "750258eb934685b2",
    }
