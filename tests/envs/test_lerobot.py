"""Laws of the environments as lerobot-eval takes them: it is given everything that it reads, and sees successes."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from envs.lerobot import LeRobotEnv, make_env
from envs.simulation.lockstep import Lockstep
from policies.policy import ObservationBatch, PrivilegedState
from policies.scripted.expert import ExpertPolicy
from scenarios.common.errors import InputError
from scenarios.lookup import get_scenario
from scenarios.navigation.odometry import pose_from_odometry


def test_lerobot_finds_what_it_reads():
    made = make_env(n_envs=2)
    assert list(made) == ["corridor"]
    vector = made["corridor"][0]
    try:
        assert vector.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP
        assert vector.metadata["render_fps"] == 10
        observation, _ = vector.reset(seed=[5, 6], options={"lerobot_new_rollout": True})
        assert observation["pixels"]["front"].shape == (2, 224, 224, 3)
        assert observation["pixels"]["front"].dtype == np.uint8
        assert observation["agent_pos"].shape == (2, 6)
        assert all(hasattr(one, "task_description") and hasattr(one, "task") for one in vector.envs)
        assert vector.call("task_description") == tuple(
            get_scenario("corridor").world(seed, 0).instruction for seed in (5, 6)
        )
        assert vector.call("_max_episode_steps")[0] > 100
        assert vector.envs[0].render().shape == (480, 640, 3)
    finally:
        vector.close()


def test_the_end_of_an_episode_says_whether_it_succeeded():
    """The expert's success is told as LeRobot reads it, ``info["final_info"]["is_success"]``."""
    vector = make_env(n_envs=1, cfg=SimpleNamespace(task="corridor"))["corridor"][0]
    expert, world = ExpertPolicy(), get_scenario("corridor").world(9, 0)
    try:
        observation, _ = vector.reset(seed=[9])
        expert.reset([0], ["go"])
        for _ in range(vector.call("_max_episode_steps")[0]):
            pose = pose_from_odometry(world, observation["agent_pos"][0])
            batch = ObservationBatch(None, observation["agent_pos"], np.ones(1, bool), (PrivilegedState(world, pose),))
            observation, _, terminated, truncated, info = vector.step(expert.act(batch))
            if terminated[0] or truncated[0]:
                break
        assert info["final_info"]["is_success"].tolist() == [True]
    finally:
        vector.close()


def test_each_task_of_a_list_has_environments_of_its_own_and_an_unknown_one_is_refused():
    made = make_env(cfg=SimpleNamespace(task="corridor, rooms"))
    try:
        assert {name: list(found) for name, found in made.items()} == {"corridor": [0], "rooms": [0]}
        assert made["rooms"][0].envs[0].task == "rooms"
    finally:
        for found in made.values():
            found[0].close()
    with pytest.raises(InputError, match="unknown task 'kitchen'"):
        make_env(cfg=SimpleNamespace(task="kitchen"))


def test_the_picture_is_that_of_our_own_environment():
    env, lockstep = LeRobotEnv("corridor", image_size=(96, 128)), Lockstep(1, image_size=(96, 128))
    try:
        observation, _ = env.reset(seed=3)
        expected = lockstep.reset([get_scenario("corridor").world(3, 0)]).pixels[0]
        assert np.array_equal(observation["pixels"]["front"], expected)
        assert env.observation_space.contains(observation)
    finally:
        env.close()
        lockstep.close()
