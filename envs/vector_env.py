"""The vector environment: several robots in one process, whose cameras are drawn as tiles of one picture."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from envs.episode_batch import RENDER_MODES, BatchOutcome, EpisodeBatch, stack_infos
from envs.spaces import check_image_size, make_action_space, make_observation_space
from scenarios.common.errors import InputError
from scenarios.robot import ACTION_SIZE, CONTROL_PERIOD_S, IMAGE_SIZE

SINGLE_SPACES = {"observation_space": "single_observation_space", "action_space": "single_action_space"}

Observations = dict[str, np.ndarray]
Infos = dict[str, Any]


class MobileVLAVectorEnv(VectorEnv[Observations, np.ndarray, np.ndarray]):
    """Several copies of ``envs.env.MobileVLAEnv`` with equal observations, rewards and infos, but drawn together.

    ``gymnasium.make_vec(id, num_envs=n)`` makes it. Seeds, autoreset modes, ``final_obs``, ``final_info`` and
    ``options={"reset_mask": mask}`` are those of Gymnasium's ``SyncVectorEnv``: seed s gives copy i the seed s + i, and
    every copy goes through the episodes of its own suite.

    Args:
        scenario: A name in ``scenarios.registry.SCENARIOS``, a scenario file, or ``file.py:NAME``.
        num_envs: Number of robots.
        renderer: "gl", "gpu", "tiny" or "auto"; ``infos["renderer"]`` names the one in use.
        render_mode: "rgb_array" renders the views from behind the robots, (480, 640, 3) each; None disables
            ``render()``.
        image_size: Height and width of ``pixels``.
        autoreset_mode: When an ended episode is followed by the next one: ``NEXT_STEP``, ``SAME_STEP`` or ``DISABLED``.
        max_episode_steps: Steps after which an episode is truncated, as by Gymnasium's ``TimeLimit``; None: those of
            its task.
    """

    def __init__(
        self,
        scenario: str,
        num_envs: int = 1,
        renderer: str = "auto",
        render_mode: str | None = None,
        image_size: tuple[int, int] = IMAGE_SIZE,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        max_episode_steps: int | None = None,
    ) -> None:
        for name, least in (("num_envs", num_envs), ("max_episode_steps", max_episode_steps)):
            if least is not None and least < 1:
                raise InputError(f"{name} is {least}: it must be at least 1")
        image_size = check_image_size(image_size)
        self.num_envs = num_envs
        self.autoreset_mode = _check_autoreset_mode(autoreset_mode)
        self.render_mode = render_mode
        self.metadata = {
            "render_modes": list(RENDER_MODES),
            "render_fps": round(1 / CONTROL_PERIOD_S),
            "autoreset_mode": self.autoreset_mode,
        }
        self.single_observation_space = make_observation_space(image_size)
        self.single_action_space = make_action_space()
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._batch = EpisodeBatch(scenario, num_envs, renderer, image_size, render_mode)
        self._step_limit = max_episode_steps
        self._steps = np.zeros(num_envs, int)
        self._ended = np.zeros(num_envs, bool)  # robots whose episode ended and was followed by no other yet

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observations, Infos]:
        """Start an episode of every robot, or of those in ``options["reset_mask"]``, (n,) bool.

        Args:
            seed: s gives robot i the seed s + i; a list gives each its own; None goes on with their suites.
            options: Besides the mask, the options of ``MobileVLAEnv.reset``, for each of these robots.

        Raises:
            InputError: An option or a seed isn't possible, or the renderer is not available on this machine.
        """
        super().reset(seed=seed if isinstance(seed, int) else None)
        chosen = dict(options or {})
        slots = self._check_reset_mask(chosen.pop("reset_mask", None))
        self.reset_each(slots, self._list_seeds(seed), [chosen] * self.num_envs)
        return self._observe(), self._make_infos(slots, {})

    def reset_each(
        self, slots: Sequence[int], seeds: Sequence[int | None], options: Sequence[Mapping[str, Any]]
    ) -> None:
        """Start an episode of some robots.

        Args:
            slots: The robots, in ascending order.
            seeds: Of every robot.
            options: Of every robot, as for ``MobileVLAEnv.reset``.

        Raises:
            InputError: As ``reset``.
        """
        self._batch.start(slots, [seeds[slot] for slot in slots], [options[slot] for slot in slots], self.np_random)
        self._ended[slots] = False
        self._steps[slots] = 0

    def step(self, actions: np.ndarray) -> tuple[Observations, np.ndarray, np.ndarray, np.ndarray, Infos]:
        """Drive every robot for one control period with its action, (n, 3), vx, vy and wz in [-1, 1].

        Raises:
            RuntimeError: An episode has ended, and the autoreset mode is ``DISABLED``.
            ValueError: An action is not three finite numbers.
        """
        outcome, infos = self._drive(actions), {}
        ended = outcome.terminated | outcome.truncated
        following = self._ended if self.autoreset_mode is AutoresetMode.NEXT_STEP else np.zeros(self.num_envs, bool)
        if self.autoreset_mode is AutoresetMode.SAME_STEP:
            following = ended
            infos = self._make_final_infos(np.flatnonzero(ended).tolist())
        self._ended = ended
        if following.any():
            self.reset_each(np.flatnonzero(following).tolist(), [None] * self.num_envs, [{}] * self.num_envs)
        infos = self._make_infos(range(self.num_envs), infos)
        return self._observe(), *outcome, infos

    def _drive(self, actions: np.ndarray) -> BatchOutcome:
        """Drive the robots whose episodes run; the actions of the others are ignored."""
        if not self._batch.started:
            raise gym.error.ResetNeeded("no episode has started: call reset() before step()")
        actions = np.array(actions, np.float32)
        if actions.shape != (self.num_envs, ACTION_SIZE):
            raise ValueError(f"actions have the shape {actions.shape}: it must be ({self.num_envs}, {ACTION_SIZE})")
        if self._ended.any() and self.autoreset_mode is AutoresetMode.DISABLED:
            over = np.flatnonzero(self._ended).tolist()
            raise RuntimeError(
                f"the episodes of robots {over} have ended: call reset(options={{'reset_mask': mask}}) before the next "
                "step"
            )
        actions[self._ended] = 0.0
        self._steps += ~self._ended
        outcome = self._batch.step(actions, ~self._ended)
        if self._step_limit is not None:
            outcome.truncated[:] |= (self._steps >= self._step_limit) & ~self._ended
        return outcome

    def _observe(self) -> Observations:
        observations = self._batch.observations()
        if self.autoreset_mode is AutoresetMode.DISABLED:  # a masked reset keeps frames that the caller may write to
            observations["pixels"] = observations["pixels"].copy()
        return observations

    def _make_infos(self, slots: Sequence[int], infos: Infos) -> Infos:
        """Add the infos of some robots, all at once where they are all: that is quicker than one by one."""
        if len(slots) == self.num_envs:
            return infos | stack_infos([self._batch.make_info(slot) for slot in slots])
        for slot in slots:
            infos = self._add_info(infos, self._batch.make_info(slot), slot)
        return infos

    def _make_final_infos(self, slots: Sequence[int]) -> Infos:
        infos: Infos = {}
        for slot in slots:
            final = {"final_obs": self._batch.observation(slot), "final_info": self._batch.make_info(slot)}
            infos = self._add_info(infos, final, slot)
        return infos

    def _list_seeds(self, seed: int | Sequence[int | None] | None) -> Sequence[int | None]:
        if seed is None:
            return [None] * self.num_envs
        if not isinstance(seed, Sequence | np.ndarray):
            seed = [operator.index(seed) + slot for slot in range(self.num_envs)]
        seeds = [None if each is None else operator.index(each) for each in seed]
        if len(seeds) != self.num_envs:
            raise InputError(f"{len(seeds)} seeds do not fit {self.num_envs} robots: give one, or one for each")
        if negative := [each for each in seeds if each is not None and each < 0]:
            raise InputError(f"seed {negative[0]} is negative: seeds are whole numbers from 0")
        return seeds

    def _check_reset_mask(self, mask: Any) -> list[int]:
        """Return the robots that a mask selects; all without one."""
        if mask is None:
            return list(range(self.num_envs))
        if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_ or mask.shape != (self.num_envs,):
            raise InputError(f"reset option 'reset_mask' must be an array of {self.num_envs} booleans, not {mask!r}")
        if not mask.any():
            raise InputError("reset option 'reset_mask' selects no robot: at least one of it must be True")
        if not self._batch.started and not mask.all():
            raise InputError("the first reset must start all robots: leave 'reset_mask' out")
        return [int(slot) for slot in np.flatnonzero(mask)]

    def render(self) -> tuple[np.ndarray, ...] | None:
        """Render each robot from behind and above, (480, 640, 3) uint8."""
        return None if self.render_mode is None else tuple(self._batch.render())

    def call(self, name: str, *args: Any, **kwargs: Any) -> tuple[Any, ...]:
        """Return an attribute of each robot's environment, or what it returns if it is a method.

        Examples are ``task_description``, ``_max_episode_steps`` and ``render``. Gymnasium's wrappers of vector
        environments don't pass this on: ``wrapped.unwrapped.call(name)`` reaches it.
        """
        if name == "render":
            return self.render() or (None,) * self.num_envs
        if name == "_max_episode_steps" and self._step_limit is not None:
            return (self._step_limit,) * self.num_envs
        name = SINGLE_SPACES.get(name, name)
        values = [self._batch.get_attribute(slot, name, self) for slot in range(self.num_envs)]
        return tuple(value(*args, **kwargs) if callable(value) else value for value in values)

    def get_attr(self, name: str) -> tuple[Any, ...]:
        """Return an attribute of each robot's environment."""
        return self.call(name)

    def set_attr(self, name: str, values: Any) -> None:
        """Set an attribute of each robot's environment, such as ``scenario``: to one value, or to a list of them.

        Raises:
            InputError: There is no such attribute, or the list has another length.
        """
        listed = list(values) if isinstance(values, list | tuple) else [values] * self.num_envs
        if len(listed) != self.num_envs:
            raise InputError(f"{len(listed)} values of '{name}' do not fit {self.num_envs} robots")
        for slot, value in enumerate(listed):
            self._batch.set_attribute(slot, name, value)

    def close_extras(self, **kwargs: Any) -> None:
        """Close the physics clients and the renderer."""
        self._batch.close()


def _check_autoreset_mode(mode: AutoresetMode | str) -> AutoresetMode:
    """Return a mode by its value ("NextStep") or by its name ("NEXT_STEP")."""
    for known in AutoresetMode:
        if mode in (known, known.value, known.name):
            return known
    modes = ", ".join(f"'{known.value}'" for known in AutoresetMode)
    raise InputError(f"unknown autoreset_mode '{mode}': choose {modes}")
