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
        "corridor": "889bfc200d7d90d1",
        "doorway": "56fc74c0c3c02396",
        "clutter": "f5b611d22d23a164",
        "rooms": "f432a31d616e35ed",
        "crossing": "d0fe4efc1509181e",
        "pursuit": "3abe534ca0601f2b",
        "box-detour": "0d210e532ece48d7",
        "lookalikes": "fb4a346d601ee6d3",
    }
