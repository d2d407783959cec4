"""Laws of the table of families."""

from __future__ import annotations

from scenarios.registry import SCENARIOS


def test_every_family_is_in_the_table_under_the_name_that_its_worlds_bear():
    for name, scenario in SCENARIOS.items():
        assert scenario.name == name == scenario.world(0, 0).scenario


def test_every_family_says_in_one_line_what_it_is():
    assert all(scenario.summary and "\n" not in scenario.summary for scenario in SCENARIOS.values())
