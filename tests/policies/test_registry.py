from __future__ import annotations

import subprocess
import sys

import pytest

from policies.registry import POLICIES, make_policy
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
