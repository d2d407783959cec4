"""Other people's wrappers and trainers find the environment as they expect it: ``info["episode"]`` is theirs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import gymnasium as gym
import imageio.v3 as iio
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode
from gymnasium.wrappers import FrameStackObservation, RecordEpisodeStatistics, RecordVideo
from gymnasium.wrappers.vector import RecordEpisodeStatistics as RecordVectorEpisodeStatistics
from stable_baselines3 import A2C
from stable_baselines3.common.logger import KVWriter, Logger
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.vec_env import DummyVecEnv, SubprocVecEnv

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


@pytest.mark.parametrize(
    "kwargs",
    [
        {"vectorization_mode": "sync"},
        {"vectorization_mode": "vector_entry_point"},
        {"vectorization_mode": "vector_entry_point", "autoreset_mode": AutoresetMode.SAME_STEP},
    ],
    ids=["sync", "tiled, next step", "tiled, same step"],
)
def test_a_vector_of_environments_keeps_statistics(kwargs: dict[str, Any]) -> None:
    envs = RecordVectorEpisodeStatistics(gym.make_vec(CORRIDOR, num_envs=2, **kwargs))
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


def test_statistics_begin_anew_where_a_mask_begins_an_episode() -> None:
    tiled = gym.make_vec(CORRIDOR, num_envs=2, autoreset_mode=AutoresetMode.DISABLED, image_size=(16, 16))
    envs = RecordVectorEpisodeStatistics(tiled)
    envs.reset(seed=0)
    for _ in range(3):
        envs.step(np.zeros((2, 3), np.float32))
    envs.reset(options={"reset_mask": np.array([False, True])})
    assert envs.episode_lengths.tolist() == [3, 0]
    envs.close()


def test_stacked_frames_are_the_last_ones_in_order() -> None:
    env = gym.make(CORRIDOR, image_size=(16, 16))
    stacked = FrameStackObservation(env, 3)
    seen = [stacked.reset(seed=0)[0]["pixels"][-1]]
    for _ in range(4):
        observation, *_ = stacked.step(np.array([1.0, 0.0, 0.3], np.float32))
        assert stacked.observation_space.contains(observation)
        seen.append(observation["pixels"][-1])
    stacked.close()
    assert np.array_equal(observation["pixels"], seen[-3:])
    assert not np.array_equal(seen[-1], seen[-2])


@pytest.mark.slow
def test_videos_are_written_of_single_and_of_tiled_robots(tmp_path: Path) -> None:
    pytest.importorskip("moviepy", reason="Gymnasium's RecordVideo writes its files with moviepy")
    pytest.importorskip("gymnasium", minversion="1.2", reason="Gymnasium 1.2 is the first that films vectors")
    from gymnasium.wrappers.vector import RecordVideo as RecordVectorVideo

    single = RecordVideo(gym.make(CORRIDOR, render_mode="rgb_array"), str(tmp_path / "single"))
    single.reset(seed=0)
    tiled = gym.make_vec(CORRIDOR, num_envs=2, render_mode="rgb_array")
    vector = RecordVectorVideo(tiled, str(tmp_path / "tiled"), video_length=4)
    vector.reset(seed=0)
    for _ in range(4):
        single.step(SIDEWAYS)
        vector.step(np.stack([SIDEWAYS] * 2))
    single.close()
    vector.close()
    films = [iio.imread(file) for file in sorted(tmp_path.rglob("*.mp4"))]
    assert [film.shape[1:] for film in films] == [(480, 640, 3), (480, 1280, 3)]
    assert all(len(film) >= 4 for film in films)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["forkserver", "spawn"])
def test_processes_of_stable_baselines3_step_as_one_process_does(method: str) -> None:
    made: list[Callable[[], gym.Env]] = [
        partial(gym.make, f"envs:{CORRIDOR}", image_size=(16, 16))
    ] * 2  # a spawned process imports it
    processes, dummy = SubprocVecEnv(made, start_method=method), DummyVecEnv(made)
    for env in (processes, dummy):
        env.seed(4)
    firsts = [env.reset() for env in (processes, dummy)]
    steps = [env.step(np.stack([SIDEWAYS] * 2)) for env in (processes, dummy)]
    asked = processes.get_attr("task_description")
    for env in (processes, dummy):
        env.close()
    for ours, theirs in (firsts, [step[0] for step in steps]):
        assert all(np.array_equal(ours[key], theirs[key]) for key in theirs)
    assert np.array_equal(steps[0][1].astype(np.float32), steps[1][1])
    assert asked == [info["instruction"] for info in dummy.reset_infos]


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
