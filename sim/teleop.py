"""The published kind of recording: a person drives the robot round a box to a cup, by key presses.

A press is a record: a picture, then 0.3 s of motion. Nine combinations of keys, never a turn; the first record of an
episode stands still. 72 episodes of 18 records, nine for each of eight cells.

Source: the public repository minuum/vla (``mobile_vla_data_collector.py``, and the statistics of its 72 recordings).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from envs.simulation import Simulation
from policies.policy import ACTION_SCALE, Batch, PolicySpec
from scenarios.errors import InputError
from scenarios.occupancy import Hulls
from scenarios.ranges import Range
from scenarios.registry import get_scenario
from scenarios.seeding import episode_seed, generator
from scenarios.world import Box, World
from sim.rollout import Episode, hold_steps

TELEOP = "teleop"
SCENARIO = "box-detour"
FRAMES = 18
CELLS = tuple(f"{n}box_{o}_{s}" for n in (1, 2) for o in ("vert", "hori") for s in ("left", "right"))
PER_CELL = 9
MOST_DRAWN = 4000  # episodes that are looked at for one set

KEYS = np.array([(x, y) for x in (1, 0, -1) for y in (1, 0, -1)])  # (9, 2) forwards, left
STILL = 4  # the row of KEYS that presses nothing
SPEC = PolicySpec(TELEOP, image_size=None, period_s=0.3, hold_action=(0.0, 0.0, 0.0), privileged=True)

STEP_M = ACTION_SCALE * SPEC.period_s  # what a press moves the robot along each axis
LAG_M = 0.012  # what it is behind while it moves, for the time that it takes to reach full speed
BACK, AHEAD, ASIDE = 2, FRAMES, 10  # presses to the rear, ahead and to each side that the plan looks at
EDGE_SAMPLES = 4  # points of a press at which the way must be clear
MOST_SIDEWAYS = 4  # records after the first that go to the side only; the published mean is 3.2
MOST_SWERVES = 2  # changes from one side to the other; out and back again is one
NEAREST_M = 0.10  # hull clearance that every press keeps
ARRIVAL_M = 0.03  # the last press ends so far inside the goal's circle, the one before so far outside


@dataclass(frozen=True)
class Habit:
    """How one person drives. Costs are counted in presses.

    Attributes:
        berth_m: The hull clearance from which on more of it is no better.
        worry: Cost of a press that touches; it falls with the square of the clearance.
        change: Cost of pressing other keys than before.
        astray: Cost of a press per metre off the straight line to the goal.
        dither: Cost of pressing one side right after the other.
        backing, waiting: Cost of pressing backwards, and of standing still.
    """

    berth_m: float
    worry: float
    change: float
    astray: float
    dither: float = 3.0
    backing: float = 20.0
    waiting: float = 10.0


@dataclass(frozen=True)
class Habits:
    """What the habits of a set are drawn from; chosen so that the labels come out as the published ones do."""

    berth_m: Range = Range(0.7, 1.1)
    worry: Range = Range(4.0, 8.0)
    change: Range = Range(0.1, 0.6)
    astray: Range = Range(0.15, 0.5)

    def draw(self, rng: np.random.Generator) -> Habit:
        return Habit(self.berth_m.draw(rng), self.worry.draw(rng), self.change.draw(rng), self.astray.draw(rng))


def presses(world: World, habit: Habit) -> np.ndarray | None:
    """The cheapest 18 records that end in the goal's circle with the last press, the asked way round.

    A shortest path over (press, place, keys held), found backwards from the goal: places are whole presses from the
    start, along the robot's axes.

    Returns:
        (18, 3) actions, the first zero, each of 0 or ±1; None if no such sequence does it.
    """
    places = _places(world)  # (n, m, 2)
    edges = _edge_costs(world, habit, places)  # (9, n, m)
    arrived = np.stack([_arrived(world, places, key) for key in range(len(KEYS))], axis=-1)  # (n, m, 9) metres inside
    change = habit.change * (1.0 - np.eye(len(KEYS)))  # (9 held, 9 pressed)
    change[STILL] = 0.0
    change += habit.dither * (np.outer(KEYS[:, 1], KEYS[:, 1]) < 0)
    to_go = np.where(arrived >= ARRIVAL_M, 0.0, np.inf)  # (n, m, 9) cost from a place where these keys were held
    choices = []
    for _ in range(FRAMES - 1):
        after = np.stack([_moved(to_go[..., key], KEYS[key]) for key in range(len(KEYS))])  # (9, n, m)
        totals = (edges + after)[..., None] + change.T[:, None, None, :]  # (9 pressed, n, m, 9 held)
        choices.append(totals.argmin(axis=0))
        to_go = np.where(arrived <= -ARRIVAL_M, totals.min(axis=0), np.inf)
    i, j, held = BACK, ASIDE, STILL
    if not np.isfinite(to_go[i, j, held]):
        return None
    actions = np.zeros((FRAMES, 3), np.float32)
    for record, chosen in enumerate(reversed(choices), start=1):
        held = int(chosen[i, j, held])
        i, j = i + KEYS[held][0], j + KEYS[held][1]
        actions[record, :2] = KEYS[held]
    return actions


def _places(world: World) -> np.ndarray:
    """(n, m, 2) where the robot stands after so many presses forwards, from ``-BACK``, and to the left, ``-ASIDE``."""
    ahead, left = np.meshgrid(np.arange(-BACK, AHEAD + 1), np.arange(-ASIDE, ASIDE + 1), indexing="ij")
    return _at(world, np.stack([ahead, left], axis=-1))


def _at(world: World, counts: np.ndarray) -> np.ndarray:
    """Presses (..., 2) along the axes of the robot at its start, as places (..., 2) in the world."""
    cos, sin = np.cos(world.start.yaw), np.sin(world.start.yaw)
    turn = np.array([[cos, sin], [-sin, cos]])
    return np.array([world.start.x, world.start.y]) + STEP_M * counts @ turn


def _edge_costs(world: World, habit: Habit, places: np.ndarray) -> np.ndarray:
    """(9, n, m) what each press costs from each place; infinite where it isn't clear or goes the other way round."""
    hulls, side = Hulls(world), world.task.side
    origin = _at(world, np.zeros(2))
    costs = []
    for key in KEYS:
        shift = _at(world, key) - origin
        shares = np.linspace(1.0 / EDGE_SAMPLES, 1.0, EDGE_SAMPLES)
        samples = places[..., None, :] + shares[:, None] * shift  # (n, m, s, 2)
        clearance = hulls.clearance(samples)  # (n, m, s)
        near = np.clip(1.0 - clearance / habit.berth_m, 0.0, 1.0)
        cost = 1.0 + habit.worry * (near**2).mean(axis=-1)
        cost += habit.astray * _off_line(world, samples[..., -1, :])
        cost += habit.backing * (key[0] < 0) + habit.waiting * (not key.any())
        barred = clearance.min(axis=-1) < NEAREST_M
        for other in world.task.others:
            away = np.hypot(*np.moveaxis(samples - np.array([other.pose.x, other.pose.y]), -1, 0))
            barred |= away.min(axis=-1) < other.radius_m + ARRIVAL_M
        if side is not None:
            barred |= _crosses(places, places + shift, *np.asarray(side.other))
        costs.append(np.where(barred, np.inf, cost))
    return np.stack(costs)


