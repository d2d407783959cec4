"""Laws of plane geometry: frames, rectangles and segments."""

from __future__ import annotations

import itertools
import json
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scenarios.geometry import Bounds, Pose2D, dot, rotate, segments_cross, turn_direction

coordinates = st.floats(-20.0, 20.0)
angles = st.floats(-math.pi, math.pi)
poses = st.builds(Pose2D, coordinates, coordinates, angles)
places = st.tuples(coordinates, coordinates)
shares = st.floats(0.05, 0.95)


@given(poses, st.lists(places, min_size=1, max_size=5))
def test_to_local_undoes_to_world(pose, points):
    points = np.array(points)
    assert np.allclose(pose.to_local(pose.to_world(points)), points, atol=1e-9)
    assert np.allclose(pose.to_world(pose.to_local(points)), points, atol=1e-9)


@given(poses, places, places)
def test_distances_are_the_same_in_every_frame(pose, one, other):
    moved = pose.to_world(np.array([one, other]))
    assert math.dist(*moved) == pytest.approx(math.dist(one, other), abs=1e-9)


@given(poses)
def test_a_frame_has_its_origin_at_the_pose_and_x_ahead(pose):
    assert pose.to_world((0.0, 0.0)).tolist() == [pose.x, pose.y]
    ahead, left = pose.to_world(np.eye(2)) - pose.xy
    assert ahead == pytest.approx([math.cos(pose.yaw), math.sin(pose.yaw)], abs=1e-6)
    assert float(ahead[0] * left[1] - ahead[1] * left[0]) == pytest.approx(1.0)  # left is to the left of ahead


@given(st.lists(st.tuples(places, angles), min_size=1, max_size=5))
def test_many_vectors_turn_as_one_by_one(drawn):
    vectors, yaws = np.array([vector for vector, _ in drawn]), np.array([yaw for _, yaw in drawn])
    alone = [rotate(vector, float(yaw)) for vector, yaw in zip(vectors, yaws, strict=True)]
    assert np.allclose(rotate(vectors, yaws), alone, atol=1e-9)


@given(places, st.floats(0.0, 10.0), st.floats(0.0, 10.0))
def test_bounds_are_told_by_length_width_and_middle(corner, length, width):
    bounds = Bounds(*corner, corner[0] + length, corner[1] + width)
    assert (bounds.length, bounds.width) == pytest.approx((length, width), abs=1e-9)
    assert bounds.middle == pytest.approx((corner[0] + length / 2, corner[1] + width / 2), abs=1e-9)


@given(st.floats(0.1, 10.0), st.floats(0.1, 10.0))
def test_a_hall_begins_at_zero_and_is_as_wide_on_both_sides(length, width):
    bounds = Bounds.from_size(length, width)
    assert (bounds.x_min, bounds.length, bounds.width) == (0.0, length, width)
    assert bounds.middle[1] == 0.0


def test_bounds_are_the_tuple_that_files_and_hashes_have_always_held():
    bounds = Bounds(0.0, -1.5, 8.0, 1.5)
    assert bounds == (0.0, -1.5, 8.0, 1.5)
    assert hash(bounds) == hash((0.0, -1.5, 8.0, 1.5))
    assert json.dumps(bounds) == "[0.0, -1.5, 8.0, 1.5]"


@given(places, places, places, shares, shares, st.floats(1.1, 3.0), st.booleans())
def test_segments_cross_where_they_share_a_point_and_not_beyond(a, b, c, share, other, beyond, touching):
    a, b, c = map(np.array, (a, b, c))
    meet = a + share * (b - a)
    assume(abs(turn_direction(a, b, c)) > 1e-3 and math.dist(meet, c) > 1e-3)
    assert segments_cross(a, b, c, c + (meet - c) / other, touching=touching)
    assert not segments_cross(a, b, c, c + (meet - c) / beyond, touching=touching)


def test_scalar_products_are_those_of_every_vector():
    vectors, direction = np.array([[[1.0, 2.0], [3.0, -4.0]], [[0.0, 1.0], [0.5, 0.5]]]), np.array([2.0, -1.0])
    assert np.array_equal(dot(vectors, direction), [[0.0, 10.0], [-1.0, 0.5]])
    assert dot(vectors[0, 1], direction) == 10.0


@pytest.mark.parametrize("touching", [True, False])
def test_crossing_is_mutual_and_computed_for_many_at_once(touching):
    rng = np.random.default_rng(0)
    a, b, c, d = rng.uniform(-1.0, 1.0, (4, 200, 2))
    crossed = segments_cross(a, b, c, d, touching=touching)
    assert 0 < crossed.sum() < 200
    assert np.array_equal(crossed, segments_cross(c, d, a, b, touching=touching))
    alone = [bool(segments_cross(*ends, touching=touching)) for ends in zip(a, b, c, d, strict=True)]
    assert crossed.tolist() == alone


@given(st.lists(st.floats(-2.0, 2.0).map(lambda x: round(x, 1)), min_size=2, max_size=12))
def test_a_path_crosses_a_gate_as_often_as_it_changes_sides_wherever_its_steps_end(xs):
    low, high = np.array([0.0, -1.0]), np.array([0.0, 1.0])
    path = [np.array([x, 0.25]) for x in xs]
    crossed = sum(bool(segments_cross(one, two, low, high)) for one, two in itertools.pairwise(path))
    left = [x < 0.0 for x in xs]  # of the gate, as one who looks from its low to its high end sees it
    assert crossed == sum(one != two for one, two in itertools.pairwise(left))


def test_segments_that_touch_at_an_end_cross_only_if_ends_count():
    a, b, c, d = map(np.array, ((0.0, 0.0), (1.0, 0.0), (0.5, 0.0), (0.5, -1.0)))
    assert segments_cross(a, b, c, d, touching=True)
    assert not segments_cross(a, b, c, d)
