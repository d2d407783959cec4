from __future__ import annotations

import json
import pkgutil
import re

import pytest

from policies.names.folders import CHECKPOINT_KINDS, check_folder, load_folder
from policies.scripted.plans import Plan, save_plans
from scenarios.common.errors import InputError


@pytest.mark.parametrize("reference", CHECKPOINT_KINDS.values())
def test_every_kind_of_checkpoint_has_a_class_that_loads_it(reference: str) -> None:
    assert callable(pkgutil.resolve_name(reference).load)


def test_a_folder_is_loaded_under_a_name(tmp_path) -> None:
    save_plans({"corridor": Plan(((1.0, 0.0),), 0.5, 3, 4)}, tmp_path / "mine")
    assert load_folder(tmp_path / "mine", "other").spec.name == "other"


@pytest.mark.parametrize("content", ["[1]", "3", '"hybrid"', '{"model_type": 3}', "[" * 10_000, "\udcff"])
def test_a_config_that_is_none_is_one_sentence(content, tmp_path) -> None:
    (tmp_path / "config.json").write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(InputError, match=r"config\.json") as caught:
        check_folder(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_config_that_is_too_large_is_not_read(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("policies.names.folders.LARGEST_CONFIG_BYTES", 10)
    (tmp_path / "config.json").write_text('{"model_type": "plans"}')
    with pytest.raises(InputError, match="it isn't a config"):
        check_folder(tmp_path)


@pytest.mark.parametrize(
    "entry",
    [
        {"plans": {"corridor": {"points": [[1e999, 0]], "speed": None}}},
        {"plans": {"corridor": [[[]]]}},
        {"plans": [1, 2]},
        {"plans": {"": {"points": 3, "speed": {}, "won": "x", "scenes": []}}},
    ],
)
def test_a_checkpoint_whose_values_make_no_sense_is_one_sentence(entry, tmp_path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "plans", **entry}))
    with pytest.raises(InputError, match=re.escape(str(tmp_path))) as caught:
        load_folder(tmp_path, "mine")
    assert "\n" not in str(caught.value)


def test_whatever_a_library_raises_on_a_checkpoint_is_one_sentence(tmp_path, monkeypatch) -> None:
    save_plans({"corridor": Plan(((1.0, 0.0),), 0.5, 3, 4)}, tmp_path / "mine")

    def load(*_: object) -> None:
        raise Exception("missing field `rstrip` at line 455")  # as tokenizers does

    monkeypatch.setattr("policies.names.folders.load_by_class", load)
    with pytest.raises(InputError, match=r"mine can't be read .*missing field.*choose a folder that training wrote"):
        load_folder(tmp_path / "mine", "mine")
