"""The environments as LeRobot's ``lerobot-eval`` takes them; imports nothing of LeRobot."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv, VectorEnv

from envs.env import MobileVLAEnv
from scenarios.common.errors import InputError
from scenarios.registry import SCENARIOS
from scenarios.robot import IMAGE_SIZE

CAMERA = "front"  # the camera's name in our data sets, so a policy that was trained on them finds its picture


class LeRobotEnv(gym.Wrapper[dict[str, Any], np.ndarray, dict[str, np.ndarray], np.ndarray]):
    """A scenario whose observation has the picture of the camera "front", with the attributes that LeRobot reads.

    LeRobot makes ``observation.images.front`` of the picture and ``observation.state`` of ``agent_pos``, and passes
    ``task_description`` to the policy.

    Args:
        scenario: A name in ``scenarios.registry.SCENARIOS``.
        renderer: "gl", "gpu", "tiny" or "auto".
        render_mode: "rgb_array" for LeRobot's films; None disables ``render()``.
        image_size: (height, width) of the picture.
    """

    def __init__(
        self,
        scenario: str,
        renderer: str = "auto",
        render_mode: str | None = "rgb_array",
        image_size: tuple[int, int] = IMAGE_SIZE,
    ) -> None:
        self._robot = MobileVLAEnv(scenario, renderer, render_mode, image_size)
        super().__init__(self._robot)
        inner = self._robot.observation_space
        self.observation_space = spaces.Dict(
            {"pixels": spaces.Dict({CAMERA: inner["pixels"]}), "agent_pos": inner["agent_pos"]}
        )

    @property
    def task(self) -> str:
        """Name of the scenario."""
        return self._robot.scenario.name

    @property
    def task_description(self) -> str:
        """The instruction of the current episode."""
        return self._robot.task_description

    @property
    def _max_episode_steps(self) -> int:
        """Steps after which the current episode is truncated; LeRobot asks for this private name."""
        return self._robot._max_episode_steps

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        observation, info = self.env.reset(seed=seed, options=options)
        return _name_camera(observation), info

    def step(self, action: np.ndarray) -> tuple[dict[str, Any], float, bool, bool, dict[str, Any]]:
        observation, reward, terminated, truncated, info = self.env.step(action)
        return _name_camera(observation), float(reward), terminated, truncated, info


def _name_camera(observation: Mapping[str, np.ndarray]) -> dict[str, Any]:
    return {"pixels": {CAMERA: observation["pixels"]}, "agent_pos": observation["agent_pos"]}


def make_env(n_envs: int = 1, use_async_envs: bool = False, cfg: Any = None) -> dict[str, dict[int, VectorEnv]]:
    """Make the vector environments of LeRobot's EnvHub: ``{scenario: {0: environments}}``.

    Args:
        n_envs: Number of robots of each scenario.
        use_async_envs: Run each robot in a process of its own.
        cfg: LeRobot's configuration; its ``task`` names scenarios, separated by commas. None: corridor.

    Raises:
        InputError: A scenario is unknown.
    """
    names = [name.strip() for name in (getattr(cfg, "task", None) or "corridor").split(",")]
    unknown = next((name for name in names if name not in SCENARIOS), None)
    if unknown is not None:
        raise InputError(f"unknown task '{unknown}': the scenarios are {', '.join(SCENARIOS)}")
    return {name: {0: make_vector_env(name, n_envs, use_async_envs)} for name in names}


def make_vector_env(scenario: str, n_envs: int, use_async_envs: bool = False) -> VectorEnv:
    """Make ``n_envs`` robots in a scenario; with the autoreset mode that LeRobot needs to see successes."""
    kind = AsyncVectorEnv if use_async_envs else SyncVectorEnv
    made: VectorEnv = kind([partial(LeRobotEnv, scenario)] * n_envs, autoreset_mode=AutoresetMode.SAME_STEP)
    return made
