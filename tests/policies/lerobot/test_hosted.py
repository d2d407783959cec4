"""Laws of LeRobot policies in a host: what their configuration tells, and what is refused in a sentence."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from policies.host.standalone.networks import copy_policy
from policies.lerobot import hosted
from policies.lerobot.hosted import LeRobotPolicy, describe_policy, find_action_columns, find_camera, set_replan


def make_config(**changes) -> SimpleNamespace:
    shape = SimpleNamespace
    facts = {
        "type": "act",
        "input_features": {
            "observation.images.front": shape(shape=(3, 96, 128)),
            "observation.state": shape(shape=(6,)),
        },
        "output_features": {"action": shape(shape=(3,))},
        "n_obs_steps": 1,
        "chunk_size": 50,
        "n_action_steps": 20,
    }
    return SimpleNamespace(**{**facts, **changes})


def test_the_host_side_imports_nothing_of_this_project():
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(Path(hosted.__file__).read_text()))
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else []
        )
    }
    assert imported - set(sys.stdlib_module_names) == {"numpy", "torch", "lerobot"}


def test_the_configuration_tells_the_spec(tmp_path):
    assert describe_policy(make_config(), str(tmp_path / "act"), 0.1, None) == {
        "name": "act",
        "image_size": [96, 128],
        "period_s": 0.1,
        "hold_action": [0.0, 0.0, 0.0],
        "history": 1,
        "chunk": 50,
        "replan": 20,
        "plays_chunk": True,
        "action": {"columns": ["vx", "vy", "wz"]},
        "observation": {"state": ["vx", "vy", "wz", "x", "y", "yaw"]},
    }


def test_a_policy_without_state_is_given_none(tmp_path):
    config = make_config()
    del config.input_features["observation.state"]
    assert describe_policy(config, str(tmp_path), 0.1, None)["observation"] == {"state": []}


def test_names_of_the_training_set_give_the_order_of_the_actions(tmp_path):
    data = tmp_path / "data" / "meta"
    data.mkdir(parents=True)
    (data / "info.json").write_text(json.dumps({"features": {"action": {"names": ["wz", "vx", "vy"]}}}))
    (tmp_path / "train_config.json").write_text(json.dumps({"dataset": {"root": str(tmp_path / "data")}}))
    assert find_action_columns(make_config(), str(tmp_path)) == ("wz", "vx", "vy")


@pytest.mark.parametrize(
    ("features", "words"),
    [
        ({}, "takes the pictures none"),
        ({"observation.images.a": None, "observation.images.b": None}, "observation.images.a, observation.images.b"),
    ],
)
def test_another_number_of_cameras_is_refused(features, words):
    with pytest.raises(ValueError, match=words):
        find_camera(features)


def test_actions_of_another_size_need_names(tmp_path):
    config = make_config(output_features={"action": SimpleNamespace(shape=(2,))})
    with pytest.raises(ValueError, match="have 2 numbers without names"):
        find_action_columns(config, str(tmp_path))


@pytest.mark.parametrize("replan", [0, 51])
def test_a_replan_horizon_beyond_the_chunk_is_refused(replan):
    with pytest.raises(ValueError, match="1 to 50 actions"):
        set_replan(make_config(), replan)


def test_the_replan_horizon_of_diffusion_ends_where_its_plan_does():
    config = SimpleNamespace(type="diffusion", n_action_steps=8, horizon=16, n_obs_steps=2)
    set_replan(config, 15)
    assert config.n_action_steps == 15
    with pytest.raises(ValueError, match="1 to 15 actions"):
        set_replan(config, 16)


class Queue(torch.nn.Module):
    """As LeRobot's policies are: one queue of actions for the whole batch."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(6, 3)
        self.queue: list[torch.Tensor] = []

    @classmethod
    def from_pretrained(cls, path, config):
        return cls()

    def reset(self):
        self.queue = []

    def select_action(self, observation):
        if not self.queue:
            first = self.layer(observation["observation.state"])
            self.queue = [first, 2.0 * first]
        return self.queue.pop(0)


class Processor:
    """With a function that holds on to what a copy would share."""

    def __init__(self) -> None:
        self.step = lambda value: value if self else None

    def __call__(self, value):
        return self.step(value)

    def reset(self):
        pass


@pytest.fixture
def policy(monkeypatch):
    config = make_config(chunk_size=2, n_action_steps=2)
    configs = SimpleNamespace(PreTrainedConfig=SimpleNamespace(from_pretrained=lambda path: config))
    factory = SimpleNamespace(
        get_policy_class=lambda name: Queue, make_pre_post_processors=lambda *_, **__: (Processor(), Processor())
    )
    for name in ("lerobot", "lerobot.configs", "lerobot.policies"):
        monkeypatch.setitem(sys.modules, name, SimpleNamespace())
    monkeypatch.setitem(sys.modules, "lerobot.configs.policies", configs)
    monkeypatch.setitem(sys.modules, "lerobot.policies.factory", factory)
    return LeRobotPolicy("nowhere", device="cpu")


def observe(value):
    return SimpleNamespace(pixels=np.zeros((2, 96, 128, 3), np.uint8), agent_pos=np.full((2, 6), value, np.float32))


def test_workers_share_its_weights_and_not_its_queue_of_actions(policy):
    other = copy_policy(policy)
    weights = [[id(weight) for weight in each._policy.parameters()] for each in (policy, other)]
    assert weights[0] == weights[1]
    assert other._before is not policy._before
    for each in (policy, other):
        each.reset(range(2), ["go"] * 2)
    first = policy.act(observe(1.0))
    expected = other.act(observe(3.0))
    assert np.array_equal(policy.act(observe(1.0)), 2.0 * first)
    assert np.array_equal(other.act(observe(3.0)), 2.0 * expected)
