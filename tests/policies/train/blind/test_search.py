from __future__ import annotations

import numpy as np
import pytest

from policies.train.blind import search
from policies.train.blind.scenes import arrange_scenes
from policies.train.blind.search import sample_way, search_plan, try_plan
from scenarios.common.seeding import make_generator
from scenarios.geometry import Pose2D
from scenarios.robot import ACTION_SCALE, CONTROL_PERIOD_S

from .test_scenes import make_box, make_world


def test_a_way_goes_along_its_points_at_its_speed_and_stays_at_the_last() -> None:
    way = sample_way(np.array([(1.0, 0.0), (1.0, 2.0)]), 0.5, 100)
    steps = np.hypot(*np.diff(way, axis=0).T)
    assert steps.max() <= 0.5 * ACTION_SCALE * CONTROL_PERIOD_S + 1e-9
    assert np.hypot(*(way - (1.0, 0.0)).T).min() < 0.03
    assert np.allclose(way[-1], (1.0, 2.0))


@pytest.fixture
def short(monkeypatch) -> None:
    """Search less, as the scenes of these tests are easy."""
    monkeypatch.setattr(search, "GENERATIONS", 12)


def test_the_search_finds_a_way_around_what_stands_before_the_goal_in_all_scenes(short) -> None:
    walls = [make_box(3.0, 0.4 * number, f"box-{number}") for number in range(-3, 4)]
    scenes = arrange_scenes([make_world(*walls), make_world(*walls, start=Pose2D(1.0, 0.1))])
    plan = search_plan(scenes, make_generator(0, "test"))
    assert (plan.won, plan.scenes) == (2, 2)
    assert try_plan(scenes, np.array(plan.points), plan.speed).all()


def test_equal_generators_find_equal_plans(short) -> None:
    scenes = arrange_scenes([make_world(make_box(3.0, 0.0))])
    one, other = (search_plan(scenes, make_generator(1, "test")) for _ in range(2))
    assert one == other


def test_a_plan_has_no_more_points_than_it_may_have(short) -> None:
    scenes = arrange_scenes([make_world(make_box(3.0, 0.0))])
    assert len(search_plan(scenes, make_generator(2, "test"), most_points=1).points) == 1
