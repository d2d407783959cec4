"""Planner of the keys that a person presses to drive round boxes to a goal: a shortest path over key presses.

A record is an image, then 0.3 s of motion. There are nine combinations of keys, none turns the robot, and the first
record of an episode presses none. Source: the public repository minuum/vla, ``mobile_vla_data_collector.py``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from policies.formats.action_format import KEY_GRID
from scenarios.geometry import dot, segments_cross
from scenarios.navigation.clearance_grid import ObstacleOutlines
from scenarios.ranges import Range
from scenarios.robot import ACTION_SCALE, KEY_PRESS_PERIOD_S
from scenarios.world import World

RECORDS_PER_EPISODE = 18
NO_KEY = 4  # the row of KEY_GRID that presses nothing

STEP_M = ACTION_SCALE * KEY_PRESS_PERIOD_S  # motion of the robot along each axis per press
LAG_M = 0.012  # distance behind a moving command, from the time that the robot takes to reach full speed
# Extent of the plan in presses, to the rear, ahead and to each side.
BACK_PRESSES, AHEAD_PRESSES, SIDE_PRESSES = 2, RECORDS_PER_EPISODE, 10
EDGE_SAMPLES = 4  # points of a press at which clearance is checked
MIN_PRESS_CLEARANCE_M = 0.10  # hull clearance that every press keeps
ARRIVAL_M = 0.03  # the last press ends this far inside the goal's circle, the one before this far outside


@dataclass(frozen=True)
class TeleopStyle:
    """The driving style of one person. Costs are in presses."""

    comfort_clearance_m: float
    """The hull clearance above which more clearance costs nothing less."""
    clearance_cost: float
    """Cost of a press without clearance; it falls with the square of the clearance."""
    change_cost: float
    """Cost of pressing other keys than before."""
    deviation_cost: float
    """Cost of a press per metre off the straight line to the place where the person wants to stop."""
    stop_left_m: float
    """Distance of this place to the left of the goal."""
    stop_error_cost: float = 3.0
    """Cost of stopping a metre to the left or to the right of this place."""
    reversal_cost: float = 3.0
    """Cost of pressing one side directly after the other."""
    backward_cost: float = 20.0
    """Cost of pressing backward."""
    idle_cost: float = 10.0
    """Cost of pressing nothing."""


@dataclass(frozen=True)
class TeleopStyleRanges:
    """The ranges of the styles of a data set, chosen so that its labels have the published statistics."""

    comfort_clearance_m: Range = Range(0.7, 1.1)
    clearance_cost: Range = Range(4.0, 8.0)
    change_cost: Range = Range(0.1, 0.6)
    deviation_cost: Range = Range(0.15, 0.5)
    # Published drives end 0.39 m to the left on average, 18 frames of 0.3 s at 0.072 m/s, on either side of the boxes.
    stop_left_m: Range = Range(0.4, 0.8)

    def draw(self, rng: np.random.Generator) -> TeleopStyle:
        """Sample a style."""
        ranges = (
            self.comfort_clearance_m,
            self.clearance_cost,
            self.change_cost,
            self.deviation_cost,
            self.stop_left_m,
        )
        return TeleopStyle(*(one.draw(rng) for one in ranges))


def plan_key_presses(world: World, style: TeleopStyle) -> np.ndarray | None:
    """Find the cheapest 18 records that reach the goal's circle with the last press, on the instructed side.

    The plan is a shortest path over (press, place, keys held), found backwards from the goal; places are whole presses
    from the start, along the robot's axes.

    Returns:
        (18, 3) actions, the first zero, each 0 or ±1; None if there is no such sequence.
    """
    places = _places(world)  # (n, m, 2)
    edges = _edge_costs(world, style, places)  # (9, n, m)
    arrived = np.stack(
        [_depth_in_goal(world, places, key) for key in range(len(KEY_GRID))], axis=-1
    )  # (n, m, 9) metres inside
    change = style.change_cost * (1.0 - np.eye(len(KEY_GRID)))  # (9 held, 9 pressed)
    change[NO_KEY] = 0.0
    change += style.reversal_cost * (np.outer(KEY_GRID[:, 1], KEY_GRID[:, 1]) < 0)
    aim, left = _stop_point(world, style)
    missed = style.stop_error_cost * np.abs(dot(places - aim, left))  # (n, m)
    to_go = np.where(arrived >= ARRIVAL_M, missed[..., None], np.inf)  # (n, m, 9) remaining cost with these keys held
    choices = []
    for _ in range(RECORDS_PER_EPISODE - 1):
        after = np.stack([_shift_values(to_go[..., key], KEY_GRID[key]) for key in range(len(KEY_GRID))])  # (9, n, m)
        totals = (edges + after)[..., None] + change.T[:, None, None, :]  # (9 pressed, n, m, 9 held)
        choices.append(totals.argmin(axis=0))
        to_go = np.where(arrived <= -ARRIVAL_M, totals.min(axis=0), np.inf)
    i, j, held = BACK_PRESSES, SIDE_PRESSES, NO_KEY
    if not np.isfinite(to_go[i, j, held]):
        return None
    actions = np.zeros((RECORDS_PER_EPISODE, 3), np.float32)
    for record, choice in enumerate(reversed(choices), start=1):
        held = int(choice[i, j, held])
        i, j = i + KEY_GRID[held][0], j + KEY_GRID[held][1]
        actions[record, :2] = KEY_GRID[held]
    return actions


def _places(world: World) -> np.ndarray:
    """Return the places (n, m, 2) after n presses forward, from ``-BACK_PRESSES``, and m to the left."""
    ahead, left = np.meshgrid(
        np.arange(-BACK_PRESSES, AHEAD_PRESSES + 1), np.arange(-SIDE_PRESSES, SIDE_PRESSES + 1), indexing="ij"
    )
    return _to_world(world, np.stack([ahead, left], axis=-1))


def _to_world(world: World, counts: np.ndarray) -> np.ndarray:
    """Convert presses (..., 2) along the axes of the robot's start pose to places (..., 2) in the world."""
    return world.start.to_world(STEP_M * counts)


