"""The published kind of data set: 72 recordings of 18 key presses, nine for each of eight cells of the box detour.

Source: the public repository minuum/vla, and the statistics of its 72 recordings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from envs.simulation.command import Command
from envs.simulation.simulation import Simulation
from policies.policy import ObservationBatch, PolicySpec
from scenarios.common.errors import InputError
from scenarios.common.seeding import episode_seed, make_generator
from scenarios.lookup import get_scenario
from scenarios.robot import KEY_PRESS_PERIOD_S
from scenarios.world import Box, World
from sim.record.drivers.key_press_planner import (
    RECORDS_PER_EPISODE,
    TeleopStyle,
    TeleopStyleRanges,
    plan_key_presses,
)
from sim.rollout.episode import Episode
from sim.rollout.schedule import hold_steps

TELEOP = "teleop"
SCENARIO = "box-detour"
PUBLISHED_CELLS = tuple(f"{n}box_{o}_{s}" for n in (1, 2) for o in ("vert", "hori") for s in ("left", "right"))
EPISODES_PER_CELL = 9
MAX_DRAWN = 4000  # episodes that are tried for one data set
MAX_SIDEWAYS = 6  # records after the first that go only to the side; the published mean is 3.2
NET_SIDEWAYS = range(-2, 5)  # presses to the left less those to the right; the published mean is 1.1
MAX_SWERVES = 2  # changes from one side to the other; out and back is one
TELEOP_SPEC = PolicySpec(
    TELEOP, image_size=None, period_s=KEY_PRESS_PERIOD_S, hold_action=(0.0, 0.0, 0.0), privileged=True
)


def published_cell(world: World) -> str:
    """Return the published cell of a box detour, e.g. ``1box_vert_left``: number of boxes, upright or lying, side.

    Raises:
        InputError: The world is not a box detour of one or two boxes.
    """
    shapes = [item.shape for item in world.items if item.role == "obstacle"]
    sizes = [shape.size_m for shape in shapes if isinstance(shape, Box)]
    if world.task.side is None or len(sizes) not in (1, 2):
        raise InputError(
            f"a world of '{world.scenario}' with {len(sizes)} boxes has no published cell: use '{SCENARIO}'"
        )
    upright = sizes[0][2] > max(sizes[0][:2])
    return f"{len(sizes)}box_{'vert' if upright else 'hori'}_{world.task.side.name}"


def is_plausible_drive(actions: np.ndarray) -> bool:
    """Return whether a published drive was like this: few presses only to the side, no weaving, no cup far aside."""
    sideways = int((actions[1:, 0] == 0.0).sum())
    sides = actions[actions[:, 1] != 0.0, 1]
    swerves = int((np.diff(sides) != 0.0).sum())
    return sideways <= MAX_SIDEWAYS and swerves <= MAX_SWERVES and round(float(sides.sum())) in NET_SIDEWAYS


def execute_presses(world: World, actions: np.ndarray, simulation: Simulation) -> tuple[str, int]:
    """Execute key presses in a world; return the status ('unfinished' after the last) and the record that ended it."""
    state = simulation.reset(world)
    for record, action in enumerate(actions):
        for _ in range(hold_steps(TELEOP_SPEC)):
            state = simulation.step(Command.hold(action))
            if state.status is not None:
                return state.status, record
    return "unfinished", len(actions) - 1


def draw_teleop_style(episode: Episode) -> TeleopStyle:
    """Sample the style of the person who drives an episode; it depends only on the episode."""
    return TeleopStyleRanges().draw(
        make_generator(episode_seed(episode.suite_seed, episode.scenario, episode.number), TELEOP)
    )


def select_episodes(suite_seed: int, per_cell: int = EPISODES_PER_CELL) -> tuple[int, ...]:
    """Select the first episodes of a suite that 18 presses solve, ``per_cell`` for each cell.

    Each is driven once without a camera, because the plan neglects the time that the robot takes to reach its speed.

    Raises:
        InputError: ``MAX_DRAWN`` episodes don't contain enough.
    """
    counts: Counter[str] = Counter()
    numbers: list[int] = []
    simulation = Simulation()
    try:
        for number in range(MAX_DRAWN):
            world = get_scenario(SCENARIO).world(suite_seed, number)
            if counts[published_cell(world)] == per_cell:
                continue
            actions = plan_key_presses(world, draw_teleop_style(Episode(SCENARIO, suite_seed, number)))
            if (
                actions is None
                or not is_plausible_drive(actions)
                or execute_presses(world, actions, simulation) != ("success", RECORDS_PER_EPISODE - 1)
            ):
                continue
            counts[published_cell(world)] += 1
            numbers.append(number)
            if len(numbers) == per_cell * len(PUBLISHED_CELLS):
                return tuple(numbers)
    finally:
        simulation.close()
    raise InputError(
        f"suite seed {suite_seed} has too few episodes of '{SCENARIO}' that {RECORDS_PER_EPISODE - 1} key presses "
        f"solve: {dict(counts)} in {MAX_DRAWN} episodes"
    )


class TeleopPolicy:
    """A simulated person at the keyboard; the ``labels`` (n, 3) are the pressed keys."""

    spec = TELEOP_SPEC

    def __init__(self) -> None:
        self.labels = np.zeros((0, 3), np.float32)
        self.noise_burst = np.zeros(0, bool)
        self._record = 0

    def prepare(self, episodes: Sequence[Episode], worlds: Sequence[World], slots: int) -> None:
        """Plan the presses of the episodes that are about to start in slots 0, 1, ...; none where there is no plan."""
        self.noise_burst = np.zeros(slots, bool)
        self._presses = np.zeros((slots, RECORDS_PER_EPISODE + 1, 3), np.float32)  # nothing after the last record
        for slot, (episode, world) in enumerate(zip(episodes, worlds, strict=True)):
            planned = plan_key_presses(world, draw_teleop_style(episode))
            if planned is not None:
                self._presses[slot, :RECORDS_PER_EPISODE] = planned

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        self._record = 0

    def act(self, batch: ObservationBatch) -> np.ndarray:
        self.labels = self._presses[:, min(self._record, RECORDS_PER_EPISODE)]
        self._record += 1
        return self.labels
