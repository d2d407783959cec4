"""Descriptions that the environment doesn't fit, or that lack something, are named; the rest is in test_loading."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
from gymnasium import spaces
from stable_baselines3 import DQN, PPO

from policies.sb3 import ModelPolicy, load_sb3_policy
from policies.sb3.archive import Archive, read_archive
from policies.sb3.rebuild import PickleNeededError, rebuild_network
from scenarios.common.errors import InputError

from .models import MODELS, PIXELS, SMALL_IMAGE, STATE, make_env, rewrite


@pytest.mark.parametrize(
    ("space", "message"),
    [
        (spaces.Dict({"pixels": PIXELS, "goal": STATE}), "observes 'goal', which the environment doesn't give"),
        (spaces.Box(-1.0, 1.0, (7,), np.float32), r"a state of the shape \(7,\)"),
        (spaces.Dict({"agent_pos": STATE, "task": spaces.Discrete(4)}), "observes 'task'"),
    ],
)
def test_observations_that_the_environment_does_not_give_are_named(
    space: spaces.Space, message: str, tmp_path: Path
) -> None:
    kind = "MultiInputPolicy" if isinstance(space, spaces.Dict) else "MlpPolicy"
    model = PPO(kind, make_env(space), policy_kwargs=SMALL_IMAGE if "Multi" in kind else {}, device="cpu")
    model.save(tmp_path / "model.zip")
    with pytest.raises(InputError, match=message):
        load_sb3_policy(tmp_path / "model.zip")
    with pytest.raises(InputError, match=message):
        ModelPolicy(model, "live")


def test_actions_that_the_environment_does_not_take_are_named(tmp_path: Path) -> None:
    turns = spaces.Discrete(5)
    DQN("MlpPolicy", make_env(STATE, action_space=turns), buffer_size=10, device="cpu").save(tmp_path / "dqn.zip")
    wide = spaces.Box(-2.0, 2.0, (3,), np.float32)
    PPO("MlpPolicy", make_env(STATE, action_space=wide), device="cpu").save(tmp_path / "wide.zip")
    for name in ("dqn", "wide"):
        with pytest.raises(InputError, match="isn't the environment's: 3 numbers from -1 to 1"):
            load_sb3_policy(tmp_path / f"{name}.zip", trust_pickle=True)


def test_weights_that_do_not_fit_their_description_are_refused(tmp_path: Path) -> None:
    MODELS["ppo"]().save(tmp_path / "camera.zip")
    MODELS["ppo, state"]().save(tmp_path / "state.zip")
    with zipfile.ZipFile(tmp_path / "state.zip") as archive:
        mixed = rewrite(tmp_path / "camera.zip", tmp_path / "mixed.zip", policy_pth=archive.read("policy.pth"))
    with pytest.raises(InputError, match="don't fit what the file says of its policy"):
        load_sb3_policy(mixed)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"policy_class": None}, "a policy of your own"),
        ({"policy_kwargs": "text"}, "arguments of its policy that only a pickle tells"),
        ({"policy_kwargs": {"pan_tilt": 1}}, "an argument 'pan_tilt' of its policy"),
        ({"policy_kwargs": {"clip_mean": "<class 'a'>"}, "use_sde": True}, "a bound of its actions"),
        ({"observation_space": {}}, "an observation space that only a pickle tells"),
    ],
)
def test_descriptions_without_what_is_needed_need_their_pickles(
    changes: dict[str, object], message: str, tmp_path: Path
) -> None:
    MODELS["sac, gsde"]().save(tmp_path / "good.zip")
    good = read_archive(tmp_path / "good.zip")
    with pytest.raises(PickleNeededError, match=message):
        rebuild_network(Archive(good.path, good.data | changes, good.weights))


def test_weights_without_an_actor_need_their_pickles(tmp_path: Path) -> None:
    MODELS["ppo, state"]().save(tmp_path / "good.zip")
    good = read_archive(tmp_path / "good.zip")
    critic = {name: value for name, value in good.weights.items() if name.startswith("value_net")}
    with pytest.raises(PickleNeededError, match="a policy without an actor"):
        rebuild_network(Archive(good.path, good.data, critic))


@pytest.mark.parametrize("side", [4096, 10**9, 10**30])
def test_frames_that_are_only_claimed_to_be_huge_take_no_memory(side: int, tmp_path: Path) -> None:
    MODELS["ppo"]().save(tmp_path / "good.zip")
    good = read_archive(tmp_path / "good.zip")
    space = good.data["observation_space"]
    space["spaces"] = space["spaces"].replace("(3, 40, 48)", f"(3, {side}, {side})")
    with pytest.raises(InputError, match="don't fit what the file says"):
        rebuild_network(good)
