"""Laws of policies that are compared."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from rows import make_errors

from sim.analysis.policy_comparison import PolicyComparison
from sim.results.summary.offline_score import OfflineScore


def compare(wins, maes, episodes=40):
    won = np.arange(episodes)[:, None] < np.array(wins)
    scores = [
        OfflineScore(name, "corridor", "held-out", episodes=30, errors=make_errors(mae, 0.001))
        for name, mae in zip("abcdefgh", maes, strict=False)
    ]
    return PolicyComparison([won], [scores])


def test_a_selection_has_the_figures_of_its_policies():
    every = compare([30, 10, 20, 5], [0.02, 0.03, 0.05, 0.09])
    some = every.select(("b", "d"))
    assert (some.size, some.labels) == (2, ("b", "d"))
    assert some.rates.tolist() == [10, 5]
    assert some.errors.tolist() == pytest.approx([0.03, 0.09])
    assert every.select(every.labels) is every


def test_well_separated_policies_are_reliable_and_equal_ones_are_not():
    apart = compare([40, 30, 20, 10, 0], [0.01, 0.03, 0.05, 0.07, 0.09])
    assert apart.reliability > 0.9
    assert apart.explain_no_episode_interval() is None
    close = compare([20, 21, 20, 22, 21], [0.01, 0.03, 0.05, 0.07, 0.09])
    assert (
        "noise of few episodes" in replace(close, successes=[shuffle(close.successes[0])]).explain_no_episode_interval()
    )


def shuffle(won):
    rng = np.random.default_rng(0)
    return np.stack([rng.permutation(column) for column in won.T], axis=1)


def test_too_few_episodes_of_either_side_are_named():
    few = compare([4, 3], [0.1, 0.2], episodes=12)
    assert (few.driven, few.recorded) == (12, 30)
    assert few.explain_no_episode_interval() == (
        "12 episodes and 30 recorded ones are too few for an interval over episodes: it needs 30 and 20"
    )
