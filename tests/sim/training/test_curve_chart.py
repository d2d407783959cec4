"""The picture of a learning curve shows each point where it belongs, inside its interval."""

from __future__ import annotations

import re
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import pytest

from sim.training.curve_chart import BOTTOM, LEFT, RIGHT, TOP, draw_learning_curve

NAMESPACE = "{http://www.w3.org/2000/svg}"


def make_point(timesteps, success, low, high):
    return SimpleNamespace(timesteps=timesteps, episodes=50, success=success, low=low, high=high)


def read_pairs(element):
    return [tuple(float(number) for number in pair.split(",")) for pair in element.get("points").split()]


def test_points_lie_at_their_steps_and_rates_and_the_band_holds_them():
    points = [make_point(500, 0.0, 0.0, 0.1), make_point(1000, 0.5, 0.4, 0.6), make_point(2000, 1.0, 0.9, 1.0)]
    root = ET.fromstring(draw_learning_curve(points))
    line = read_pairs(root.find(f"{NAMESPACE}polyline"))
    assert line == [
        pytest.approx((LEFT + (RIGHT - LEFT) * share, BOTTOM - (BOTTOM - TOP) * rate), abs=0.06)
        for share, rate in ((0.25, 0.0), (0.5, 0.5), (1.0, 1.0))
    ]
    band = read_pairs(root.find(f"{NAMESPACE}polygon"))
    highs, lows = band[:3], band[:2:-1]
    assert all(high[1] <= y <= low[1] for high, (_, y), low in zip(highs, line, lows, strict=True))
    assert "50 held-out episodes" in root.find(f"{NAMESPACE}text").text


@pytest.mark.parametrize("steps", [0, 7])
def test_a_single_point_is_drawn_inside(steps):
    text = draw_learning_curve([make_point(steps, 0.3, 0.1, 0.6)])
    places = [float(place) for place in re.findall(r'cx="([^"]+)"', text)]
    assert all(LEFT <= place <= RIGHT for place in places)
    assert len(places) == 1


@pytest.mark.parametrize(("last", "labels"), [(2_000_000, 5), (1_786_000, 4), (7, 4), (1, 2), (64, 4)])
def test_steps_are_labelled_by_round_numbers(last, labels):
    root = ET.fromstring(draw_learning_curve([make_point(last, 0.3, 0.1, 0.6)]))
    texts = [text.text.replace(",", "") for text in root.findall(f"{NAMESPACE}text")]
    steps = [int(text) for text in texts if text.isdigit()][5:]  # after the percents
    assert steps[0] == 0
    assert steps[-1] <= last
    assert len(steps) == labels
    assert str(steps[1]).rstrip("0") in ("1", "2", "5")
