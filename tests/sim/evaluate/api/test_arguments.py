"""Laws of what may be passed as policy, scenario and metric."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from torch import nn

from policies.names.reference import PolicyReference
from policies.policy import PolicySpec
from policies.registry import make_policy
from policies.scripted.plans import Plan, save_plans
from scenarios.common.errors import InputError
from scenarios.registry import SCENARIOS
from sim.evaluate.api.arguments import name_metrics, name_policies, name_scenarios
from sim.metrics.registry import METRICS


class Network(nn.Sequential):
    """A policy that can be iterated over."""

    spec = PolicySpec("network", None, 0.1, (0.0, 0.0, 0.0))

    def reset(self, slots, instructions): ...

    def act(self, batch): ...


@pytest.fixture
def folder(tmp_path, monkeypatch) -> None:
    """A working folder with two checkpoints."""
    monkeypatch.chdir(tmp_path)
    for name in ("hybrid", "runs/mine"):
        save_plans({"park": Plan(((1.0, 0.0),))}, tmp_path / name)


def test_names_paths_and_objects_are_named_in_order(folder):
    policy, network = make_policy("straight"), Network(nn.Linear(2, 2))
    found = name_policies(["zero", Path("runs/mine"), policy, network])
    assert found.names == ("zero", "runs/mine", "straight", "network")
    assert found.objects == {"straight": policy, "network": network}
    assert name_policies(network).names == ("network",)


def test_names_stand_for_labels_patterns_and_arguments_as_in_the_command(folder):
    found = name_policies(["a=zero", "runs/*", PolicyReference("b", "expert", is_labelled=True)])
    assert found.names == ("a", "runs/mine", "b")
    assert [each.target for each in found.references] == ["zero", "runs/mine", "expert"]
    with pytest.raises(InputError, match="did you mean 'hybrid'"):
        name_policies("hybird")


def test_a_path_never_means_a_built_in_name(folder):
    assert name_policies(Path("hybrid")).names == ("./hybrid",)
    assert name_scenarios(Path("corridor")).names == ("./corridor",)
    assert name_policies("hybrid").names == ("hybrid",)


def test_a_scenario_object_is_known_by_its_own_name_and_a_built_in_one_needs_no_object():
    corridor = SCENARIOS["corridor"]
    mine = replace(corridor, name="mine")
    found = name_scenarios((corridor, mine))
    assert (found.names, found.objects) == (("corridor", "mine"), {"mine": mine})
    with pytest.raises(InputError, match="has the name of a built-in scenario"):
        name_scenarios(replace(corridor, summary="other"))


def test_metrics_may_be_none_at_all():
    assert name_metrics(()).names == ()
    assert name_metrics(METRICS[0]).objects == {METRICS[0].name: METRICS[0]}


def test_a_policy_object_may_declare_a_dictionary_and_keeps_it() -> None:
    declared = {"image_size": None, "rate_hz": 10, "hold_action": [0, 0, 0]}
    policy = type("Plain", (Network,), {"spec": declared})()
    named = name_policies(policy)
    assert named.names == ("Plain",)
    assert named.objects["Plain"].spec == PolicySpec("Plain", None, 0.1, (0.0, 0.0, 0.0))
    assert policy.spec is declared


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: name_policies([]), "policies: give at least one"),
        (lambda: name_policies({"a": "zero"}), "not as a mapping"),
        (lambda: name_policies(["zero", "zero"]), "two policies have the name 'zero'"),
        (lambda: name_policies(3), "this int has no spec, reset, act"),
        (lambda: name_policies(type("Odd", (Network,), {"spec": {}})()), "the spec of policy 'Odd'"),
        (
            lambda: name_policies(type("Odd", (Network,), {"spec": 3})()),
            "its spec is a int, not a policies.policy.PolicySpec",
        ),
        (lambda: name_scenarios([None]), "not a NoneType"),
        (lambda: name_metrics([METRICS[0], METRICS[0]]), "two metrics have the name"),
    ],
)
def test_what_is_none_of_these_is_refused_in_one_sentence(call, words):
    with pytest.raises(InputError, match=words):
        call()
