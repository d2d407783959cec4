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


OWN = """
from sim.offline.metrics.actions.errors import measure_mae
from sim.offline.metrics.metric import OfflineMetric, of_each

TWICE = OfflineMetric(name="twice", label="twice the error", measure=of_each(lambda each: 2 * measure_mae(each)))
TAKEN = OfflineMetric(name="mae", label="the error", measure=of_each(measure_mae))
NUMBER = 3
"""


def test_metrics_of_the_users_own_come_last_and_have_names_of_their_own(tmp_path):
    file = tmp_path / "own_offline_metric.py"
    file.write_text(OWN)
    assert [metric.name for metric in select_metrics([f"{file}:TWICE", "mae"])] == ["mae", "twice"]
    with pytest.raises(InputError, match="has the name 'mae', which is built in"):
        select_metrics([f"{file}:TAKEN"])
    with pytest.raises(InputError, match="is a int, not a"):
        select_metrics([f"{file}:NUMBER"])
