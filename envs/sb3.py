"""Stable-Baselines3's vector environment: several robots in one process, drawn as tiles of one picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
from stable_baselines3.common.vec_env import VecEnv, VecMonitor

from envs.episode_batch import EpisodeBatch
from envs.registration import ENV_IDS
from envs.spaces import check_image_size, make_action_space, make_observation_space
from scenarios.common.errors import InputError, unknown_name
from scenarios.robot import IMAGE_SIZE

Observations = dict[str, np.ndarray]
Info = dict[str, Any]
Indices = int | Iterable[int] | None


def make_vec_env(
    env_id: str,
    n_envs: int = 16,
    seed: int | None = None,
    monitor_dir: str | Path | None = None,
    env_kwargs: dict[str, Any] | None = None,
) -> VecMonitor:
    """Make a monitored vector environment, as Stable-Baselines3's function of this name does.

    Args:
        env_id: One of ``envs.ENV_IDS``, with or without ``envs:`` before it.
        n_envs: Number of robots.
        seed: Robot i goes through the suite of seed ``seed + i``; None: through one drawn at random.
        monitor_dir: Folder for the log of all episodes, ``monitor.csv``.
        env_kwargs: Further arguments of ``MobileVLAVecEnv``.

    Raises:
        InputError: The id or an argument isn't possible.
    """
    known = env_id.removeprefix("envs:")
    if known not in ENV_IDS:
        raise unknown_name("environment", known, ENV_IDS)
    env = MobileVLAVecEnv(gym.spec(known).kwargs["scenario"], n_envs, **(env_kwargs or {}))
    env.seed(seed)
    log = None
    if monitor_dir is not None:
        Path(monitor_dir).mkdir(parents=True, exist_ok=True)
        log = str(Path(monitor_dir) / "monitor.csv")
    return VecMonitor(env, log, info_keywords=("is_success",) if log else ())


class MobileVLAVecEnv(VecEnv):
    """Several copies of ``envs.env.MobileVLAEnv``: equal to a ``DummyVecEnv`` of them, but drawn together.

    Args:
        scenario: A name in ``scenarios.registry.SCENARIOS``, a scenario file, or ``file.py:NAME``.
        num_envs: Number of robots.
        renderer: "gl", "gpu", "tiny" or "auto".
        render_mode: "rgb_array" or None.
        image_size: Height and width of ``pixels``.

    Raises:
        InputError: An argument isn't possible.
    """

    def __init__(
        self,
        scenario: str,
        num_envs: int = 16,
        renderer: str = "auto",
        render_mode: str | None = None,
        image_size: tuple[int, int] = IMAGE_SIZE,
    ) -> None:
        if num_envs < 1:
            raise InputError(f"num_envs is {num_envs}: it must be at least 1")
        image_size = check_image_size(image_size)
        self.render_mode = render_mode
        self._batch = EpisodeBatch(scenario, num_envs, renderer, image_size, render_mode)
        self._rng = np.random.default_rng()
        super().__init__(num_envs, make_observation_space(image_size), make_action_space())

    def reset(self) -> Observations:
        """Start an episode of every robot, with the seeds and options that were set before."""
        self._start(range(self.num_envs), self._seeds, self._options)
        self._reset_seeds()
        self._reset_options()
        return self._batch.observations()

    def _start(self, slots: Sequence[int], seeds: Sequence[int | None], options: Sequence[dict[str, Any]]) -> None:
        self._batch.start(slots, seeds, options, self._rng)
        for slot in slots:
            self.reset_infos[slot] = self._batch.make_info(slot)

    def step_async(self, actions: np.ndarray) -> None:
        """Take the actions (n, 3) of the next step."""
        self._actions = actions

    def step_wait(self) -> tuple[Observations, np.ndarray, np.ndarray, list[Info]]:
        """Drive every robot for one control period; who is done starts its next episode at once.

        Raises:
            ValueError: An action is not three finite numbers.
        """
        rewards, terminated, truncated = self._batch.step(self._actions, np.ones(self.num_envs, bool))
        done = terminated | truncated
        infos = [self._batch.make_info(slot) for slot in range(self.num_envs)]
        for slot, info in enumerate(infos):
            info["TimeLimit.truncated"] = bool(truncated[slot])
            if done[slot]:
                info["terminal_observation"] = self._batch.observation(slot)
        if done.any():
            over = np.flatnonzero(done).tolist()
            self._start(over, [None] * len(over), [{}] * len(over))
        return self._batch.observations(), rewards.astype(np.float32), done, infos

    def get_images(self) -> Sequence[np.ndarray | None]:
        """Render each robot from behind and above, (480, 640, 3) uint8."""
        return [None] * self.num_envs if self.render_mode is None else self._batch.render()

    def get_attr(self, attr_name: str, indices: Indices = None) -> list[Any]:
        """Return an attribute of some robots' environments, such as ``task_description``; of all by default."""
        return [self._batch.get_attribute(slot, attr_name, self) for slot in self._get_indices(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: Indices = None) -> None:
        """Set an attribute of some robots' environments, such as ``scenario``.

        Raises:
            InputError: There is no such attribute.
        """
        for slot in self._get_indices(indices):
            self._batch.set_attribute(slot, attr_name, value)

    def env_method(
        self, method_name: str, *method_args: Any, indices: Indices = None, **method_kwargs: Any
    ) -> list[Any]:
        """Call a method of some robots' environments; ``render`` is the one that they have."""
        if method_name == "render":
            images = self.get_images()
            return [images[slot] for slot in self._get_indices(indices)]
        return [method(*method_args, **method_kwargs) for method in self.get_attr(method_name, indices)]

    def env_is_wrapped(self, wrapper_class: type[gym.Wrapper], indices: Indices = None) -> list[bool]:
        """Return False for each of some robots: no wrapper lies around a single one."""
        return [False for _ in self._get_indices(indices)]

    def close(self) -> None:
        """Close the physics clients and the renderer; repeated calls have no effect."""
        self._batch.close()
