"""A LeRobot policy with its processors, for a policy host that runs in LeRobot's own Python environment.

This file imports nothing of this project: it needs Python 3.9 or later, NumPy, torch and LeRobot alone. Written for
LeRobot 0.4.4; the interface of its policies is ``from_pretrained``, ``reset`` and ``select_action``.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

ACTION, STATE, IMAGES = "action", "observation.state", "observation.image"
OUR_STATE = ("vx", "vy", "wz", "x", "y", "yaw")  # columns of a state of this length that has no names
OUR_ACTIONS = ("vx", "vy", "wz")  # columns of an action of this length that has no names


class LeRobotPolicy:
    """A policy of LeRobot: any that ``lerobot-train`` wrote.

    Args:
        path: Folder of the policy (``config.json``, ``model.safetensors`` and the processors), or a repository of the
            hub.
        device: "cpu", "cuda", "cuda:N", or "auto" for the GPU if there is one.
        period_s: Duration of each action in seconds: the frame period of the data set that it was trained on.
        actions: Columns of its actions and their unit, as an ``ActionFormat``'s keywords; its own names if it has any.
        replan: Actions of a chunk that are executed before the next inference; None for the policy's own number.
        seed: Of the noise that policies such as diffusion begin with; each episode's begins anew.

    Raises:
        ValueError: The policy takes several cameras, or none, or its columns can't be told.
    """

    def __init__(
        self,
        path: str,
        device: str = "auto",
        period_s: float = 0.1,
        actions: dict[str, Any] | None = None,
        replan: int | None = None,
        seed: int = 0,
    ) -> None:
        import torch
        from lerobot.configs.policies import PreTrainedConfig
        from lerobot.policies.factory import get_policy_class, make_pre_post_processors

        self._torch, self._seed = torch, seed
        config = PreTrainedConfig.from_pretrained(path)
        config.device = ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
        if replan is not None:
            set_replan(config, replan)
        self._policy = get_policy_class(config.type).from_pretrained(path, config=config).eval()
        device_step = {"device_processor": {"device": config.device}}
        self._make_processors = functools.partial(
            make_pre_post_processors, config, pretrained_path=path, preprocessor_overrides=device_step
        )
        self._before, self._after = self._make_processors()
        self._camera = find_camera(config.input_features)
        self._instructions: list[str] = []
        self._noise = torch.get_rng_state()
        self.spec = describe_policy(config, path, period_s, actions)
        self.spec["parameters"] = sum(weight.numel() for weight in self._policy.parameters())
        self.spec["runtime"] = f"LeRobot {config.type}, torch {torch.__version__} on {config.device}"

    def share(self) -> LeRobotPolicy:
        """Return a policy with the same weights, and episodes of its own."""
        other = copy.copy(self)
        weights = {id(weight): weight for weight in self._policy.parameters()}
        other._policy = copy.deepcopy(self._policy, weights)
        other._before, other._after = self._make_processors()  # they have functions that a copy would share
        return other

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        """Start an episode in every slot; LeRobot's policies have one queue of actions for the whole batch."""
        self._instructions = list(instructions)
        if sorted(slots) != list(range(len(self._instructions))):
            raise ValueError(f"a LeRobot policy starts all slots together, not {list(slots)} alone")
        self._policy.reset()
        self._before.reset()
        self._after.reset()
        with self._torch.random.fork_rng(devices=[]):
            self._torch.manual_seed(self._seed)
            self._noise = self._torch.get_rng_state()

    def act(self, batch: Any) -> np.ndarray:
        """Return the next action of every slot, (n, columns) float32."""
        torch = self._torch
        pixels = torch.from_numpy(np.ascontiguousarray(batch.pixels)).permute(0, 3, 1, 2).float() / 255.0
        observation: dict[str, Any] = {self._camera: pixels, "task": self._instructions}
        if self.spec["observation"]["state"]:
            observation[STATE] = torch.from_numpy(np.array(batch.agent_pos, np.float32))
        with self._own_noise(), torch.inference_mode():
            action = self._after(self._policy.select_action(self._before(observation)))
        answer: np.ndarray = action.to("cpu", torch.float32).numpy()
        return answer

    @contextlib.contextmanager
    def _own_noise(self) -> Iterator[None]:
        """Draw from this policy's own random numbers, so that nobody else's draws change its actions."""
        with self._torch.random.fork_rng(devices=[]):
            self._torch.set_rng_state(self._noise)
            try:
                yield
            finally:
                self._noise = self._torch.get_rng_state()


