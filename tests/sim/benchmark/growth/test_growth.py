"""Laws of growth: sizes and exponents."""

import pytest

from sim.benchmark.growth import growth
from sim.benchmark.growth.growth import fit_exponent, list_decades, measure_growth, summarise_growth
from sim.benchmark.growth.points import Point


def test_the_exponent_is_that_of_the_largest_sizes():
    assert fit_exponent([1, 10, 100], [5.0, 5.0, 500.0]) == pytest.approx(2.0)
    assert fit_exponent([1, 2, 4], [3.0, 3.0, 3.0]) == 0.0


@pytest.mark.parametrize(
    ("largest", "sizes"), [(10, (5, 10)), (50, (10, 50)), (1000, (10, 100, 1000)), (2500, (10, 100, 1000, 2500))]
)
def test_sizes_are_decades_up_to_the_largest(largest, sizes):
    assert list_decades(largest) == sizes


def test_time_and_memory_have_a_figure_at_each_size_and_one_exponent():
    found = list(summarise_growth("boxes", [Point(1, 2.0, 8.0), Point(10, 20.0, 8.0)]))
    assert [(one.name, one.at, one.value, one.unit) for one in found] == [
        ("time against boxes", 1, 2.0, "s"),
        ("time against boxes", 10, 20.0, "s"),
        ("memory against boxes", 1, 8.0, "MiB"),
        ("memory against boxes", 10, 8.0, "MiB"),
    ]
    assert [one.ratio for one in found] == pytest.approx([1.0, 1.0, 0.0, 0.0])


def test_everything_is_measured_up_to_the_number_of_episodes(monkeypatch):
    monkeypatch.setattr(growth, "SIZES", {"boxes": (lambda size: Point(size, size, 1.0), (1, 2))})
    monkeypatch.setattr(growth, "run_apart", lambda function, *given: function(*given))
    monkeypatch.setattr(growth, "measure_episodes", lambda sizes: [Point(size, 1.0, 1.0) for size in sizes])
    monkeypatch.setattr(growth, "drive_rows", lambda: ["a row"])
    monkeypatch.setattr(growth, "measure_results", lambda rows, size: {"table": Point(size, 1.0, 1.0)})
    found = list(measure_growth(100))
    sizes = {name: [one.at for one in found if one.name == name] for name in dict.fromkeys(one.name for one in found)}
    assert sizes["time against episodes"] == [10, 100]
    assert sizes["time against episodes, table"] == [10, 100, 1000]
    assert sizes["memory against episodes, results"] == [10, 100, 1000]
    assert sizes["time against boxes"] == [1, 2]
