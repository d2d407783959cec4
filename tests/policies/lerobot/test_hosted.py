"""Laws of LeRobot policies in a host: what their configuration tells, and what is refused in a sentence."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from policies.lerobot import hosted
from policies.lerobot.hosted import describe_policy, find_action_columns, find_camera, set_replan


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
