"""Which keys a person presses to drive round a box to a cup: a shortest path over key presses.

A press is a record: a picture, then 0.3 s of motion. Nine combinations of keys, never a turn; the first record of an
episode stands still. Source: the public repository minuum/vla, ``mobile_vla_data_collector.py``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenarios.geometry import segments_cross
from scenarios.navigation.clearance_grid import ObstacleOutlines
from scenarios.ranges import Range
from scenarios.robot import ACTION_SCALE, KEY_PRESS_PERIOD_S
from scenarios.world import World

RECORDS_PER_EPISODE = 18  # records of an episode
KEYS = np.array([(x, y) for x in (1, 0, -1) for y in (1, 0, -1)])  # (9, 2) forwards, left
NO_KEY = 4  # the row of KEYS that presses nothing

STEP_M = ACTION_SCALE * KEY_PRESS_PERIOD_S  # what a press moves the robot along each axis
LAG_M = 0.012  # what it is behind while it moves, for the time that it takes to reach full speed
BACK_PRESSES, AHEAD_PRESSES, SIDE_PRESSES = (
    2,
    RECORDS_PER_EPISODE,
    10,
)  # presses to the rear, ahead and to each side that the plan looks at
EDGE_SAMPLES = 4  # points of a press at which the way must be clear
MIN_PRESS_CLEARANCE_M = 0.10  # hull clearance that every press keeps
ARRIVAL_M = 0.03  # the last press ends so far inside the goal's circle, the one before so far outside


@dataclass(frozen=True)
class TeleopStyle:
    """How one person drives. Costs are counted in presses."""

    comfort_clearance_m: float
    """The hull clearance beyond which more of it is no better."""
    clearance_cost: float
    """Of a press that touches; it falls with the square of the clearance."""
    change_cost: float
    """Of pressing other keys than before."""
    deviation_cost: float
    """Of a press, per metre off the straight line to where the person means to stop."""
    stop_left_m: float
    """How far to the left of the goal that is."""
    stop_error_cost: float = 3.0
    """Of stopping a metre to the left or to the right of there."""
    reversal_cost: float = 3.0
    """Of pressing one side right after the other."""
    backward_cost: float = 20.0
    """Of pressing backwards."""
    idle_cost: float = 10.0
    """Of standing still."""


@dataclass(frozen=True)
class TeleopStyleRanges:
    """What the styles of a set are drawn from; chosen so that the labels come out as the published ones do."""

    comfort_clearance_m: Range = Range(0.7, 1.1)
    clearance_cost: Range = Range(4.0, 8.0)
    change_cost: Range = Range(0.1, 0.6)
    deviation_cost: Range = Range(0.15, 0.5)
    # Published drives end 0.39 m to the left on average, 18 frames of 0.3 s at 0.072 m/s, on either side of the boxes.
    stop_left_m: Range = Range(0.4, 0.8)

    def draw(self, rng: np.random.Generator) -> TeleopStyle:
        ranges = (
            self.comfort_clearance_m,
            self.clearance_cost,
            self.change_cost,
            self.deviation_cost,
            self.stop_left_m,
        )
        return TeleopStyle(*(one.draw(rng) for one in ranges))


def plan_key_presses(world: World, style: TeleopStyle) -> np.ndarray | None:
    """Find the cheapest 18 records that end in the goal's circle with the last press, the asked way round.

    A shortest path over (press, place, keys held), found backwards from the goal: places are whole presses from the
    start, along the robot's axes.

    Returns:
        (18, 3) actions, the first zero, each of 0 or ±1; None if no such sequence does it.
    """
    places = _places(world)  # (n, m, 2)
    edges = _edge_costs(world, style, places)  # (9, n, m)
    arrived = np.stack(
        [_depth_in_goal(world, places, key) for key in range(len(KEYS))], axis=-1
    )  # (n, m, 9) metres inside
    change = style.change_cost * (1.0 - np.eye(len(KEYS)))  # (9 held, 9 pressed)
    change[NO_KEY] = 0.0
    change += style.reversal_cost * (np.outer(KEYS[:, 1], KEYS[:, 1]) < 0)
    aim, left = _stop_point(world, style)
    missed = style.stop_error_cost * np.abs((places - aim) @ left)  # (n, m)
    to_go = np.where(arrived >= ARRIVAL_M, missed[..., None], np.inf)  # (n, m, 9) cost from where these keys were held
    choices = []
    for _ in range(RECORDS_PER_EPISODE - 1):
        after = np.stack([_shift_values(to_go[..., key], KEYS[key]) for key in range(len(KEYS))])  # (9, n, m)
        totals = (edges + after)[..., None] + change.T[:, None, None, :]  # (9 pressed, n, m, 9 held)
        choices.append(totals.argmin(axis=0))
        to_go = np.where(arrived <= -ARRIVAL_M, totals.min(axis=0), np.inf)
    i, j, held = BACK_PRESSES, SIDE_PRESSES, NO_KEY
    if not np.isfinite(to_go[i, j, held]):
        return None
    actions = np.zeros((RECORDS_PER_EPISODE, 3), np.float32)
    for record, choice in enumerate(reversed(choices), start=1):
        held = int(choice[i, j, held])
        i, j = i + KEYS[held][0], j + KEYS[held][1]
        actions[record, :2] = KEYS[held]
    return actions


def _places(world: World) -> np.ndarray:
    """(n, m, 2) where the robot stands after so many presses forwards, from ``-BACK``, and to the left, ``-ASIDE``."""
    ahead, left = np.meshgrid(
        np.arange(-BACK_PRESSES, AHEAD_PRESSES + 1), np.arange(-SIDE_PRESSES, SIDE_PRESSES + 1), indexing="ij"
    )
    return _to_world(world, np.stack([ahead, left], axis=-1))


def _to_world(world: World, counts: np.ndarray) -> np.ndarray:
    """Presses (..., 2) along the axes of the robot at its start, as places (..., 2) in the world."""
    return world.start.to_world(STEP_M * counts)


def _edge_costs(world: World, style: TeleopStyle, places: np.ndarray) -> np.ndarray:
    """(9, n, m) what each press costs from each place; infinite where it isn't clear or goes the other way round."""
    hulls, side, (aim, _) = ObstacleOutlines(world), world.task.side, _stop_point(world, style)
    origin = _to_world(world, np.zeros(2))
    costs = []
    for key in KEYS:
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
    """(2,) where this person means to stop, beside the goal, and (2,) what is left to them."""
    goal, yaw = world.task.goal.pose, world.start.yaw
    left = np.array([-np.sin(yaw), np.cos(yaw)])
    return np.array([goal.x, goal.y]) + style.stop_left_m * left, left


