"""The vector environment is Gymnasium's ``SyncVectorEnv`` of single environments, drawn at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, VectorEnv

from envs import ENV_IDS
from envs.vector_env import MobileVLAVectorEnv
from scenarios.common.errors import InputError
from scenarios.lookup import get_scenario

CORRIDOR = "MobileVLA/Corridor-v1"
ROBOTS = 3
SMALL = (24, 32)
SIDEWAYS = np.array([[0.0, 1.0, 0.0]] * ROBOTS, np.float32)  # into the wall
STEPS = 100  # at random, robots are stuck after 80


def make_tiled(mode: AutoresetMode | str = AutoresetMode.NEXT_STEP, **kwargs: Any) -> MobileVLAVectorEnv:
    arguments = {"num_envs": ROBOTS, "image_size": SMALL, **kwargs}
    made = gym.make_vec(CORRIDOR, vectorization_mode="vector_entry_point", autoreset_mode=mode, **arguments)
    assert isinstance(made, MobileVLAVectorEnv)
    return made


def make_sync(mode: AutoresetMode, **kwargs: Any) -> VectorEnv:
    vector = {"autoreset_mode": mode}
    return gym.make_vec(CORRIDOR, ROBOTS, vectorization_mode="sync", vector_kwargs=vector, image_size=SMALL, **kwargs)


@pytest.fixture
def robots() -> Iterator[MobileVLAVectorEnv]:
    env = make_tiled()
    yield env
    env.close()


def check_equal(ours: Any, theirs: Any, where: str = "") -> None:
    """Types, shapes, number formats and values are the same, however deep."""
    assert type(ours) is type(theirs), where
    if isinstance(ours, dict):
        assert set(ours) == set(theirs), where
        for key in ours:
            check_equal(ours[key], theirs[key], f"{where}/{key}")
    elif isinstance(ours, tuple):
        for number, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            check_equal(one, other, f"{where}/{number}")
    elif isinstance(ours, np.ndarray):
        assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape), where
        if ours.dtype == object:
            for one, other in zip(ours, theirs, strict=True):
                check_equal(one, other, where)
        else:
            assert np.array_equal(ours, theirs), where
    else:
        assert ours == theirs, where


def drive_both(mode: AutoresetMode, actions: np.ndarray, **kwargs: Any) -> np.ndarray:
    """Drive both with actions (t, n, 3), comparing everything; how many episodes of each robot ended."""
    ours, theirs = make_tiled(mode, **kwargs), make_sync(mode, **kwargs)
    assert ours.observation_space == theirs.observation_space
    assert ours.action_space == theirs.action_space
    check_equal(ours.reset(seed=7), theirs.reset(seed=7))
    ends = np.zeros(ROBOTS, int)
    for action in actions:
        stepped = ours.step(action)
        check_equal(stepped, theirs.step(action))
        for name in ("task_description", "_max_episode_steps"):
            check_equal(ours.get_attr(name), theirs.get_attr(name))
        ended = stepped[2] | stepped[3]
        ends += ended
        if mode is AutoresetMode.DISABLED and ended.any():
            masks = [{"reset_mask": ended.copy()} for _ in range(2)]
            check_equal(ours.reset(options=masks[0]), theirs.reset(options=masks[1]))
    check_equal(ours.reset(), theirs.reset())
    ours.close()
    theirs.close()
    return ends


@pytest.mark.parametrize("mode", AutoresetMode)
def test_several_episodes_are_those_of_single_environments_side_by_side(mode: AutoresetMode) -> None:
    ends = drive_both(mode, np.stack([SIDEWAYS] * 30))
    assert (ends >= 2).all()


@pytest.mark.slow
@pytest.mark.parametrize("mode", AutoresetMode)
def test_so_are_they_with_actions_at_random(mode: AutoresetMode) -> None:
    ends = drive_both(mode, np.random.default_rng(1).uniform(-1.2, 1.2, (STEPS, ROBOTS, 3)).astype(np.float32))
    assert ends.any()


@pytest.mark.parametrize("mode", AutoresetMode)
def test_so_are_they_with_a_limit_of_steps(mode: AutoresetMode) -> None:
    ends = drive_both(mode, np.stack([0.1 * SIDEWAYS] * 12), max_episode_steps=5)
    assert (ends == 2).all()


@pytest.mark.parametrize("mode", AutoresetMode)
def test_observations_are_the_callers_to_change(mode: AutoresetMode) -> None:
    written, kept = make_tiled(mode), make_tiled(mode)
    for env in (written, kept):
        env.reset(seed=7)
    for _ in range(15):
        ours, theirs = written.step(SIDEWAYS), kept.step(SIDEWAYS)
        assert np.array_equal(ours[0]["pixels"], theirs[0]["pixels"])
        ended = ours[2] | ours[3]
        if mode is AutoresetMode.DISABLED and ended.any():
            ours[0]["pixels"][:] = 0
            masks = [{"reset_mask": ended.copy()} for _ in range(2)]
            anew, other = written.reset(options=masks[0])[0], kept.reset(options=masks[1])[0]
            assert np.array_equal(anew["pixels"], other["pixels"])
        ours[0]["pixels"][:] = 0
    written.close()
    kept.close()


def test_without_a_mode_an_id_makes_the_tiled_one() -> None:
    env = gym.make_vec(CORRIDOR, num_envs=2)
    assert isinstance(env, MobileVLAVectorEnv)
    assert env.metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP
    assert env.spec is not None
    assert env.spec.id == CORRIDOR
    env.close()


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.slow) for name in ENV_IDS])
def test_every_family_can_be_tiled(name: str) -> None:
    env = gym.make_vec(name, num_envs=2, vectorization_mode="vector_entry_point")
    observations, infos = env.reset(seed=1)
    assert env.observation_space.contains(observations)
    observations, rewards, *_ = env.step(env.action_space.sample())
    assert env.observation_space.contains(observations)
    assert rewards.shape == (2,)
    assert infos["instruction"][0] == get_scenario(env.call("scenario")[0].name).world(1, 0).instruction
    env.close()


@pytest.mark.parametrize("given", [9, [9, 10, 11], np.array([9, 10, 11]), np.int64(9)])
def test_a_seed_gives_each_robot_its_own_suite(robots: MobileVLAVectorEnv, given: Any) -> None:
    _, infos = robots.reset(seed=given)
    assert infos["suite_seed"].tolist() == [9, 10, 11]
    expected = [get_scenario("corridor").world(seed, 0).instruction for seed in (9, 10, 11)]
    assert infos["instruction"].tolist() == expected == list(robots.call("task_description"))


def test_robots_without_a_seed_drive_through_different_suites(robots: MobileVLAVectorEnv) -> None:
    _, infos = robots.reset()
    assert len(set(infos["suite_seed"])) == ROBOTS


def test_options_hold_for_every_robot_and_lerobots_is_accepted(robots: MobileVLAVectorEnv) -> None:
    options = {"episode": 4, "lerobot_new_rollout": True}
    _, infos = robots.reset(seed=9, options=options)
    assert infos["episode_index"].tolist() == [4] * ROBOTS
    assert options == {"episode": 4, "lerobot_new_rollout": True}


def test_in_the_same_step_the_last_observation_and_info_are_kept_apart() -> None:
    env = make_tiled(AutoresetMode.SAME_STEP)
    env.reset(seed=7)
    infos: dict[str, Any] = {}
    while "final_info" not in infos:
        observations, _, terminated, truncated, infos = env.step(SIDEWAYS)
    ended = terminated | truncated
    assert np.array_equal(infos["_final_obs"], ended)
    slot = int(np.flatnonzero(ended)[0])
    assert infos["final_info"]["status"][slot] == "collision"
    assert not infos["final_info"]["is_success"][slot]
    assert infos["status"][slot] is None
    assert infos["episode_index"][slot] == infos["final_info"]["episode_index"][slot] + 1
    assert not np.array_equal(infos["final_obs"][slot]["pixels"], observations["pixels"][slot])
    env.close()


def test_with_disabled_resets_a_step_after_an_end_is_refused() -> None:
    env = make_tiled("Disabled")
    env.reset(seed=7)
    ended = np.zeros(ROBOTS, bool)
    while not ended.any():
        _, _, terminated, truncated, _ = env.step(SIDEWAYS)
        ended = terminated | truncated
    over = np.flatnonzero(ended).tolist()
    with pytest.raises(RuntimeError, match=rf"robots \[{', '.join(map(str, over))}\] have ended: call reset"):
        env.step(SIDEWAYS)
    env.reset(options={"reset_mask": ended})
    env.step(SIDEWAYS)
    env.close()


@pytest.mark.parametrize("mode", ["NextStep", "NEXT_STEP", AutoresetMode.NEXT_STEP])
def test_a_mode_is_known_by_its_value_and_by_its_name(mode: Any) -> None:
    env = make_tiled(mode)
    assert env.metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP
    env.close()


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"autoreset_mode": "never"}, "unknown autoreset_mode 'never': choose 'NextStep', 'SameStep', 'Disabled'"),
        ({"num_envs": 0}, "num_envs is 0: it must be at least 1"),
        ({"max_episode_steps": 0}, "max_episode_steps is 0: it must be at least 1"),
        ({"renderer": "vulkan"}, "unknown renderer 'vulkan'"),
        ({"image_size": (64, 0)}, "two whole numbers from 8 to 4096"),
    ],
)
def test_arguments_that_are_not_possible_are_named(kwargs: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        MobileVLAVectorEnv("corridor", **kwargs)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"seed": [1, 2]}, "2 seeds do not fit 3 robots"),
        ({"seed": [1, -2, 3]}, "seed -2 is negative"),
        ({"options": {"reset_mask": [True] * ROBOTS}}, "must be an array of 3 booleans"),
        ({"options": {"reset_mask": np.ones(2, bool)}}, "must be an array of 3 booleans"),
        ({"options": {"reset_mask": np.zeros(ROBOTS, bool)}}, "selects no robot"),
        ({"options": {"reset_mask": np.array([True, False, True])}}, "the first reset must start all robots"),
        ({"options": {"mask": None}}, "unknown reset option 'mask'"),
    ],
)
def test_resets_that_are_not_possible_are_named(
    robots: MobileVLAVectorEnv, kwargs: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        robots.reset(**kwargs)


def test_steps_that_are_not_possible_are_named(robots: MobileVLAVectorEnv) -> None:
    with pytest.raises(gym.error.ResetNeeded, match="call reset"):
        robots.step(SIDEWAYS)
    robots.reset(seed=1)
    with pytest.raises(ValueError, match=r"shape \(2, 3\): it must be \(3, 3\)"):
        robots.step(SIDEWAYS[:2])
    with pytest.raises(ValueError, match="three finite numbers"):
        robots.step(SIDEWAYS * np.nan)


def test_attributes_of_each_robot_can_be_read_called_and_set(robots: MobileVLAVectorEnv) -> None:
    robots.reset(seed=1)
    assert robots.get_attr("action_space") == (robots.single_action_space,) * ROBOTS
    assert robots.call("render") == (None,) * ROBOTS
    assert [scenario.name for scenario in robots.get_attr("scenario")] == ["corridor"] * ROBOTS
    assert all(steps > 0 for steps in robots.call("_max_episode_steps"))
    robots.set_attr("scenario", get_scenario("clutter"))
    _, infos = robots.reset(seed=1)
    assert infos["instruction"][0] == get_scenario("clutter").world(1, 0).instruction
    with pytest.raises(InputError, match="no attribute 'scenarios'"):
        robots.set_attr("scenarios", None)
    with pytest.raises(InputError, match="2 values of 'scenario' do not fit 3 robots"):
        robots.set_attr("scenario", [None, None])
    with pytest.raises(AttributeError):
        robots.get_attr("speed")


def test_views_from_behind_come_one_for_each_robot() -> None:
    env = make_tiled(render_mode="rgb_array")
    env.reset(seed=1)
    views = env.render()
    assert views is not None
    assert [view.shape for view in views] == [(480, 640, 3)] * ROBOTS
    assert all(np.array_equal(one, other) for one, other in zip(views, env.call("render"), strict=True))
    env.close()
    env.close()


def test_the_instruction_passes_gymnasiums_wrappers_in_infos_and_through_the_unwrapped_one() -> None:
    wrapped = gym.wrappers.vector.RecordEpisodeStatistics(make_tiled())
    _, infos = wrapped.reset(seed=3)
    assert tuple(infos["instruction"]) == wrapped.unwrapped.call("task_description")
    wrapped.close()
