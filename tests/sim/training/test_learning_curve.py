"""A learning curve is read back as it was written, and an interrupted training goes on with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from scenarios.common.errors import InputError
from sim.analysis.rates import estimate_success
from sim.rollout.episode import Outcome
from sim.training.curve_chart import draw_learning_curve
from sim.training.held_out import HeldOutResult
from sim.training.learning_curve import CurvePoint, LearningCurve

POINT = CurvePoint(1000, 12.5, 4, 1, 0.25, 0.01, 0.75, 88.5, "collision 3; success 1")


def test_a_result_becomes_a_line_with_its_interval() -> None:
    outcomes = (Outcome("success", 90), Outcome("collision", 30))
    rate = estimate_success([True, False])
    result = HeldOutResult(rate, {"success": 1, "collision": 1}, 60.0, 3.0, outcomes)
    point = CurvePoint.of(500, 7.04, result)
    assert (point.timesteps, point.seconds, point.episodes, point.successes) == (500, 7.0, 2, 1)
    assert (point.success, point.low, point.high) == (0.5, round(rate.low, 4), round(rate.high, 4))
    assert point.ends == "success 1; collision 1"


def test_points_are_read_back(tmp_path: Path) -> None:
    curve = LearningCurve(tmp_path / "logs" / "curve.csv")
    points = [POINT, replace(POINT, timesteps=2000, ends="success 4")]
    for point in points:
        curve.add(point)
    assert LearningCurve(curve.path).points == points
    assert curve.path.read_text().splitlines()[0].startswith("timesteps,seconds,episodes,successes,success,low,high")
    assert (tmp_path / "logs" / "curve.svg").read_text() == draw_learning_curve(points)


def test_a_training_that_goes_on_from_an_earlier_step_repeats_what_came_after(tmp_path: Path) -> None:
    path = tmp_path / "curve.csv"
    for steps in (1000, 2000, 3000):
        LearningCurve(path).add(replace(POINT, timesteps=steps))
    curve = LearningCurve(path)
    curve.begin_at(2500)
    assert [point.timesteps for point in LearningCurve(path).points] == [1000, 2000]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n", "is not a learning curve: its columns must be timesteps, "),
        ("timesteps,seconds,episodes,successes,success,low,high,mean_steps,ends\n1,x,1,1,1,1,1,1,a\n", "line 2: "),
        ("timesteps,seconds,episodes,successes,success,low,high,mean_steps,ends\n1,2\n", "line 2: "),
    ],
)
def test_another_file_is_refused(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        LearningCurve(tmp_path / "other.csv")
