"""Laws of the scatter plot of offline error against success."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rows import make_ranked

from policies.systems.table import PUBLISHED
from sim.report.scatter import (
    BOTTOM,
    LEFT,
    NAMED_POINTS,
    RIGHT,
    TOP,
    LabelBox,
    choose_ticks,
    lay_out_scatter,
    place_labels,
    truncate_left,
)

NAMES = (*PUBLISHED, "expert", "straight")


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.floats(0.6, 0.9), st.floats(0.0, 0.1)), min_size=len(NAMES), max_size=len(NAMES)))
def test_no_name_covers_another_or_a_point_however_crowded_the_points(shares):
    places = [(LEFT + (RIGHT - LEFT) * x, BOTTOM - (BOTTOM - TOP) * y) for x, y in shares]
    boxes = place_labels(places, NAMES)
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
    assert not any(box.left < x < box.right and box.top < y < box.bottom for box in boxes for x, y in places)
    assert all(box.left > LEFT and box.right < RIGHT + 10 for box in boxes)


def test_the_name_of_an_isolated_point_is_beside_it():
    (box,) = place_labels([(400.0, 200.0)], ["hybrid"])
    assert box.top < 200.0 < box.bottom
    assert 400.0 < box.left < 420.0
    (box,) = place_labels([(RIGHT - 10, 200.0)], ["hybrid"])
    assert box.right < RIGHT - 10


def test_points_lie_where_their_numbers_say():
    summary = make_ranked({"a": 18, "b": 12, "c": 0}, {"a": 0.05, "b": 0.03, "c": 0.08})
    picture = lay_out_scatter(summary.agreement.rows)
    a, b, c = picture.points
    assert b.x < a.x < c.x
    assert a.y < b.y < c.y == BOTTOM
    for point in picture.points:
        assert LEFT <= point.left <= point.x <= point.right <= RIGHT
        assert TOP <= point.top <= point.y <= point.bottom <= BOTTOM
    assert [(name, value, anchor) for _, name, value, anchor in picture.baselines] == [
        ("hold", 0.02, "middle"),
        ("median", 0.2, "middle"),
    ]


def test_names_of_close_baselines_point_away_from_each_other():
    rows = make_ranked({"a": 18, "b": 12}, {"a": 0.05, "b": 0.03}).agreement.rows
    rows = [replace(row, baselines={"median": 0.05, "hold": 0.049}) for row in rows]
    assert [line.anchor for line in lay_out_scatter(rows).baselines] == ["end", "start"]


def test_a_reference_far_to_the_right_does_not_compress_the_scale():
    wins, errors = {"a": 18, "b": 12, "zero": 0}, {"a": 0.05, "b": 0.03, "zero": 0.35}
    assert [point.name for point in lay_out_scatter(make_ranked(wins, errors).agreement.rows).points] == [
        "a",
        "b",
    ]


def test_a_single_point_has_no_plot():
    assert lay_out_scatter(make_ranked({"a": 18, "b": 12}, {"a": 0.05}).agreement.rows) is None


@pytest.mark.parametrize(("smallest", "largest"), [(0.0, 0.13), (0.042, 0.0451), (0.3, 12.0)])
def test_ticks_are_few_round_numbers_within_the_range(smallest, largest):
    found = choose_ticks(smallest, largest)
    assert 3 <= len(found) <= 8
    assert smallest <= found[0] < found[-1] <= largest + 1e-9


def test_a_long_name_is_truncated_at_its_beginning():
    assert truncate_left("hybrid") == "hybrid"
    assert truncate_left("runs/of/a/very/long/path/to/checkpoint-12").endswith("checkpoint-12")
    assert len(truncate_left("x" * 99)) == 30


def test_rectangles_that_only_touch_do_not_overlap():
    assert not LabelBox(0, 0, 1, 1).overlaps(LabelBox(1, 0, 2, 1))
    assert LabelBox(0, 0, 2, 2).overlaps(LabelBox(1, 1, 3, 3))


def test_of_many_points_the_first_have_names_and_none_covers_any_point():
    places = [(100.0 + 8 * number, 60.0 + (37 * number) % 350) for number in range(NAMED_POINTS + 20)]
    labels = place_labels(places, [f"policy {number}" for number in range(len(places))])
    assert [label is None for label in labels] == [False] * NAMED_POINTS + [True] * 20
    for label in filter(None, labels):
        assert not any(label.left < x < label.right and label.top < y < label.bottom for x, y in places)
