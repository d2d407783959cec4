from __future__ import annotations

import pkgutil
import subprocess
import sys

import pytest

from policies import registry
from policies.registry import (
    CHECKPOINT_KINDS,
    ENSEMBLE,
    ONNX_POLICY,
    POLICIES,
    PUBLISHED,
    SCRIPTED,
    check_name,
    expand_policy_names,
    make_policy,
)
from scenarios.common.errors import InputError


def test_listing_the_names_imports_neither_torch_nor_transformers() -> None:
    code = "import sys, policies.registry; print('torch' in sys.modules, 'transformers' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["False", "False"]


def test_the_table_holds_the_references_and_every_published_system() -> None:
    assert set(POLICIES) >= {"zero", "random", "straight", "expert", *PUBLISHED}
    assert len(PUBLISHED) == 21


@pytest.mark.parametrize("reference", [*SCRIPTED.values(), *CHECKPOINT_KINDS.values(), ONNX_POLICY, ENSEMBLE])
def test_every_reference_of_the_table_leads_to_what_it_names(reference: str) -> None:
    assert callable(pkgutil.resolve_name(reference))


@pytest.mark.parametrize("reference", [*CHECKPOINT_KINDS.values(), ONNX_POLICY])
def test_what_is_read_from_a_path_has_a_class_that_loads_it(reference: str) -> None:
    assert callable(pkgutil.resolve_name(reference).load)


def test_published_stands_for_all_published_systems_each_once() -> None:
    assert expand_policy_names(["zero", "hybrid", "published", "zero"]) == (
        "zero",
        "hybrid",
        *(name for name in PUBLISHED if name != "hybrid"),
    )
    assert expand_policy_names(["hybrid"]) == ("hybrid",)


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("enhanced-norm", "python -m policies.train enhanced-norm --out .*/enhanced-norm"),
        ("no-first-frame-random", "python -m policies.train no-first-frame-random --out .*/no-first-frame"),
        ("ensemble-best", "python -m policies.train hybrid --out .*/hybrid"),
        ("hybrid-onnx", "python -m policies.export hybrid --out .*hybrid.onnx"),
    ],
)
def test_a_missing_checkpoint_is_answered_with_the_command_that_makes_it(name, command, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(registry, "CHECKPOINTS", tmp_path)
    with pytest.raises(InputError, match=f"run '{command}'"):
        make_policy(name)


def test_published_alone_is_no_policy() -> None:
    for asked in (check_name, make_policy):
        with pytest.raises(InputError, match="'published' means all published policies: name one"):
            asked("published")


@pytest.fixture
def checkpoints(tmp_path, monkeypatch, hybrid):
    """Fresh checkpoints of a few rows, where the shipped ones would be."""
    from policies.systems.network import build_system
    from policies.systems.table import SYSTEMS

    hybrid.backbones.save_pretrained(tmp_path / "backbones")
    hybrid.save_pretrained(tmp_path / "hybrid")
    for name in ("mobile-vla", "enhanced-norm", "no-first-frame-random"):
        row = SYSTEMS[name]
        build_system(row, hybrid.backbones).save_pretrained(tmp_path / (row.checkpoint or name))
    monkeypatch.setattr(registry, "CHECKPOINTS", tmp_path)
    return tmp_path


def test_a_systems_folder_makes_a_policy_named_after_it(checkpoints) -> None:
    policy = make_policy(str(checkpoints / "mobile-vla"))
    assert type(policy).__name__ == "SystemPolicy"
    assert policy.spec.name == "mobile-vla"


def test_two_rows_of_one_checkpoint_are_two_names_of_one_policy(checkpoints) -> None:
    for name in ("no-first-frame-random", "no-first-frame-middle"):
        policy = make_policy(name)
        assert (policy.spec.name, policy.spec.period_s) == (name, 0.3)


@pytest.mark.parametrize(
    ("name", "weights"), [("ensemble-best", (0.7, 0.3)), ("ensemble-mlp", (0.3, 0.7)), ("ensemble-equal", (0.5, 0.5))]
)
def test_an_ensemble_weighs_its_members_as_its_row_says(name, weights, checkpoints) -> None:
    ensemble = make_policy(name)
    assert ensemble.weights == weights
    first = "hybrid" if name == "ensemble-best" else "enhanced-norm"
    assert [member.spec.name for member in ensemble.members] == [first, "mobile-vla"]


@pytest.mark.parametrize("name", ["zero", "random", "straight", "expert"])
def test_a_policy_is_named_as_it_was_asked_for(name: str) -> None:
    assert make_policy(name).spec.name == name


def test_a_misspelt_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean 'hybrid'"):
        make_policy("hybird")


@pytest.mark.parametrize("path", ["somewhere/else", "./hybrid", "mine.onnx"])
def test_a_path_to_nothing_is_answered_alike_before_a_run_and_in_it(path: str) -> None:
    for asked in (check_name, make_policy):
        with pytest.raises(InputError, match=f"no policy at '{path}'"):
            asked(path)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, r"needs config\.json"),
        ("{", "must be JSON"),
        ('{"model_type": "bert"}', "'bert'"),
        ('{"model_type": []}', "not"),
    ],
)
def test_a_path_that_is_no_policy_is_refused_before_anything_is_made(tmp_path, content, sentence) -> None:
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    for asked in (check_name, make_policy):
        with pytest.raises(InputError, match=sentence) as raised:
            asked(str(tmp_path))
        assert "\n" not in str(raised.value)


