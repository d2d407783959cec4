"""Small models of Stable-Baselines3 with fresh weights, and observations for them."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from stable_baselines3 import A2C, DDPG, PPO, SAC, TD3
from stable_baselines3.common.vec_env import DummyVecEnv, VecFrameStack
from torch import nn

from policies.policy import ObservationBatch

FRAME = (40, 48)
STATE = spaces.Box(-10.0, 10.0, (6,), np.float32)
PIXELS = spaces.Box(0, 255, (*FRAME, 3), np.uint8)
BOTH = spaces.Dict({"pixels": PIXELS, "agent_pos": STATE})
PROMPTED = spaces.Dict({"prompted_pixels": spaces.Box(0, 255, (*FRAME, 4), np.uint8), "agent_pos": STATE})
ACTIONS = spaces.Box(-1.0, 1.0, (3,), np.float32)
SMALL_IMAGE = {"features_extractor_kwargs": {"cnn_output_dim": 8}}
OFF_POLICY = {"buffer_size": 10}


class SampledEnv(gym.Env):
    """Gives observations at random."""

    def __init__(self, observation_space: spaces.Space, action_space: spaces.Space = ACTIONS) -> None:
        self.observation_space = observation_space
        self.action_space = action_space

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        return self.observation_space.sample(), {}

    def step(self, action: np.ndarray) -> Any:
        return self.observation_space.sample(), 0.0, False, False, {}


def make_env(space: spaces.Space, frames: int = 1, action_space: spaces.Space = ACTIONS) -> Any:
    env = DummyVecEnv([lambda: SampledEnv(space, action_space)])
    return env if frames == 1 else VecFrameStack(env, frames)


MODELS: dict[str, Any] = {
    "ppo": lambda: PPO("MultiInputPolicy", make_env(BOTH), policy_kwargs=SMALL_IMAGE, seed=1, device="cpu"),
    "ppo, unlike critic": lambda: PPO(
        "MultiInputPolicy",
        make_env(BOTH),
        policy_kwargs={
            **SMALL_IMAGE,
            "net_arch": {"pi": [16, 12], "vf": [8]},
            "activation_fn": nn.ELU,
            "share_features_extractor": False,
        },
        seed=1,
        device="cpu",
    ),
    "ppo, state": lambda: PPO("MlpPolicy", make_env(STATE), seed=1, device="cpu"),
    "ppo, state in a dictionary": lambda: PPO(
        "MultiInputPolicy", make_env(spaces.Dict({"agent_pos": STATE})), seed=1, device="cpu"
    ),
    "ppo, no hidden layer": lambda: PPO(
        "MlpPolicy", make_env(STATE), policy_kwargs={"net_arch": []}, seed=1, device="cpu"
    ),
    "ppo, frames": lambda: PPO("CnnPolicy", make_env(PIXELS), seed=1, device="cpu"),
    "ppo, prompted": lambda: PPO(
        "MultiInputPolicy", make_env(PROMPTED), policy_kwargs=SMALL_IMAGE, seed=1, device="cpu"
    ),
    "ppo, stacked": lambda: PPO("MultiInputPolicy", make_env(BOTH, 3), policy_kwargs=SMALL_IMAGE, seed=1, device="cpu"),
    "ppo, gsde": lambda: PPO("MlpPolicy", make_env(STATE), use_sde=True, seed=1, device="cpu"),
    "ppo, gsde squashed": lambda: PPO(
        "MlpPolicy", make_env(STATE), use_sde=True, policy_kwargs={"squash_output": True}, seed=1, device="cpu"
    ),
    "a2c": lambda: A2C("MlpPolicy", make_env(STATE), seed=1, device="cpu"),
    "sac": lambda: SAC("MultiInputPolicy", make_env(BOTH), **OFF_POLICY, seed=1, device="cpu"),
    "sac, gsde": lambda: SAC("MlpPolicy", make_env(STATE), use_sde=True, **OFF_POLICY, seed=1, device="cpu"),
    "td3": lambda: TD3("MlpPolicy", make_env(STATE), **OFF_POLICY, seed=1, device="cpu"),
    "ddpg": lambda: DDPG("MultiInputPolicy", make_env(BOTH), **OFF_POLICY, seed=1, device="cpu"),
}


def make_batch(slots: int, seed: int) -> ObservationBatch:
    """Observations at random, large enough that actions reach their limits."""
    rng = np.random.default_rng(seed)
    return ObservationBatch(
        rng.integers(0, 256, (slots, *FRAME, 3), np.uint8),
        (8.0 * rng.standard_normal((slots, 6))).astype(np.float32),
        np.ones(slots, bool),
    )


def enlarge(model: Any) -> None:
    """Make the actions of fresh weights so large that some reach their limits."""
    for name, weight in model.policy.named_parameters():
        if "action_net" in name or "actor.mu" in name:
            weight.data *= 300.0 if "action_net" in name else 20.0


def rewrite(source: Path, target: Path, **members: bytes | None) -> Path:
    """Copy a zip with other members; None leaves one out."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = members.get(name.replace(".", "_"), old.read(name))
            if content is not None:
                new.writestr(name, content)
    return target
