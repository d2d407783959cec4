from __future__ import annotations

import pkgutil

import pytest

from policies.names import shipped
from policies.names.shipped import ENSEMBLE, ONNX_POLICY, POLICIES, SCRIPTED, make_shipped
from policies.systems.table import PUBLISHED
from scenarios.common.errors import InputError


def test_the_table_holds_the_references_and_every_published_system() -> None:
    assert set(POLICIES) >= {"zero", "random", "straight", "expert", *PUBLISHED}
    assert len(PUBLISHED) == 21


@pytest.mark.parametrize("reference", [*SCRIPTED.values(), ONNX_POLICY, ENSEMBLE])
def test_every_reference_of_the_table_leads_to_what_it_names(reference: str) -> None:
    assert callable(pkgutil.resolve_name(reference))


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
    monkeypatch.setattr(shipped, "CHECKPOINTS", tmp_path)
    with pytest.raises(InputError, match=f"run '{command}'"):
        make_shipped(name)


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
    monkeypatch.setattr(shipped, "CHECKPOINTS", tmp_path)
    return tmp_path


def test_two_rows_of_one_checkpoint_are_two_names_of_one_policy(checkpoints) -> None:
    for name in ("no-first-frame-random", "no-first-frame-middle"):
        policy = make_shipped(name)
        assert (policy.spec.name, policy.spec.period_s) == (name, 0.3)


@pytest.mark.parametrize(
    ("name", "weights"), [("ensemble-best", (0.7, 0.3)), ("ensemble-mlp", (0.3, 0.7)), ("ensemble-equal", (0.5, 0.5))]
)
def test_an_ensemble_weighs_its_members_as_its_row_says(name, weights, checkpoints) -> None:
    ensemble = make_shipped(name)
    assert ensemble.weights == weights
    first = "hybrid" if name == "ensemble-best" else "enhanced-norm"
    assert [member.spec.name for member in ensemble.members] == [first, "mobile-vla"]


@pytest.mark.parametrize("name", SCRIPTED)
def test_a_scripted_policy_is_named_as_it_was_asked_for(name: str) -> None:
    assert make_shipped(name).spec.name == name


def test_damaged_weights_are_bad_input(tmp_path, hybrid) -> None:
    from policies.names.folders import load_folder

    hybrid.save_pretrained(tmp_path)
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(InputError, match="can't be read"):
        load_folder(tmp_path, "mine")
