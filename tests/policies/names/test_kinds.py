from __future__ import annotations

import pytest

from policies.names.kinds import KINDS, check_reference, find_kind
from policies.names.reference import PolicyReference
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
    from policies.names.reference import PolicyArguments

    reference = PolicyReference("a", "hf://me/mine", arguments=PolicyArguments("{}"))
    with pytest.raises(InputError, match="'a' is a checkpoint on the Hugging Face hub, and takes no --policy-args"):
        check_reference(reference)
