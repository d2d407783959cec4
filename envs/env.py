"""The Gymnasium environment: one robot, one camera, one instruction."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from envs.episode_batch import RENDER_MODES, EpisodeBatch
from envs.spaces import check_image_size, make_action_space, make_observation_space
from scenarios.robot import CONTROL_PERIOD_S, IMAGE_SIZE


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
        scenario: A name in ``scenarios.registry.SCENARIOS``, a scenario file, or ``file.py:NAME``.
        renderer: "gl", "gpu", "tiny" or "auto"; ``info["renderer"]`` names the one in use.
        render_mode: "rgb_array" renders the view from behind the robot, (480, 640, 3); None disables ``render()``.
        image_size: Height and width of ``pixels``; the camera draws them at any size.
    """

    observation_space: spaces.Dict
    metadata = {"render_modes": list(RENDER_MODES), "render_fps": round(1 / CONTROL_PERIOD_S)}  # noqa: RUF012 - Gymnasium's

    def __init__(
        self,
        scenario: str,
        renderer: str = "auto",
        render_mode: str | None = None,
        image_size: tuple[int, int] = IMAGE_SIZE,
    ) -> None:
        image_size = check_image_size(image_size)
        self.render_mode = render_mode
        self.observation_space = make_observation_space(image_size)
        self.action_space = make_action_space()
        self._batch = EpisodeBatch(scenario, 1, renderer, image_size, render_mode)
        self._tracker = self._batch.trackers[0]
        self.scenario = self._tracker.scenario

    @property
    def task_description(self) -> str:
        """The instruction of the current episode."""
        return self._tracker.task_description

    @property
    def suite_seed(self) -> int | None:
        """Seed of the present suite of episodes; None before the first one."""
        return self._tracker.suite_seed

    @property
    def _max_episode_steps(self) -> int:
        """Control steps after which the current episode times out; lerobot-eval asks for it by this name."""
        return self._tracker._max_episode_steps

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """Start an episode: the next one of the suite, or the one that ``options`` names.

        Raises:
            InputError: An option is unknown, or the renderer is not available on this machine.
        """
        super().reset(seed=seed)
        self._batch.start([0], [seed], [options or {}], self.np_random)
        return self._batch.observation(0), self._batch.make_info(0)

    def step(self, action: np.ndarray) -> tuple[dict[str, np.ndarray], float, bool, bool, dict[str, Any]]:
        """Drive for one control period with an action (3,), vx, vy and wz in [-1, 1].

        Raises:
            RuntimeError: The episode has ended.
            ValueError: The action is not three finite numbers.
        """
        if (status := self._tracker.status) is not None:
            raise RuntimeError(f"the episode has ended ({status}): call reset() before the next step")
        outcome = self._batch.step(np.asarray(action)[None], np.array([True]))
        reward, terminated, truncated = (values[0].item() for values in outcome)
        return self._batch.observation(0), reward, terminated, truncated, self._batch.make_info(0)

    def render(self) -> np.ndarray | None:
        """Render the robot from behind and above, (480, 640, 3) uint8."""
        return None if self.render_mode is None else self._batch.render()[0]

    def close(self) -> None:
        """Close the physics client and the renderer; repeated calls have no effect."""
        self._batch.close()
