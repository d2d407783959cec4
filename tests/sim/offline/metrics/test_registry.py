"""Laws of the registry of offline metrics."""

from __future__ import annotations

import pytest

from scenarios.common.errors import InputError
from sim.offline.metrics.evidence import NEEDS
from sim.offline.metrics.registry import OFFLINE_METRICS, select_metrics


def test_names_are_unique_and_every_row_says_what_it_is_and_where_it_comes_from():
    assert len({metric.name for metric in OFFLINE_METRICS}) == len(OFFLINE_METRICS)
    for metric in OFFLINE_METRICS:
        assert metric.label
        assert metric.source
        assert not metric.label.endswith(".")
        assert set(metric.needs) <= set(NEEDS)
        assert metric.bounds[0] < metric.bounds[1]


def test_metrics_are_selected_by_name_by_pattern_and_all_together_in_the_registrys_order():
    assert [metric.name for metric in select_metrics(["tre", "mae_v*", "mae"])] == ["mae", "mae_vx", "mae_vy", "tre"]
    assert select_metrics(["all"]) == OFFLINE_METRICS
    assert select_metrics([]) == ()


def test_an_unknown_name_has_the_nearest_match():
    with pytest.raises(InputError, match="did you mean 'macro_f1'"):
        select_metrics(["macro_f2"])
