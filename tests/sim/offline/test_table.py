"""Laws of the printed offline scores."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from recorded import FakeSet, Scripted, constant, demonstration
from rich.console import Console

from sim.offline.score import score_policy
from sim.offline.table import print_score, rank_scores
from sim.results.summary.offline_score import ConstantDifference

LABELS = [[0, 0, 0], [1, 0, 0], [1, 0.5, 0], [1, -0.5, 0], [1, 0, 0.3]]


def make_score(policy, action_of):
    episodes = [
        demonstration(np.roll(LABELS, number, axis=0), size=2, instruction=f"go {number}") for number in range(5)
    ]
    return replace(score_policy(Scripted(action_of, image_size=None), FakeSet(*episodes)), policy=policy)


def printed(*entries, width=140, axes="3d", privileged=()):
    console = Console(file=io.StringIO(), width=width, no_color=True)
    print_score("a set", entries, axes, privileged, console)
    return console.file.getvalue()


STILL = make_score("still", constant(0, 0, 0))


@pytest.mark.parametrize("width", [40, 80, 140, 200])
def test_columns_are_dropped_but_the_error_with_its_interval_stays(width):
    text, own = printed(STILL, width=width), STILL.require_errors()
    assert f"{own.mae:.4f} ({own.low:.3f} to {own.high:.3f})" in text
    table = text.split("\nMAE, axes")[0].splitlines()[1:]
    assert any(line.rstrip().endswith("RMSE") for line in table) == (width >= 140)
    assert all(len(line) <= width for line in table)


def test_a_privileged_policy_has_a_star_that_is_explained():
    text = printed(STILL, privileged={"still"})
    assert "still*" in text
    assert "sees the true map" in text
    assert "sees the true map" not in printed(STILL)


def test_a_policy_better_than_every_constant_is_said_to_be():
    good = make_score("good", constant(0.9, 0, 0))
    better = ConstantDifference(-0.1, -0.2, -0.05, baseline="median")
    errors = replace(good.errors, comparison=replace(good.errors.comparison, constant=better))
    good = replace(good, conventions=tuple(replace(one, errors=errors) for one in good.conventions))
    assert "better than the best constant (median, " in printed(good, STILL)
    assert "good -0.100 (-0.200 to -0.050)" in printed(good, STILL)


def test_few_episodes_are_called_too_few():
    assert "5 episodes: too few for narrow intervals" in printed(STILL)
    many = FakeSet(*[demonstration(LABELS, size=2)] * 10)
    still = replace(score_policy(Scripted(constant(0, 0, 0), image_size=None), many), policy="still")
    assert "too few" not in printed(still)


def test_a_single_episode_has_errors_without_intervals():
    alone = FakeSet(demonstration(LABELS, size=2))
    still = replace(score_policy(Scripted(constant(0, 0, 0), image_size=None), alone), policy="still")
    errors = still.require_errors()
    assert (errors.low, errors.rmse_high, errors.comparison.hold.low) == (None, None, None)
    text = printed(still)
    assert f"{errors.mae:.4f}  " in text
    assert "of one episode, so without an interval, against hold" in text


def test_a_set_of_first_frames_has_dashes_for_other_frames():
    episodes = [demonstration([[0, 0, 0]], size=2, instruction=text) for text in ("left", "right")]
    found = replace(score_policy(Scripted(constant(0, 0, 0), image_size=None), FakeSet(*episodes)), policy="still")
    row = next(line for line in printed(found, width=200).splitlines() if line.startswith("still"))
    assert row.split().count("-") == 2
    assert "alarm  zero labels: 100.0% of the labels are zero, including 2 whole episodes" in printed(found)


def test_scores_are_ranked_by_the_requested_axes_and_failed_policies_come_last():
    failed = make_score("failed", lambda batch: 1 / 0)
    turning, sliding = make_score("turning", constant(0.8, 0, 0.9)), make_score("sliding", constant(0.8, 0.5, 0))
    assert [score.policy for score in rank_scores([failed, sliding, turning], "2d")] == ["turning", "sliding", "failed"]
    assert [score.policy for score in rank_scores([failed, turning, sliding], "3d")] == ["sliding", "turning", "failed"]
    row = next(line for line in printed(failed, STILL).splitlines() if line.startswith("failed "))
    assert row.split() == ["failed", "error"]


def test_brackets_in_a_name_are_printed_as_they_are():
    assert "\nmine[bold]" in printed(replace(STILL, policy="mine[bold]"))
