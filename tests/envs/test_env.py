"""The Gymnasium environment keeps Gymnasium's and Stable-Baselines3's contracts, and its own."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from stable_baselines3.common.env_checker import check_env as sb3_check_env

from envs import ENV_IDS
from policies.scripted.expert import compute_expert_action
from scenarios.common.errors import InputError
from scenarios.lookup import get_scenario
from scenarios.navigation.planner import Planner


@pytest.fixture
def env() -> Iterator[gym.Env]:
    env = gym.make("MobileVLA/Corridor-v1")
    yield env
    env.close()


@pytest.mark.parametrize("name", [ENV_IDS[0], *(pytest.param(name, marks=pytest.mark.slow) for name in ENV_IDS[1:])])
@pytest.mark.parametrize("renderer", ["auto", "tiny"])
def test_both_env_checkers_pass_without_a_warning(name: str, renderer: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        env = gym.make(name, renderer=renderer, render_mode="rgb_array")
        check_env(env.unwrapped)
        sb3_check_env(env.unwrapped)
        env.close()


def test_the_expert_earns_success_and_its_reward_sums_to_the_way_and_the_prize(env: gym.Env) -> None:
    _, info = env.reset(seed=4)
    world = get_scenario("corridor").world(4, 0)
    planner, total, ended = Planner(world), 0.0, False
    way = planner.distance_to_goal(info["pose"][:2])
    while not ended:
        _, reward, terminated, truncated, info = env.step(compute_expert_action(planner, info["pose"]))
        total, ended = total + reward, terminated or truncated
    assert info["is_success"]
    assert info["status"] == "success"
    assert terminated
    assert total == pytest.approx(way + 10.0, abs=0.08)  # distances are a grid's, of 5 cm cells


def test_episodes_of_a_suite_follow_each_other_and_come_again(env: gym.Env) -> None:
    first, _ = env.reset(seed=11)
    second, info = env.reset()
    assert info["episode_index"] == 1
    assert not np.array_equal(first["pixels"], second["pixels"])
    again, _ = env.reset(seed=11, options={"episode": 1})
    assert np.array_equal(second["pixels"], again["pixels"])


def test_a_given_world_is_the_one_that_is_driven(env: gym.Env) -> None:
    world = get_scenario("corridor").world(3, 8)
    _, info = env.reset(options={"world": world})
    assert info["instruction"] == world.instruction == env.unwrapped.task_description
    assert info["phrase"] == world.phrase in ("seen", "unseen")
    assert np.allclose(info["pose"], (world.start.x, world.start.y, world.start.yaw))


def test_frames_of_any_size_are_drawn_and_the_suite_is_told() -> None:
    env = gym.make("MobileVLA/Corridor-v1", image_size=(48, 64))
    check_env(env.unwrapped, skip_render_check=True)
    observation, info = env.reset(seed=6)
    assert observation["pixels"].shape == (48, 64, 3)
    assert env.unwrapped.suite_seed == info["suite_seed"] == 6
    assert env.unwrapped._max_episode_steps == 10 * env.unwrapped._tracker.world.task.time_limit_s
    env.close()
    with pytest.raises(InputError, match="two whole numbers from 8"):
        gym.make("MobileVLA/Corridor-v1", image_size=(48, 0))


def test_a_step_after_the_end_is_refused(env: gym.Env) -> None:
    env.reset(seed=0)
    sideways, ended = np.array([0.0, 1.0, 0.0]), False
    while not ended:
        _, _, terminated, truncated, _ = env.unwrapped.step(sideways)
        ended = terminated or truncated
    with pytest.raises(RuntimeError, match="call reset"):
        env.unwrapped.step(sideways)


def test_misspelt_options_and_renderers_are_named(env: gym.Env) -> None:
    with pytest.raises(InputError, match="'wrld'"):
        env.reset(options={"wrld": None})
    with pytest.raises(InputError, match="vulkan"):
        gym.make("MobileVLA/Corridor-v1", renderer="vulkan")
