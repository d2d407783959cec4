"""The episodes of one robot in an environment: which world comes next, rewards, ends, and what ``info`` says."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from envs.simulation.simulation import EpisodeState
from scenarios.common.errors import InputError
from scenarios.navigation.planner import Planner
from scenarios.robot import CONTROL_PERIOD_S
from scenarios.scenario import Scenario
from scenarios.world import World

SUCCESS_REWARD = 10.0
FAILURE_REWARD = -5.0  # collision or another target; a time-out earns nothing
TRUNCATIONS = ("timeout", "stuck")
UNSEEDED_SUITES = 2**31  # an environment that was never seeded draws its suite from so many
LEROBOT_NEW_ROLLOUT = "lerobot_new_rollout"  # sent by lerobot-eval, for its own wrapper
RESET_OPTIONS = ("episode", "world", LEROBOT_NEW_ROLLOUT)


class StepOutcome(NamedTuple):
    """What one control step of one robot came to."""

    reward: float
    terminated: bool
    truncated: bool


class EpisodeTracker:
    """Keeps track of one robot's episodes.

    Attributes:
        scenario: The family that worlds are drawn from.
        suite_seed: Seed of the suite of episodes; None before the first one.
        episode_index: Number of the present episode in its suite.
        status: None while the episode runs, then how it ended.
        world: The present episode's world.
    """

    world: World

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.suite_seed: int | None = None
        self.episode_index = -1
        self.status: str | None = None

    @property
    def task_description(self) -> str:
        """The instruction of the present episode."""
        return self.world.instruction

    @property
    def _max_episode_steps(self) -> int:
        """Control steps after which the present episode times out, under the name of Gymnasium's ``TimeLimit``."""
        return math.ceil(self.world.task.time_limit_s / CONTROL_PERIOD_S - 1e-9)

    def choose_world(self, seed: int | None, options: Mapping[str, Any], rng: np.random.Generator) -> World:
        """Choose the next episode's world: the next one of the suite, or the one that ``options`` names.

        Args:
            seed: Begins this suite of episodes; None goes on with the present one.
            options: Some of ``RESET_OPTIONS``.
            rng: Draws a suite's seed if none was ever given.

        Raises:
            InputError: An option is unknown or not of its type.
        """
        unknown = set(options) - set(RESET_OPTIONS)
        if unknown:
            raise InputError(f"unknown reset option '{min(unknown)}': use 'episode' or 'world'")
        if seed is not None:
            self.suite_seed, self.episode_index = seed, -1
        if self.suite_seed is None:
            self.suite_seed = int(rng.integers(UNSEEDED_SUITES))
        self.episode_index = _check_episode(options.get("episode", self.episode_index + 1))
        world = options.get("world") or self.scenario.world(self.suite_seed, self.episode_index)
        if not isinstance(world, World):
            raise InputError(f"reset option 'world' must be a scenarios.world.World, not {type(world).__name__}")
        self.world = world
        return world

    def begin(self, state: EpisodeState) -> None:
        """Begin the episode of the chosen world with the robot's first state."""
        self._planner = Planner(self.world)
        self._to_go_m = self._distance_m(state)
        self.status = state.status

    def advance(self, state: EpisodeState) -> StepOutcome:
        """Reward the step that led to this state."""
        to_go_m = self._distance_m(state)
        reward, self._to_go_m, self.status = self._to_go_m - to_go_m, to_go_m, state.status
        truncated = state.status in TRUNCATIONS
        terminated = state.status is not None and not truncated
        if terminated:
            reward += SUCCESS_REWARD if state.status == "success" else FAILURE_REWARD
        return StepOutcome(float(reward), terminated, truncated)

    def make_info(self, state: EpisodeState, renderer: str) -> dict[str, Any]:
        """Make ``info`` of a state that this renderer drew."""
        return {
            "instruction": self.world.instruction,
            "phrase": self.world.phrase,
            "is_success": state.status == "success",
            "status": state.status,
            "touched": state.touched,
            "clearance_m": state.clearance_m,
            "pose": state.pose,
            "suite_seed": self.suite_seed,
            "episode_index": self.episode_index,
            "renderer": renderer,
        }

    def _distance_m(self, state: EpisodeState) -> float:
        return self._planner.at_progress(state.progress).distance_to_goal(state.pose[:2])


def _check_episode(number: Any) -> int:
    try:
        if (index := operator.index(number)) >= 0:
            return index
    except TypeError:
        pass
    raise InputError(f"reset option 'episode' must be a whole number from 0, not {number!r}")
