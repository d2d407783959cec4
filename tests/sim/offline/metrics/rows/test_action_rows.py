"""Laws of the rows of labels and predictions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.offline.metrics.episode import PredictedEpisode
from sim.offline.metrics.evidence import Evidence
from sim.offline.metrics.rows.action_rows import ACTION_METRICS, share_frames

OF_PREDICTIONS_ALONE = {"flips"}  # whatever the labels do


def made(*lengths, seed=0, same=False):
    rng = np.random.default_rng(seed)
    episodes = []
    for length in lengths:
        labels = rng.uniform(-1, 1, (length, 3))
        episodes.append(PredictedEpisode(labels, labels if same else rng.uniform(-1, 1, (length, 3)), 10.0))
    return Evidence(0.1, 1, tuple(episodes))


@pytest.mark.parametrize("metric", ACTION_METRICS, ids=lambda metric: metric.name)
def test_the_demonstrators_own_actions_have_the_best_value(metric):
    labels = np.tile([[0.9, 0.0, 0.5], [0.05, 0.0, 0.0], [0.3, 0.2, -0.4]], (15, 1))
    evidence = Evidence(0.1, 1, (PredictedEpisode(labels, labels, 10.0),) * 2)
    if metric.name not in OF_PREDICTIONS_ALONE:
        assert metric.measure(evidence) == pytest.approx([0.0 if metric.better == "smaller" else 1.0] * 2)


@pytest.mark.parametrize("metric", ACTION_METRICS, ids=lambda metric: metric.name)
@given(lengths=st.lists(st.integers(1, 45), min_size=1, max_size=3), seed=st.integers(0, 99))
def test_every_episode_has_a_value_within_bounds_or_none(metric, lengths, seed):
    values = metric.measure(made(*lengths, seed=seed))
    assert values.shape == (len(lengths),)
    known = values[~np.isnan(values)]
    assert ((known >= metric.bounds[0]) & (known <= metric.bounds[1])).all()


@pytest.mark.parametrize("metric", [row for row in ACTION_METRICS if not row.name.startswith("skill")])
def test_an_episodes_value_does_not_depend_on_the_others(metric):
    together, alone = made(12, 31), made(12)
    assert metric.measure(together)[0] == pytest.approx(metric.measure(alone)[0], nan_ok=True)


def test_shares_are_of_all_frames():
    assert share_frames([np.array([True, False]), np.array([False] * 2)]) == 1 / 4
    assert share_frames([]) == 0.0
