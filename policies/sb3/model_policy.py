"""A policy that drives with a live model of Stable-Baselines3, as it is at each call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium import spaces

from policies.inference.weights import hash_networks
from policies.policy import DEFAULT_RUNTIME, InferenceRuntime, ObservationBatch, PolicySpec
from policies.sb3.observed_parts import PIXELS, STATE, ArraySpace, ObservationStack, ObservedParts, describe_parts
from policies.sb3.policy import make_spec
from scenarios.common.errors import InputError
from scenarios.robot import ACTION_SIZE


class ModelPolicy:
    """Policy that calls ``model.predict(observation, deterministic=True)``.

    The model stays as it is, its mode of training or evaluation included. Observations are normalised by the model's
    ``VecNormalize``, if it has one.

    Args:
        model: An algorithm (PPO, SAC, ...) or a policy of Stable-Baselines3.
        name: Name of the policy.

    Raises:
        InputError: The environment gives no such observation, or takes no such action.
    """

    def __init__(self, model: Any, name: str) -> None:
        self._model = model
        self._network = getattr(model, "policy", model)
        where = f"policy '{name}'"
        _check_action_space(model.action_space, where)
        self._parts = _describe_space(model.observation_space, where)
        self._stack = ObservationStack(self._parts)
        count = sum(weight.numel() for weight in self._network.parameters())
        self.spec: PolicySpec = make_spec(name, self._parts, count)

    @property
    def weights_sha256(self) -> str | None:
        return hash_networks([self._network])

    def apply_runtime(self, runtime: InferenceRuntime) -> None:
        if runtime != DEFAULT_RUNTIME:
            raise InputError(f"policy '{self.spec.name}' runs where its model is: omit {runtime.flags}")

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        self._stack.begin(slots, instructions)

    def act(self, batch: ObservationBatch) -> np.ndarray:
        seen = self._stack.add(batch)
        observation: Any = dict(seen) if self._parts.is_dict else seen[self._parts.keys[0]]
        if (normaliser := self._find_normaliser()) is not None:
            observation = normaliser.normalize_obs(observation)
        training = self._network.training
        actions, _ = self._model.predict(observation, deterministic=True)
        self._network.set_training_mode(training)
        return np.asarray(actions, np.float32)

    def _find_normaliser(self) -> Any:
        """Return the model's ``VecNormalize``, or None."""
        find = getattr(self._model, "get_vec_normalize_env", None)
        return None if find is None else find()


def _check_action_space(space: spaces.Space, where: str) -> None:
    if (
        not isinstance(space, spaces.Box)
        or space.shape != (ACTION_SIZE,)
        or np.any(space.low != -1.0)
        or np.any(space.high != 1.0)
    ):
        raise InputError(
            f"{where} acts in {space}, which isn't the environment's space: {ACTION_SIZE} numbers from -1 to 1"
        )


def _describe_space(space: spaces.Space, where: str) -> ObservedParts:
    if isinstance(space, spaces.Dict):
        return describe_parts({key: _array_space(part) for key, part in space.spaces.items()}, where)
    found = _array_space(space)
    parts = describe_parts({PIXELS if len(found.shape) == 3 else STATE: found}, where)
    return ObservedParts(parts.keys, parts.image_size, parts.frames, is_dict=False)


def _array_space(space: spaces.Space) -> ArraySpace:
    return ArraySpace(space.shape or (), str(space.dtype))
