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
        "corridor": "c94a57b259525ace",
        "doorway": "706310126c1de0cb",
        "clutter": "3794e0b63e8727fa",
        "rooms": "acbb1983b1b07416",
        "crossing": "d6b620437bdfd3aa",
        "pursuit": "d1e9bab9b8c53c8d",
        "box-detour": "1e85e573a95dcbd5",
        "lookalikes": "d9cde2871a1e80d8",
    }
