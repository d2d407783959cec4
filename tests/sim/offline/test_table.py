import io

import numpy as np
import pytest
from recorded import FakeSet, Scripted, constant, demonstration
from rich.console import Console

from sim.offline.score import score_policy
from sim.offline.table import print_score

LABELS = [[0, 0, 0], [1, 0, 0], [1, 0.5, 0], [1, -0.5, 0], [1, 0, 0.3]]


def entry(policy, answer):
    episodes = [
        demonstration(np.roll(LABELS, number, axis=0), size=2, instruction=f"go {number}") for number in range(5)
    ]
    return {"policy": policy, **score_policy(Scripted(answer, image_size=None), FakeSet(*episodes))}


def printed(*entries, width=140, axes="3d", privileged=()):
    console = Console(file=io.StringIO(), width=width, no_color=True)
    print_score("a set", entries, axes, privileged, console)
    return console.file.getvalue()


STILL = entry("still", constant(0, 0, 0))


@pytest.mark.parametrize("width", [40, 80, 140, 200])
def test_columns_give_way_and_the_error_with_its_interval_stays(width):
    text = printed(STILL, width=width)
    assert f"{STILL['mae']:.4f} ({STILL['low']:.3f} to {STILL['high']:.3f})" in text
    table = text.split("\nMAE, axes")[0].splitlines()[1:]
    assert any(line.rstrip().endswith("RMSE") for line in table) == (width >= 140)
    assert all(len(line) <= width for line in table)


def test_a_privileged_policy_has_a_star_that_is_explained():
    text = printed(STILL, privileged={"still"})
    assert "still*" in text
    assert "sees the true map" in text
    assert "sees the true map" not in printed(STILL)


def test_a_policy_better_than_every_constant_is_said_to_be():
    good = entry("good", constant(0.9, 0, 0))
    good["conventions"] = [
        {
            **one,
            "versus": {
                **one["versus"],
                "constant": {"floor": "median", "difference": -0.1, "low": -0.2, "high": -0.05},
            },
        }
        for one in good["conventions"]
    ]
    assert "better than the best constant (median, " in printed(good, STILL)
    assert "good -0.100 (-0.200 to -0.050)" in printed(good, STILL)


def test_few_episodes_are_called_too_few():
    assert "5 episodes: too few for intervals" in printed(STILL)
    many = FakeSet(*[demonstration(LABELS, size=2)] * 10)
    still = {"policy": "still", **score_policy(Scripted(constant(0, 0, 0), image_size=None), many)}
    assert "too few" not in printed(still)


def test_a_set_of_first_frames_has_dashes_for_other_frames():
    episodes = [demonstration([[0, 0, 0]], size=2, instruction=text) for text in ("left", "right")]
    found = {"policy": "still", **score_policy(Scripted(constant(0, 0, 0), image_size=None), FakeSet(*episodes))}
    row = next(line for line in printed(found, width=200).splitlines() if line.startswith("still"))
    assert row.split().count("-") == 2
    assert "alarm  zero labels: 100.0% of the labels are zero, among them 2 whole episodes" in printed(found)