def test_a_file_that_is_neither_a_folder_nor_onnx_is_refused_before_anything_is_made(tmp_path) -> None:
    file = tmp_path / "model.safetensors"
    file.write_bytes(b"")
    for asked in (check_name, make_policy):
        with pytest.raises(InputError, match="a folder that training wrote"):
            asked(str(file))


def test_a_checkpoint_folder_and_an_onnx_file_pass_the_check_without_being_read(tmp_path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "hybrid"}')
    (tmp_path / "mine.onnx").write_bytes(b"")
    check_name(str(tmp_path))
    check_name(str(tmp_path / "mine.onnx"))


def test_damaged_weights_are_bad_input(tmp_path, hybrid) -> None:
    hybrid.save_pretrained(tmp_path)
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(InputError, match="can't be read"):
        make_policy(str(tmp_path))


def test_a_config_of_another_model_is_bad_input(tmp_path, hybrid) -> None:
    hybrid.save_pretrained(tmp_path)
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(InputError, match="'bert', not 'hybrid' or 'system'"):
        make_policy(str(tmp_path))


def test_a_checkpoint_folder_makes_a_policy_named_after_it(tmp_path, hybrid) -> None:
    hybrid.save_pretrained(tmp_path / "mine")
    policy = make_policy(str(tmp_path / "mine"))
    assert policy.spec.name == "mine"
    assert policy.spec.parameters == hybrid.parameter_count


def test_a_policy_of_ones_own_is_made_by_its_module_and_maker() -> None:
    assert make_policy("policies.scripted.baselines:make_zero_policy").spec.name == "zero"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("no.such.module:Mine", "No module named 'no'"),
        ("policies.scripted.baselines:Mine", "unknown name in policies.scripted.baselines 'Mine'"),
        ("pathlib:Path", "without spec, reset, act"),
    ],
)
def test_a_maker_that_makes_no_policy_is_bad_input(name: str, sentence: str) -> None:
    check_name(name)
    with pytest.raises(InputError, match=sentence):
        make_policy(name)


MINE = """
from policies.policy import PolicySpec
class Still:
    spec = PolicySpec(name="still", image_size=None, period_s=0.1, hold_action=(0.0, 0.0, 0.0))
    def reset(self, slots, instructions): ...
    def act(self, batch): ...
class Undeclared(Still):
    spec = {"name": "still"}
class Demanding(Still):
    def __init__(self, weights): ...
NUMBER = 1
"""


def test_a_class_in_a_file_of_ones_own_is_a_policy(tmp_path) -> None:
    (tmp_path / "mine.py").write_text(MINE)
    check_name(f"{tmp_path}/mine.py:Still")
    assert make_policy(f"{tmp_path}/mine.py:Still").spec.name == "still"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("Stil", "did you mean 'Still'"),
        ("Undeclared", "its spec is a dict, not a policies.policy.PolicySpec"),
        ("Demanding", "can't be made: TypeError: .*missing 1 required positional argument: 'weights'"),
        ("NUMBER", "is a int: name a class, or a function that makes one"),
    ],
)
def test_what_is_wrong_with_a_policy_of_ones_own_is_one_sentence(name: str, sentence: str, tmp_path) -> None:
    (tmp_path / "mine.py").write_text(MINE)
    with pytest.raises(InputError, match=sentence):
        make_policy(f"{tmp_path}/mine.py:{name}")


def test_a_file_that_is_not_there_is_refused_before_anything_is_made(tmp_path) -> None:
    with pytest.raises(InputError, match="there is no file"):
        check_name(f"{tmp_path}/none.py:Still")


@pytest.mark.parametrize("name", ["hybird", "not a module:zero", "policies.scripted.baselines:", "/no/where"])
def test_a_name_of_no_kind_is_refused_before_anything_is_made(name: str) -> None:
    with pytest.raises(InputError):
        check_name(name)
