from __future__ import annotations

import json
from pathlib import Path

import pytest

from policies.formats.action_format import VELOCITY, ActionFormat
from policies.formats.normalisation import Normalisation
from policies.formats.observation_format import NATIVE
from policies.specs.data_node import make_node
from policies.specs.spec_parts import read_action, read_normaliser, read_observation
from scenarios.common.errors import InputError

STATISTICS = {"norm_stats": {"actions": {"q01": [-1, -2], "q99": [1, 2], "mean": [0, 0], "std": [1, 1]}}}


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "stats.json").write_text(json.dumps(STATISTICS))
    return tmp_path


def test_statistics_are_taken_from_the_file_that_is_named(folder) -> None:
    node = make_node({"kind": "quantiles", "file": "stats.json", "column_set": "actions"}, "here")
    assert read_normaliser(node, "it", folder) == Normalisation("quantiles", (-1.0, -2.0), (1.0, 2.0))


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"mean": [0]}, "it needs a 'kind'"),
        ({"kind": "meanstd"}, "did you mean 'mean-std'"),
        ({"kind": "mean-std", "mean": [0.0]}, "needs 'std', or a file of statistics"),
        ({"kind": "mean-std", "mean": [0.0], "std": [-1.0]}, "std must not be negative"),
        ({"kind": "mean-std", "mean": [0.0], "std": [1.0], "q01": [1.0]}, "unknown key of it 'q01'"),
        ({"kind": "min-max", "file": "stats.json", "column_set": "actions"}, "has no 'min' of 'actions'"),
        ({"kind": "min-max", "file": "none.json", "column_set": "actions"}, "can't be read as a file of statistics"),
        ({"kind": "min-max", "file": "stats.json", "column_set": "action"}, "did you mean 'actions'"),
        ({"kind": "min-max", "file": "stats.json"}, "needs 'column_set'"),
    ],
)
def test_missing_or_wrong_statistics_are_refused_and_never_passed_through(values, sentence, folder) -> None:
    with pytest.raises(InputError, match=f"^here.*{sentence}"):
        read_normaliser(make_node(values, "here"), "it", folder)


def test_another_kind_of_action_starts_from_its_own_columns() -> None:
    base = ActionFormat("velocity", ("vx", "wz"), "si")
    assert read_action(make_node({"kind": "waypoints"}, "here"), base, Path()) == ActionFormat("waypoints")
    assert read_action(make_node({"unit": "normalised"}, "here"), base, Path()).columns == ("vx", "wz")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"colums": ["vx"]}, "unknown key of an action 'colums': did you mean 'columns'"),
        ({"columns": ["vx", "vx"]}, "each once"),
        ({"columns": "vx"}, "'columns' must be a list, not 'vx'"),
        ({"signs": [1, 2, 1]}, "signs of actions must be 1 or -1"),
        ({"unit": "m/s"}, "unknown unit of actions 'm/s'"),
    ],
)
def test_a_wrong_action_format_is_one_sentence_with_its_place(values, sentence) -> None:
    with pytest.raises(InputError, match=f"^here.*{sentence}"):
        read_action(make_node(values, "here"), VELOCITY, Path())


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"colour": "bgr"}, "did you mean 'colours'"),
        ({"colours": "gbr"}, "unknown order of colours 'gbr'"),
        ({"state": ["vx", "speed"]}, "unknown column of the state 'speed'"),
        ({"frames": 0}, "1 to 64 frames"),
        ({"pixel_mean": [0.5, 0.5, 0.5]}, "belong together"),
    ],
)
def test_a_wrong_observation_format_is_one_sentence_with_its_place(values, sentence) -> None:
    with pytest.raises(InputError, match=f"^here.*{sentence}"):
        read_observation(make_node(values, "here"), NATIVE, Path())


def test_a_key_can_be_a_list_of_names_of_dictionaries_in_each_other() -> None:
    found = read_observation(make_node({"pixels_key": ["observation", "image"]}, "here"), NATIVE, Path())
    assert found.pixels_key == ("observation", "image")
    with pytest.raises(InputError, match="each of 'pixels_key' must be text, not"):
        read_observation(make_node({"pixels_key": ["observation", 3]}, "here"), NATIVE, Path())


def test_a_key_can_be_declared_absent() -> None:
    assert read_observation(make_node({"state_key": None}, "here"), NATIVE, Path()).state_key is None
