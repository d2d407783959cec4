"""The Gymnasium environment: one robot, one camera, one instruction."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from envs.camera import Shot
from envs.simulation.command import Command
from envs.simulation.lockstep import BatchedStep, Lockstep
from envs.simulation.simulation import EpisodeState
from envs.simulation.views import third_person_view
from scenarios.common.errors import InputError
from scenarios.lookup import get_scenario
from scenarios.navigation.planner import Planner
from scenarios.robot import CONTROL_PERIOD_S, IMAGE_SIZE
from scenarios.world import World

SUCCESS_REWARD = 10.0
FAILURE_REWARD = -5.0  # collision or another target; a time-out earns nothing
FILM_SIZE = (480, 640)  # height, width of ``render()``
TRUNCATIONS = ("timeout", "stuck")
SPEED_BOUND = 10.0  # m/s and rad/s; far beyond what the motors reach
PLACE_BOUND_M = 1000.0


class MobileVLAEnv(gym.Env[dict[str, Any], np.ndarray]):
    """A scenario family as a Gymnasium environment.

    Observation: ``pixels`` (224, 224, 3) uint8 RGB; ``agent_pos`` (6,) float32: vx, vy (m/s), wz (rad/s) in the body
    frame, odometry x, y (m), yaw (rad) since the start. Action: (vx, vy, wz) in the body frame, left +y, in [-1, 1];
    1.0 is 1.15 m/s or 1.15 rad/s, held for 0.1 s. Reward: the step's progress towards the goal in metres,
    +10 for success, -5 for a collision or another failure that terminates the episode.

    The instruction is not part of the observation: it is in ``info["instruction"]`` and ``task_description``. The key
    ``info["episode"]`` is left to wrappers that record statistics; the episode's number is ``info["episode_index"]``.

    ``reset(seed=s)`` starts episode 0 of suite ``s`` and each further ``reset()`` the next one, as
    ``python -m sim.evaluate --seed s`` does. ``options`` accepts ``{"episode": n}`` or ``{"world": World}``.

    Args:
        scenario: A name in ``scenarios.registry.SCENARIOS``.
        renderer: "gl", "gpu", "tiny" or "auto"; ``info["renderer"]`` names the one in use.
        render_mode: "rgb_array" renders the view from behind the robot, (480, 640, 3); None disables ``render()``.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": round(1 / CONTROL_PERIOD_S)}  # noqa: RUF012 - Gymnasium's

    def __init__(self, scenario: str, renderer: str = "auto", render_mode: str | None = None) -> None:
        if render_mode not in (None, *self.metadata["render_modes"]):
            raise InputError(f"render_mode '{render_mode}' is not supported: use 'rgb_array' or None")
        self.scenario = get_scenario(scenario)
        self.render_mode = render_mode
        limits = np.array([SPEED_BOUND] * 3 + [PLACE_BOUND_M] * 2 + [np.pi + 1e-3], np.float32)
        self.observation_space = spaces.Dict(
            {
                "pixels": spaces.Box(0, 255, (*IMAGE_SIZE, 3), np.uint8),
                "agent_pos": spaces.Box(-limits, limits, dtype=np.float32),
            }
        )
        self.action_space = spaces.Box(-1.0, 1.0, (3,), np.float32)
        self._lockstep = Lockstep(1, renderer)
        self._suite_seed: int | None = None
        self._episode = -1
        self._status: str | None = None

    @property
    def task_description(self) -> str:
        """The instruction of the current episode."""
        return self._world.instruction

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """Start an episode: the next one of the suite, or the one that ``options`` names.

        Raises:
            InputError: An option is unknown, or the renderer is not available on this machine.
        """
        super().reset(seed=seed)
        options = options or {}
        unknown = set(options) - {"world", "episode"}
        if unknown:
            raise InputError(f"unknown reset option '{min(unknown)}': use 'episode' or 'world'")
        if seed is not None:
            self._suite_seed, self._episode = seed, -1
        if self._suite_seed is None:
            self._suite_seed = int(self.np_random.integers(2**31))
        self._episode = int(options.get("episode", self._episode + 1))
        world = options.get("world") or self.scenario.world(self._suite_seed, self._episode)
        if not isinstance(world, World):
            raise InputError(f"reset option 'world' must be a scenarios.world.World, not {type(world).__name__}")
        self._world = world
        self._planner = Planner(world)
        step = self._lockstep.reset([world])
        self._to_go = self._distance(step.states[0])
        self._status = step.states[0].status
        return self._observation(step), self._info(step)

    def step(self, action: np.ndarray) -> tuple[dict[str, np.ndarray], float, bool, bool, dict[str, Any]]:
        """Drive for one control period with an action (3,), vx, vy and wz in [-1, 1].

        Raises:
            RuntimeError: The episode has ended.
            ValueError: The action is not three finite numbers.
        """
        if self._status is not None:
            raise RuntimeError(f"the episode has ended ({self._status}): call reset() before the next step")
        step = self._lockstep.step(Command.hold(np.asarray(action)[None]), np.array([True]))
        state = step.states[0]
        to_go = self._distance(state)
        reward, self._to_go, self._status = self._to_go - to_go, to_go, state.status
        truncated = state.status in TRUNCATIONS
        terminated = state.status is not None and not truncated
        if terminated:
            reward += SUCCESS_REWARD if state.status == "success" else FAILURE_REWARD
        return self._observation(step), float(reward), terminated, truncated, self._info(step)

    def render(self) -> np.ndarray | None:
        """Render the robot from behind and above, (480, 640, 3) uint8."""
        if self.render_mode is None:
            return None
        simulation = self._lockstep.simulations[0]
        height, width = FILM_SIZE
        view = third_person_view(simulation)
        shot = Shot(
            simulation.client, view, width, height, self._world.light, self._world.background, high_quality=True
        )
        return self._lockstep.renderer.render([shot])[0].rgb

    def close(self) -> None:
        """Close the physics client and the renderer; repeated calls have no effect."""
        self._lockstep.close()

    def _distance(self, state: EpisodeState) -> float:
        return self._planner.at_progress(state.progress).distance_to_goal(state.pose[:2])

    def _observation(self, step: BatchedStep) -> dict[str, np.ndarray]:
        return {"pixels": step.pixels[0], "agent_pos": step.states[0].agent_pos}

    def _info(self, step: BatchedStep) -> dict[str, Any]:
        state = step.states[0]
        return {
            "instruction": self._world.instruction,
            "phrase": self._world.phrase,
            "is_success": state.status == "success",
            "status": state.status,
            "touched": state.touched,
            "clearance_m": state.clearance_m,
            "pose": state.pose,
            "suite_seed": self._suite_seed,
            "episode_index": self._episode,
            "renderer": self._lockstep.renderer.name,
        }
