from __future__ import annotations

import subprocess
import sys

import pytest

from policies.registry import POLICIES, check_name, make_policy
from scenarios.errors import InputError


def test_listing_the_names_imports_neither_torch_nor_transformers() -> None:
    code = "import sys, policies.registry; print('torch' in sys.modules, 'transformers' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["False", "False"]


def test_the_table_holds_the_references_and_the_hybrid() -> None:
    assert set(POLICIES) >= {"zero", "random", "straight", "expert", "hybrid"}


@pytest.mark.parametrize("name", ["zero", "random", "straight", "expert"])
def test_a_policy_is_named_as_it_was_asked_for(name: str) -> None:
    assert make_policy(name).spec.name == name


def test_a_misspelt_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean 'hybrid'"):
        make_policy("hybird")


def test_a_folder_that_is_not_there_is_bad_input() -> None:
    with pytest.raises(InputError, match="no checkpoint folder"):
        make_policy("somewhere/else")


def test_a_folder_without_a_checkpoint_is_bad_input(tmp_path) -> None:
    with pytest.raises(InputError, match=r"config\.json"):
        make_policy(str(tmp_path))


def test_damaged_weights_are_bad_input(tmp_path, hybrid) -> None:
    hybrid.save_pretrained(tmp_path)
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(InputError, match="can't be read"):
        make_policy(str(tmp_path))


def test_a_config_of_another_model_is_bad_input(tmp_path, hybrid) -> None:
    hybrid.save_pretrained(tmp_path)
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(InputError, match="not a hybrid"):
        make_policy(str(tmp_path))


def test_a_checkpoint_folder_makes_a_policy_named_after_it(tmp_path, hybrid) -> None:
    hybrid.save_pretrained(tmp_path / "mine")
    policy = make_policy(str(tmp_path / "mine"))
    assert policy.spec.name == "mine"
    assert policy.spec.parameters == hybrid.parameter_count


def test_a_policy_of_ones_own_is_made_by_its_module_and_maker() -> None:
    assert make_policy("policies.reference:zero").spec.name == "zero"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("no.such.module:Mine", "No module named 'no'"),
        ("policies.reference:Mine", "no attribute 'Mine'"),
        ("pathlib:Path", "without spec, reset, act"),
    ],
)
def test_a_maker_that_makes_no_policy_is_bad_input(name: str, sentence: str) -> None:
    check_name(name)
    with pytest.raises(InputError, match=sentence):
        make_policy(name)


@pytest.mark.parametrize("name", ["hybird", "not a module:zero", "policies.reference:", "/no/where"])
def test_a_name_of_no_kind_is_refused_before_anything_is_made(name: str) -> None:
    with pytest.raises(InputError):
        check_name(name)