def _distance_from_line(world: World, aim: np.ndarray, points: np.ndarray) -> np.ndarray:
    """(...) metres from the straight line between start and aim (2,), for points (..., 2)."""
    start = np.array([world.start.x, world.start.y])
    ahead, away = aim - start, points - start
    cross: np.ndarray = ahead[0] * away[..., 1] - ahead[1] * away[..., 0]
    return np.abs(cross) / np.hypot(*ahead)


def _depth_in_goal(world: World, places: np.ndarray, key: int) -> np.ndarray:
    """(n, m) metres inside the goal's circle (negative: outside) at each place, reached with these keys held."""
    goal = world.task.goal
    behind = LAG_M / STEP_M * KEYS[key]
    offset = places - (_to_world(world, behind) - _to_world(world, np.zeros(2))) - np.array([goal.pose.x, goal.pose.y])
    inside: np.ndarray = goal.radius_m - np.hypot(offset[..., 0], offset[..., 1])
    return inside


def _shift_values(values: np.ndarray, key: np.ndarray) -> np.ndarray:
    """(n, m) for each place the value where a press leads from it; infinite beyond the plan."""
    moved = np.full_like(values, np.inf)
    (i0, i1), (j0, j1) = ((max(0, -step), n - max(0, step)) for step, n in zip(key, values.shape, strict=True))
    moved[i0:i1, j0:j1] = values[i0 + key[0] : i1 + key[0], j0 + key[1] : j1 + key[1]]
    return moved
