"""Laws of a population of units."""

from __future__ import annotations

import numpy as np
import pytest

from scenarios.common.errors import InputError
from sim.population.population import EpisodeValues, Population, Unit


def make_unit(name, metrics=None):
    return Unit(name, "cnn", "cnn", 0, None, {}, metrics or {})


def test_the_mean_is_over_the_episodes_where_a_metric_is_defined():
    assert EpisodeValues(np.arange(3), np.array([1.0, np.nan, 2.0])).mean() == 1.5
    assert np.isnan(EpisodeValues(np.arange(1), np.array([np.nan])).mean())


@pytest.mark.parametrize(
    ("wanted", "values"),
    [
        ([0, 2, 5], [1.0, np.nan, 0.0]),  # all of them, as they are
        ([2, 5], [np.nan, 0.0]),
        ([0, 1, 2, 5, 9], [1.0, np.nan, np.nan, 0.0, np.nan]),
        ([3], [np.nan]),
        ([], []),
    ],
)
def test_values_of_some_episodes_are_found_by_number(wanted, values):
    cell = EpisodeValues(np.array([0, 2, 5]), np.array([1.0, np.nan, 0.0]))
    np.testing.assert_array_equal(cell.select(np.array(wanted, np.int64)), values)


def test_two_units_of_one_name_are_refused():
    with pytest.raises(InputError, match="unit 'a' appears twice"):
        Population((make_unit("a"), make_unit("a")), {})


def test_some_units_are_selected_in_their_order_with_all_metrics():
    whole = Population(tuple(map(make_unit, "abc")), {"mae": "smaller"})
    some = whole.select({"c", "a", "unknown"})
    assert ([unit.name for unit in some.units], some.better) == (["a", "c"], {"mae": "smaller"})


def test_a_metric_without_direction_is_refused_with_the_nearest_match():
    one = EpisodeValues(np.arange(1), np.ones(1))
    with pytest.raises(InputError, match="unknown metric 'mea': did you mean 'mae'"):
        Population((make_unit("a", {("mea", "corridor"): one}),), {"mae": "smaller"})