def _edge_costs(world: World, style: TeleopStyle, places: np.ndarray) -> np.ndarray:
    """Return the cost (9, n, m) of each press from each place; infinite where it touches or takes the wrong side."""
    hulls, side, (aim, _) = ObstacleOutlines(world), world.task.side, _stop_point(world, style)
    origin = _to_world(world, np.zeros(2))
    costs = []
    for key in KEY_GRID:
        shift = _to_world(world, key) - origin
        shares = np.linspace(1.0 / EDGE_SAMPLES, 1.0, EDGE_SAMPLES)
        samples = places[..., None, :] + shares[:, None] * shift  # (n, m, s, 2)
        clearance = hulls.clearance(samples)  # (n, m, s)
        near = np.clip(1.0 - clearance / style.comfort_clearance_m, 0.0, 1.0)
        cost = 1.0 + style.clearance_cost * (near**2).mean(axis=-1)
        cost += style.deviation_cost * _distance_from_line(world, aim, samples[..., -1, :])
        cost += style.backward_cost * (key[0] < 0) + style.idle_cost * (not key.any())
        barred = clearance.min(axis=-1) < MIN_PRESS_CLEARANCE_M
        for other in world.task.others:
            away = np.hypot(*np.moveaxis(samples - np.array([other.pose.x, other.pose.y]), -1, 0))
            barred |= away.min(axis=-1) < other.radius_m + ARRIVAL_M
        if side is not None:
            barred |= segments_cross(places, places + shift, *np.asarray(side.other), touching=True)
        costs.append(np.where(barred, np.inf, cost))
    return np.stack(costs)


def _stop_point(world: World, style: TeleopStyle) -> tuple[np.ndarray, np.ndarray]:
    """Return (2,) where this person wants to stop, beside the goal, and (2,) the unit vector to their left."""
    goal, yaw = world.task.goal.pose, world.start.yaw
    left = np.array([-np.sin(yaw), np.cos(yaw)])
    return np.array([goal.x, goal.y]) + style.stop_left_m * left, left


def _distance_from_line(world: World, aim: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return the distances (...) in m of points (..., 2) from the straight line between start and aim (2,)."""
    start = np.array([world.start.x, world.start.y])
    ahead, away = aim - start, points - start
    cross: np.ndarray = ahead[0] * away[..., 1] - ahead[1] * away[..., 0]
    return np.abs(cross) / np.hypot(*ahead)


def _depth_in_goal(world: World, places: np.ndarray, key: int) -> np.ndarray:
    """Return the depth (n, m) in m of each place in the goal's circle (negative: outside), reached with a key held."""
    goal = world.task.goal
    behind = LAG_M / STEP_M * KEY_GRID[key]
    offset = places - (_to_world(world, behind) - _to_world(world, np.zeros(2))) - np.array([goal.pose.x, goal.pose.y])
    inside: np.ndarray = goal.radius_m - np.hypot(offset[..., 0], offset[..., 1])
    return inside


def _shift_values(values: np.ndarray, key: np.ndarray) -> np.ndarray:
    """Return for each place (n, m) the value of the place that a press leads to; infinite beyond the plan."""
    moved = np.full_like(values, np.inf)
    (i0, i1), (j0, j1) = ((max(0, -step), n - max(0, step)) for step, n in zip(key, values.shape, strict=True))
    moved[i0:i1, j0:j1] = values[i0 + key[0] : i1 + key[0], j0 + key[1] : j1 + key[1]]
    return moved