def describe_policy(config: Any, path: str, period_s: float, actions: dict[str, Any] | None) -> dict[str, Any]:
    """Return the keywords of a ``policies.policy.PolicySpec``."""
    camera = find_camera(config.input_features)
    _, height, width = config.input_features[camera].shape
    chunk = next(
        (int(size) for name in ("chunk_size", "horizon") if (size := getattr(config, name, None)) is not None), 1
    )
    return {
        "name": Path(path).name,
        "image_size": [int(height), int(width)],
        "period_s": period_s,
        "hold_action": [0.0, 0.0, 0.0],
        "history": int(config.n_obs_steps),
        "chunk": chunk,
        "replan": int(getattr(config, "n_action_steps", 1) or 1),
        "plays_chunk": True,
        "action": actions or {"columns": list(find_action_columns(config, path))},
        "observation": {"state": list(find_state_columns(config))},
    }


def find_camera(features: dict[str, Any]) -> str:
    """Return the name of the only picture among a policy's inputs."""
    cameras = [name for name in features if name.startswith(IMAGES)]
    if len(cameras) != 1:
        found = ", ".join(cameras) or "none"
        raise ValueError(f"the robot has one camera, and the policy takes the pictures {found}: train it on one")
    return cameras[0]


def find_state_columns(config: Any) -> tuple[str, ...]:
    """Return the columns of the state that the policy takes; none if it takes no state."""
    feature = config.input_features.get(STATE)
    if feature is None:
        return ()
    (size,) = feature.shape
    if size != len(OUR_STATE):
        raise ValueError(
            f"the policy takes a state of {size} numbers, and the robot's has {len(OUR_STATE)}: {', '.join(OUR_STATE)}"
        )
    return OUR_STATE


def find_action_columns(config: Any, path: str) -> tuple[str, ...]:
    """Return the columns of the actions: by the names that the training data set gave, or by their number."""
    (size,) = config.output_features[ACTION].shape
    names = read_action_names(path)
    if names is not None and len(names) == size:
        return names
    if size != len(OUR_ACTIONS):
        raise ValueError(
            f"the policy's actions have {size} numbers without names: say which they are, for example "
            '--policy-args \'{"actions": {"columns": ["vx", "wz"]}}\''
        )
    return OUR_ACTIONS


def read_action_names(path: str) -> tuple[str, ...] | None:
    """Return the names of the action's columns in the training data set, if it is still where it was; None if not."""
    try:
        training = json.loads((Path(path) / "train_config.json").read_text(encoding="utf-8"))
        root = training["dataset"]["root"]
        info = json.loads((Path(root) / "meta" / "info.json").read_text(encoding="utf-8"))
        names = info["features"][ACTION]["names"]
    except (OSError, ValueError, KeyError, TypeError):  # it was trained elsewhere
        return None
    return tuple(names) if isinstance(names, list) and set(names) <= set(OUR_ACTIONS) else None


def set_replan(config: Any, replan: int) -> None:
    """Let a policy execute another number of each chunk's actions."""
    if not hasattr(config, "n_action_steps"):
        raise ValueError(f"a LeRobot policy of type '{config.type}' has no number of executed actions to change")
    longest = getattr(config, "chunk_size", None) or config.horizon - config.n_obs_steps + 1
    if not 1 <= replan <= longest:
        raise ValueError(f"--replan {replan} is not possible: the policy executes 1 to {longest} actions of a chunk")
    config.n_action_steps = replan
