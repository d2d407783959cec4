"""Stable-Baselines3 sees the tiled robots as a ``DummyVecEnv`` of single environments, and trains on them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from stable_baselines3 import PPO
from stable_baselines3.common.vec_env import DummyVecEnv, VecMonitor

from envs.sb3 import MobileVLAVecEnv, make_vec_env
from scenarios.common.errors import InputError
from scenarios.lookup import get_scenario

CORRIDOR = "MobileVLA/Corridor-v1"
ROBOTS = 2
SMALL = (36, 40)
SIDEWAYS = np.array([[0.0, 1.0, 0.0]] * ROBOTS, np.float32)


@pytest.fixture
def robots() -> Iterator[MobileVLAVecEnv]:
    env = MobileVLAVecEnv("corridor", ROBOTS, image_size=SMALL)
    yield env
    env.close()


def check_equal(ours: Any, theirs: Any, where: str = "") -> None:
    """Values are the same, however deep."""
    if isinstance(ours, dict):
        assert set(ours) == set(theirs), where
        for key in ours:
            check_equal(ours[key], theirs[key], f"{where}/{key}")
    elif isinstance(ours, list | tuple):
        for number, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            check_equal(one, other, f"{where}/{number}")
    elif isinstance(ours, np.ndarray):
        assert ours.dtype == theirs.dtype, where
        assert np.array_equal(ours, theirs), where
    else:
        assert ours == theirs, where


@pytest.mark.parametrize("steps", [30, pytest.param(100, marks=pytest.mark.slow)])
def test_several_episodes_are_those_of_a_dummy_vec_env(robots: MobileVLAVecEnv, steps: int) -> None:
    theirs = DummyVecEnv([lambda: gym.make(CORRIDOR, image_size=SMALL)] * ROBOTS)
    ended = 0
    for env in (robots, theirs):
        env.seed(11)
    check_equal(robots.reset(), theirs.reset())
    check_equal(robots.reset_infos, theirs.reset_infos)
    turn = 0.0 if steps == 30 else 1.0  # turning on the spot: stuck
    for _ in range(steps):
        action = SIDEWAYS * (1.0 - turn) + np.array([0.0, 0.0, turn], np.float32)
        stepped = robots.step(action)
        check_equal(stepped, theirs.step(action))
        check_equal(robots.reset_infos, theirs.reset_infos)
        ended += int(stepped[2].sum())
    theirs.close()
    assert ended >= ROBOTS


def test_seeds_and_options_hold_for_one_reset_and_options_for_one_robot(robots: MobileVLAVecEnv) -> None:
    robots.seed(5)
    robots.set_options([{}, {"episode": 3}])
    robots.reset()
    assert robots.get_attr("suite_seed") == [5, 6]
    assert robots.get_attr("episode_index") == [0, 3]
    robots.reset()
    assert robots.get_attr("episode_index") == [1, 4]


def test_attributes_of_some_robots_can_be_read_and_set(robots: MobileVLAVecEnv) -> None:
    robots.seed(5)
    robots.reset()
    worlds = [get_scenario("corridor").world(seed, 0) for seed in (5, 6)]
    assert robots.get_attr("task_description") == [world.instruction for world in worlds]
    assert robots.get_attr("task_description", 1) == [worlds[1].instruction]
    assert not robots.has_attr("speed")
    robots.set_attr("scenario", get_scenario("clutter"), indices=[1])
    assert [scenario.name for scenario in robots.get_attr("scenario")] == ["corridor", "clutter"]
    with pytest.raises(InputError, match="no attribute 'speed'"):
        robots.set_attr("speed", 1.0)
    assert robots.env_is_wrapped(gym.Wrapper) == [False, False]


def test_views_from_behind_are_tiled() -> None:
    env = MobileVLAVecEnv("corridor", ROBOTS, render_mode="rgb_array", image_size=SMALL)
    env.seed(1)
    env.reset()
    tiled = env.render()
    assert tiled is not None
    assert tiled.shape == (960, 640, 3)
    assert np.array_equal(env.env_method("render", indices=1)[0], env.get_images()[1])
    env.close()


def test_a_monitor_keeps_every_episode_in_info_and_in_its_file(tmp_path: Path) -> None:
    env = make_vec_env(
        f"envs:{CORRIDOR}", ROBOTS, seed=3, monitor_dir=tmp_path / "log", env_kwargs={"image_size": SMALL}
    )
    assert isinstance(env, VecMonitor)
    env.reset()
    kept: list[dict[str, Any]] = []
    while len(kept) < 3:
        _, _, done, infos = env.step(SIDEWAYS)
        kept += [info["episode"] for info, over in zip(infos, done, strict=True) if over]
    env.close()
    lines = (tmp_path / "log" / "monitor.csv").read_text().splitlines()
    assert lines[1] == "r,l,t,is_success"
    assert [float(line.split(",")[0]) for line in lines[2:]] == pytest.approx([each["r"] for each in kept], abs=1e-3)


@pytest.mark.parametrize(
    ("env_id", "kwargs", "message"),
    [
        ("MobileVLA/Coridor-v1", {}, "unknown environment 'MobileVLA/Coridor-v1': did you mean"),
        (CORRIDOR, {"n_envs": 0}, "num_envs is 0"),
        (CORRIDOR, {"env_kwargs": {"image_size": (1, 1)}}, "two whole numbers from 8"),
    ],
)
def test_arguments_that_are_not_possible_are_named(env_id: str, kwargs: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        make_vec_env(env_id, **kwargs)


@pytest.mark.slow
def test_ppo_trains_on_camera_and_state_in_one_process() -> None:
    env = make_vec_env(CORRIDOR, ROBOTS, seed=1, env_kwargs={"image_size": SMALL})
    small: Any = {"net_arch": [4], "features_extractor_kwargs": {"cnn_output_dim": 4}}
    model = PPO("MultiInputPolicy", env, n_steps=16, batch_size=16, n_epochs=1, policy_kwargs=small, seed=0)
    before = [weight.detach().clone() for weight in model.policy.parameters()]
    model.learn(32)
    env.close()
    assert model.num_timesteps == 32
    assert any((weight != old).any() for weight, old in zip(model.policy.parameters(), before, strict=True))
