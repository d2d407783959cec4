from __future__ import annotations

import json

import pytest

from policies.names.kinds import KINDS, check_reference, find_kind
from policies.names.reference import PolicyArguments, PolicyReference
from policies.policy import PolicySpec
from policies.remote.access import TOKEN_VARIABLE
from policies.specs.waiting import WaitingRule
from scenarios.common.errors import InputError


@pytest.mark.parametrize(
    ("target", "what"),
    [
        ("hybrid", "a shipped policy"),
        ("ws://localhost:8000", "a policy server"),
        ("wss://host/v1", "a policy server"),
        ("hf://me/mine@main", "a checkpoint on the Hugging Face hub"),
        ("lerobot:mine", "a LeRobot policy"),
        ("mine.py:Mine", "a class or function of your own"),
        ("my.module:make", "a class or function of your own"),
    ],
)
def test_a_target_is_of_the_first_kind_that_it_matches(target, what) -> None:
    assert find_kind(target).what == what


def test_files_and_folders_are_told_apart_by_what_is_there(tmp_path) -> None:
    for name in ("a.onnx", "B.ONNX", "c.zip"):
        (tmp_path / name).write_bytes(b"")
    found = [find_kind(str(tmp_path / name)).what for name in ("", "a.onnx", "B.ONNX", "c.zip")]
    assert found == ["a checkpoint folder", "an ONNX file", "an ONNX file", "a zip of Stable-Baselines3"]


def test_every_kind_has_words_and_an_example_for_help() -> None:
    assert all(kind.what and kind.example for kind in KINDS)
    assert len({kind.what for kind in KINDS}) == len(KINDS)


def test_arguments_are_refused_where_nothing_takes_them() -> None:
    reference = PolicyReference("a", "hf://me/mine", arguments=PolicyArguments("{}"))
    with pytest.raises(InputError, match="'a' is a checkpoint on the Hugging Face hub, and takes no --policy-args"):
        check_reference(reference)


@pytest.fixture
def remote(monkeypatch):
    """A stand-in for the client of policy servers; what it was asked for."""
    asked: list[object] = []
    monkeypatch.setattr("policies.remote.policy.RemotePolicy", lambda *given: asked.append(given))
    monkeypatch.setenv(TOKEN_VARIABLE, "secret")
    return asked


def test_a_servers_address_is_checked_and_its_policy_made_with_spec_and_token(remote) -> None:
    spec = {"image_size": [8, 8], "rate_hz": 5, "hold_action": [0, 0, 0]}
    reference = PolicyReference("a", "ws://here:1", True, PolicyArguments(json.dumps(spec)))
    check_reference(reference)
    find_kind(reference.target).make(reference)
    find_kind("ws://here:1").make(PolicyReference("ws://here:1", "ws://here:1"))
    expected = PolicySpec("a", (8, 8), 0.2, (0.0, 0.0, 0.0))
    usual = tuple(WaitingRule())
    assert remote == [("ws://here:1", expected, "secret", *usual), ("ws://here:1", None, "secret", *usual)]


def test_how_long_a_server_is_waited_for_stands_beside_its_spec(remote) -> None:
    told = PolicyArguments('{"timeout_s": 2, "stale_answers": 3}')
    find_kind("ws://here:1").make(PolicyReference("a", "ws://here:1", arguments=told))
    assert remote == [("ws://here:1", None, "secret", 2.0, 10.0, 3)]


def test_an_address_that_is_none_is_refused_before_anything_is_contacted() -> None:
    with pytest.raises(InputError, match="give ws://HOST:PORT"):
        check_reference(PolicyReference("ws://", "ws://"))