def _off_line(world: World, points: np.ndarray) -> np.ndarray:
    """(...) metres from the straight line between start and goal, for points (..., 2)."""
    start, goal = np.array([world.start.x, world.start.y]), world.task.goal.pose
    ahead = np.array([goal.x, goal.y]) - start
    away = points - start
    cross: np.ndarray = ahead[0] * away[..., 1] - ahead[1] * away[..., 0]
    return np.abs(cross) / np.hypot(*ahead)


def _arrived(world: World, places: np.ndarray, key: int) -> np.ndarray:
    """(n, m) metres inside the goal's circle (negative: outside) at each place, reached with these keys held."""
    goal = world.task.goal
    behind = LAG_M / STEP_M * KEYS[key]
    offset = places - (_at(world, behind) - _at(world, np.zeros(2))) - np.array([goal.pose.x, goal.pose.y])
    inside: np.ndarray = goal.radius_m - np.hypot(offset[..., 0], offset[..., 1])
    return inside


def _moved(values: np.ndarray, key: np.ndarray) -> np.ndarray:
    """(n, m) for each place the value where a press leads from it; infinite beyond the plan."""
    moved = np.full_like(values, np.inf)
    (i0, i1), (j0, j1) = ((max(0, -step), n - max(0, step)) for step, n in zip(key, values.shape, strict=True))
    moved[i0:i1, j0:j1] = values[i0 + key[0] : i1 + key[0], j0 + key[1] : j1 + key[1]]
    return moved


