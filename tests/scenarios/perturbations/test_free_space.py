"""Start and layout: whatever could be asked can still be done, and what is added stands by itself."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from drawn import drawn, scenarios

from scenarios.navigation.clearance_grid import ClearanceGrid, ObstacleOutlines, is_goal_reachable
from scenarios.objects.routes import resample_route
from scenarios.perturbations.alternative_tasks import feasible_tasks, swapped_tasks
from scenarios.perturbations.axes.layout import scale_shape
from scenarios.robot import ROBOT_RADIUS_M
from scenarios.world import Box, Compound, CompoundPart, Cylinder, Item, Sphere, footprint_radius, hull_shape


@scenarios
def test_all_that_could_be_asked_can_be_done_from_another_start_among_more_things(scenario: str) -> None:
    for episode in range(6 if scenario == "corridor" else 1):
        base = drawn(scenario, episode)
        world = drawn(scenario, episode, "start-pose=3+layout=3")
        assert is_goal_reachable(world, base.clearance_m)
        assert float(ObstacleOutlines(world).clearance(np.array([world.start.x, world.start.y]))) >= 0.0
        for ask in swapped_tasks(base):
            there = replace(ask.apply_to(base), items=world.items, start=world.start)
            assert is_goal_reachable(there, ask.clearance_m)


@scenarios
def test_a_region_holds_the_starts_that_are_reachable(scenario: str) -> None:
    base, rng = drawn(scenario, 1), np.random.default_rng(0)
    x_min, y_min, x_max, y_max = base.bounds_m
    for plan in feasible_tasks(base):
        world, inside = plan.variant.apply_to(base), plan.reachable_cells(plan.grid.clearance_m)
        grid = ClearanceGrid.from_world(world)
        assert np.allclose(grid.clearance_m, plan.grid.clearance_m)
        for _ in range(5):
            x, y = float(rng.uniform(x_min, x_max)), float(rng.uniform(y_min, y_max))
            there = replace(world, start=replace(world.start, x=x, y=y))
            assert inside[grid.cell_at(np.array([x, y]))] == is_goal_reachable(there, plan.variant.clearance_m, grid)


def _outline(item: Item) -> np.ndarray:
    """(k, 2) points around what an item stands on."""
    shape, around = hull_shape(item.shape), np.linspace(0.0, math.tau, 32)
    unit = np.stack([np.cos(around), np.sin(around)], axis=-1)
    if isinstance(shape, Box):
        rim = unit / np.abs(unit).max(axis=1, keepdims=True) * shape.size_m[:2] / 2  # out to the edges of a square
        cos, sin = math.cos(item.pose.yaw), math.sin(item.pose.yaw)
        rim = rim @ np.array([[cos, sin], [-sin, cos]])
    else:
        rim = unit * shape.radius_m
    return np.array([item.pose.x, item.pose.y]) + rim


@scenarios
def test_more_things_stand_by_themselves_off_targets_routes_and_sides(scenario: str) -> None:
    base, world = drawn(scenario, 0), drawn(scenario, 0, "layout=3")
    more = [item for item in world.items if item.name.startswith("more-")]
    if scenario in ("corridor", "crossing", "pursuit", "box-detour"):
        assert len(more) >= 3
    assert len({item.name for item in world.items}) == len(world.items)
    task, x_min, y_min, x_max, y_max = base.task, *base.bounds_m
    for item in more:
        alone = ObstacleOutlines(world, [item])
        assert x_min + footprint_radius(item) <= item.pose.x <= x_max - footprint_radius(item)
        assert y_min + footprint_radius(item) <= item.pose.y <= y_max - footprint_radius(item)
        for target in (task.goal, *task.others):
            gap = float(alone.clearance(np.array([target.pose.x, target.pose.y]))) + ROBOT_RADIUS_M
            assert gap > footprint_radius(base.item(target.name))
        for mover in base.movers:
            passing = alone.clearance(resample_route(mover.route)).min() + ROBOT_RADIUS_M
            assert passing > footprint_radius(base.item(mover.name))
        if task.side is not None:
            for line in (task.side.asked, task.side.other):
                assert alone.clearance(np.linspace(*line, 40)).min() >= -0.01
        for other in world.items:
            if other.role in ("wall", "obstacle", "target") and other.name != item.name:
                assert ObstacleOutlines(world, [other]).clearance(_outline(item)).min() + ROBOT_RADIUS_M > 0.0


def test_layouts_are_outside_of_what_corridors_draw() -> None:
    worlds = [drawn("corridor", episode, "layout=3") for episode in range(12)]
    boxes = [[item for item in world.items if item.role == "obstacle"] for world in worlds]
    assert max(map(len, boxes)) > 4  # corridors draw one to four
    shapes = [item.shape for items in boxes for item in items]
    assert all(isinstance(shape, Box) for shape in shapes)
    assert any(shape.size_m[1] > 0.90 or shape.size_m[2] > 1.10 for shape in shapes if isinstance(shape, Box))


def test_copies_wear_what_their_patterns_wear() -> None:
    world = drawn("corridor", 1, "layout=3+textures=3")
    worn = {(item.rgba, item.texture) for item in world.items if item.name.startswith("box-")}
    assert {(item.rgba, item.texture) for item in world.items if item.name.startswith("more-")} <= worn


def test_scaling_keeps_a_compounds_parts_within_its_hull() -> None:
    body = Compound(
        (CompoundPart(Sphere(0.2), (0.1, 0.0, 0.3)), CompoundPart(Box((0.4, 0.2, 0.6)), (0, 0, -0.2))),
        Cylinder(0.3, 1.0),
    )
    for plan, height in ((1.5, 1.5), (1.5, 1 / 1.5)):
        larger = scale_shape(body, plan, height)
        assert isinstance(larger, Compound)
        assert larger.hull == Cylinder(0.3 * plan, height)
        ball, box = larger.parts
        assert ball.offset_m == pytest.approx((0.1 * plan, 0.0, 0.3 * height))
        assert ball.offset_m[2] + ball.shape.height_m / 2 <= larger.height_m / 2 + 1e-9
        assert box.shape == Box((0.4 * plan, 0.2 * plan, 0.6 * height))
