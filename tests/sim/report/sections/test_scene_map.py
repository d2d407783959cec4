"""Laws of the floor plan of an episode."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rows import make_row

from scenarios.lookup import get_scenario
from scenarios.registry import SCENARIOS
from sim.report.sections.scene_map import draw_scene, sample_scene


def sample(name, **values):
    return sample_scene(
        replace(make_row("good", 3, "collision"), scenario=name, **values), get_scenario(name).spec_hash
    )


@pytest.mark.parametrize("name", SCENARIOS)
def test_all_that_blocks_the_robot_and_every_target_is_drawn_within_the_picture(name):
    world = sample(name)
    drawn = draw_scene(world, [(0, 0), (40, 30)])
    solid = [shape for shape in drawn.shapes if shape.kind in ("wall", "obstacle", "target", "mover")]
    assert len(solid) == sum(item.role in ("wall", "obstacle", "target") for item in world.items)
    (goal,) = [shape for shape in drawn.shapes if shape.kind == "goal"]
    left, top, width, height = drawn.view
    assert (goal.x, goal.y) == (round(100 * world.task.goal.pose.x), round(-100 * world.task.goal.pose.y))
    for x, y in (drawn.start, (goal.x, goal.y), *drawn.path):
        assert left < x < left + width
        assert top < y < top + height


def test_the_path_is_drawn_in_the_frame_of_the_plan_with_y_downwards():
    drawn = draw_scene(sample("corridor"), [(0, 0), (40, 30)])
    assert (drawn.points, drawn.end) == ("0,0 40,-30", (40, -30))
    assert draw_scene(sample("corridor"), []).end is None


def test_a_world_is_that_of_its_seed_episode_and_perturbation():
    assert sample("corridor") == get_scenario("corridor").world(0, 3)
    assert sample("corridor", perturbation="lighting=2").light != sample("corridor").light


def test_a_scenario_that_draws_other_worlds_by_now_or_is_gone_has_no_plan():
    row = make_row("good", 0, "collision")
    assert sample_scene(row, "abc") is None
    assert sample_scene(replace(row, scenario="gone"), "abc") is None