def _crosses(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> np.ndarray:
    """(...) whether the segments from a (..., 2) to b (..., 2) cross the one from c (2,) to d (2,)."""

    def beside(p: np.ndarray, q: np.ndarray, r: np.ndarray) -> np.ndarray:
        """On which side of the line through p and q the point r lies."""
        along, away = q - p, r - p
        cross: np.ndarray = along[..., 0] * away[..., 1] - along[..., 1] * away[..., 0]
        return cross

    apart: np.ndarray = beside(a, b, c) * beside(a, b, d)
    across: np.ndarray = beside(c, d, a) * beside(c, d, b)
    return (apart <= 0.0) & (across <= 0.0)


def cell(world: World) -> str:
    """The published cell that a box detour belongs to, e.g. ``1box_vert_left``: how many boxes, on end or lying, side.

    Raises:
        InputError: If the world is no box detour of one or two boxes.
    """
    shapes = [item.shape for item in world.items if item.role == "obstacle"]
    sizes = [shape.size_m for shape in shapes if isinstance(shape, Box)]
    if world.task.side is None or len(sizes) not in (1, 2):
        raise InputError(
            f"a world of '{world.scenario}' with {len(sizes)} boxes has no published cell: take '{SCENARIO}'"
        )
    upright = sizes[0][2] > max(sizes[0][:2])
    return f"{len(sizes)}box_{'vert' if upright else 'hori'}_{world.task.side.name}"


def likely(actions: np.ndarray) -> bool:
    """Whether a person would have driven like this: few presses to the side only, and no weaving about."""
    sideways = int((actions[1:, 0] == 0.0).sum())
    sides = actions[actions[:, 1] != 0.0, 1]
    return sideways <= MOST_SIDEWAYS and int((np.diff(sides) != 0.0).sum()) <= MOST_SWERVES


def drive(world: World, actions: np.ndarray, simulation: Simulation) -> tuple[str, int]:
    """Press these keys in this world: how it ends ('unfinished' if they run out), and with which record."""
    state = simulation.reset(world)
    for record, action in enumerate(actions):
        for _ in range(hold_steps(SPEC)):
            state = simulation.step(action)
            if state.status is not None:
                return state.status, record
    return "unfinished", len(actions) - 1


def habit_of(episode: Episode, habits: Habits = Habits()) -> Habit:
    """Who drives an episode: drawn from the episode alone."""
    return habits.draw(generator(episode_seed(episode.suite_seed, episode.scenario, episode.number), TELEOP))


def chosen(suite_seed: int, per_cell: int = PER_CELL) -> tuple[int, ...]:
    """The first episodes of a suite, as many for each cell, that 18 presses solve.

    Each is driven once, by physics alone: the plan counts in whole presses, the robot takes time to reach its speed.

    Raises:
        InputError: If ``MOST_DRAWN`` episodes don't hold as many.
    """
    counts: Counter[str] = Counter()
    numbers: list[int] = []
    simulation = Simulation()
    try:
        for number in range(MOST_DRAWN):
            world = get_scenario(SCENARIO).world(suite_seed, number)
            if counts[cell(world)] == per_cell:
                continue
            actions = presses(world, habit_of(Episode(SCENARIO, suite_seed, number)))
            if actions is None or not likely(actions) or drive(world, actions, simulation) != ("success", FRAMES - 1):
                continue
            counts[cell(world)] += 1
            numbers.append(number)
            if len(numbers) == per_cell * len(CELLS):
                return tuple(numbers)
    finally:
        simulation.close()
    raise InputError(
        f"suite seed {suite_seed} has too few episodes of '{SCENARIO}' that {FRAMES - 1} key presses solve: "
        f"{dict(counts)} in {MOST_DRAWN}"
    )


class Teleop:
    """The person at the keyboard, as the driver of a recording; its ``labels`` (n, 3) are what it presses."""

    spec = SPEC

    def __init__(self) -> None:
        self.labels = np.zeros((0, 3), np.float32)
        self._record = 0

    def prepare(self, episodes: Sequence[Episode], worlds: Sequence[World], slots: int) -> None:
        """Plan the presses of the episodes that are about to start in slots 0, 1, ...; none where none will do."""
        self._presses = np.zeros((slots, FRAMES + 1, 3), np.float32)  # nothing is pressed after the last
        for slot, (episode, world) in enumerate(zip(episodes, worlds, strict=True)):
            planned = presses(world, habit_of(episode))
            if planned is not None:
                self._presses[slot, :FRAMES] = planned

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        self._record = 0

    def act(self, batch: Batch) -> np.ndarray:
        self.labels = self._presses[:, min(self._record, FRAMES)].copy()
        self._record += 1
        return self.labels
