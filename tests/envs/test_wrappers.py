"""Other people's wrappers and trainers find the environment as they expect it: ``info["episode"]`` is theirs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.wrappers import RecordEpisodeStatistics
from gymnasium.wrappers.vector import RecordEpisodeStatistics as RecordVectorEpisodeStatistics
from stable_baselines3 import A2C
from stable_baselines3.common.logger import KVWriter, Logger
from stable_baselines3.common.monitor import Monitor

from envs import ENV_IDS

CORRIDOR = "MobileVLA/Corridor-v1"
SIDEWAYS = np.array([0.0, 1.0, 0.0], np.float32)  # into the wall
MOST_STEPS = 300


@pytest.mark.parametrize("wrapper", [RecordEpisodeStatistics, Monitor])
def test_an_episode_ends_with_the_statistics_of_the_wrapper(wrapper: Callable[[gym.Env], gym.Env]) -> None:
    env = wrapper(gym.make(CORRIDOR))
    _, info = env.reset(seed=0)
    total, steps, ended = 0.0, 0, False
    while not ended:
        assert "episode" not in info
        _, reward, terminated, truncated, info = env.step(SIDEWAYS)
        total, steps, ended = total + float(reward), steps + 1, terminated or truncated
    env.close()
    assert set(info["episode"]) == {"r", "l", "t"}
    assert info["episode"]["r"] == pytest.approx(total, abs=1e-5)
    assert info["episode"]["l"] == steps


@pytest.mark.parametrize("name", ENV_IDS)
def test_no_family_says_anything_of_its_own_under_that_key(name: str) -> None:
    env = gym.make(name)
    _, info = env.reset(seed=3)
    *_, after = env.step(SIDEWAYS)
    env.close()
    assert "episode" not in info
    assert "episode" not in after
    assert info["episode_index"] == after["episode_index"] == 0


def test_a_vector_of_environments_keeps_statistics() -> None:
    envs = RecordVectorEpisodeStatistics(gym.make_vec(CORRIDOR, num_envs=2, vectorization_mode="sync"))
    envs.reset(seed=0)
    totals, lengths, seen = np.zeros(2), np.zeros(2), np.zeros(2, bool)
    for _ in range(MOST_STEPS):
        _, rewards, terminated, truncated, infos = envs.step(np.stack([SIDEWAYS] * 2))
        totals, lengths = totals + rewards * ~seen, lengths + ~seen
        for number in np.flatnonzero((terminated | truncated) & ~seen):
            assert infos["episode"]["r"][number] == pytest.approx(totals[number], abs=1e-4)
            assert infos["episode"]["l"][number] == lengths[number]
            seen[number] = True
        if seen.all():
            break
    envs.close()
    assert seen.all()


class Lines(KVWriter):
    """Keeps what a trainer logs."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def write(self, key_values: dict[str, Any], key_excluded: dict[str, Any], step: int = 0) -> None:
        self.lines.append(dict(key_values))

    def close(self) -> None:
        """Nothing is open."""


@pytest.mark.slow
def test_stable_baselines3_trains_and_logs() -> None:
    env = gym.make(CORRIDOR)
    log = Lines()
    small: Any = {"net_arch": [4], "features_extractor_kwargs": {"cnn_output_dim": 4}}
    model = A2C("MultiInputPolicy", env, n_steps=8, policy_kwargs=small, device="cpu", seed=0)
    model.set_logger(Logger(None, [log]))
    model.learn(16, log_interval=1)
    env.close()
    assert [line["time/total_timesteps"] for line in log.lines] == [8, 16]
