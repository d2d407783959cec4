"""Laws of the table of axes."""

from __future__ import annotations

from scenarios.perturbations.registry import AXES, levels_table


def test_every_axis_is_in_the_table_under_its_name() -> None:
    assert list(AXES) == [axis.name for axis in AXES.values()]


def test_the_table_of_levels_describes_each_level_of_each_axis_differently() -> None:
    rows = levels_table()
    assert [name for name, *_ in rows] == list(AXES)
    for _, summary, *levels in rows:
        assert summary
        assert len(set(levels)) == 3
