from __future__ import annotations

import pickle

import pytest

from policies.names.reference import PolicyArguments, PolicyReference, TypedArguments
from scenarios.common.errors import InputError


def test_a_file_of_arguments_is_read_once_so_that_a_later_change_has_no_effect(tmp_path) -> None:
    file = tmp_path / "args.yaml"
    file.write_text("gain: 2\n")
    arguments = PolicyArguments.parse(str(file))
    file.write_text("gain: 3\n")
    assert arguments.node.plain() == {"gain": 2}
    assert arguments.folder == str(tmp_path)


def test_a_reference_can_be_sent_to_another_process() -> None:
    reference = PolicyReference("a", "mine.py:Mine", True, PolicyArguments.parse('{"k": [1, 2]}'), 4, True)
    assert pickle.loads(pickle.dumps(reference)) == reference


@pytest.mark.parametrize(
    ("arguments", "source"),
    [(None, "mine.py:Mine"), ('{"b": 1, "a": "x"}', 'mine.py:Mine {"a": "x", "b": 1}')],
)
def test_the_results_say_target_and_arguments(arguments, source) -> None:
    given = None if arguments is None else PolicyArguments.parse(arguments)
    assert PolicyReference("label", "mine.py:Mine", arguments=given).source == source


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("{", "not valid JSON"), ("none.yaml", "give JSON, such as"), ("[1]", "give JSON, such as")],
)
def test_arguments_of_no_kind_are_one_sentence(typed, sentence) -> None:
    with pytest.raises(InputError, match=sentence):
        PolicyArguments.parse(typed)


def test_equal_arguments_of_a_suite_and_of_a_flag_are_equal_and_name_their_own_place() -> None:
    typed, listed = PolicyArguments.parse('{"k": 1}'), PolicyArguments.parse('{"k": 1}', "mine.yaml, line 4")
    assert typed == listed
    assert (typed.node.place, listed.node.place) == ("--policy-args", "mine.yaml, line 4")
    assert str(TypedArguments("a={}", "mine.yaml, line 4")) == "a={}"
