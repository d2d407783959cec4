"""Laws of the suite of a call: what the command would need to repeat it."""

from __future__ import annotations

import pytest

from policies.names.parsing import parse_policies
from policies.policy import DEFAULT_RUNTIME, InferenceRuntime
from policies.scripted.baselines import ConstantPolicy
from sim.evaluate.api.arguments import name_metrics, name_policies, name_scenarios
from sim.evaluate.api.call_suite import describe_call
from sim.evaluate.job_kinds import EvaluationSettings
from sim.evaluate.options import make_parser, make_request
from sim.evaluate.run.request import make_run_plan
from sim.evaluate.suites.applied_suite import apply_suite
from sim.evaluate.suites.suite_hash import hash_suite
from sim.results.manifest import OfflineSettings


def described(policy, *, perturb=(), runtime=DEFAULT_RUNTIME, skipped=True, timeout_s=60.0):
    policies, scenarios, metrics = name_policies(policy), name_scenarios(["corridor"]), name_metrics(())
    plan, _ = make_run_plan(policies.names, scenarios.names, 3, 9, perturbations=perturb, latency=0.1)
    settings = EvaluationSettings("auto", "none", runtime, policies.references, metrics.names)
    offline = OfflineSettings(skipped, None)
    suite = describe_call(
        policies, scenarios, metrics, plan, settings, offline, perturb=perturb, policy_timeout_s=timeout_s
    )
    return suite, plan, hash_suite(plan, settings, offline, timeout_s)


def test_the_command_understands_the_suite_of_a_call_and_asks_for_the_same(tmp_path):
    runtime = InferenceRuntime(compile="export")
    suite, plan, known = described(["slow=hybrid", "zero"], perturb=["all=1"], runtime=runtime, timeout_s=9.0)
    (tmp_path / "suite.yaml").write_text(suite.format(suite.describe(known)))
    options, applied = apply_suite(make_parser, ["--suite", str(tmp_path / "suite.yaml")])
    request = make_request(options, [], applied)
    assert request.plan == plan
    assert request.suite == known
    assert (request.settings.runtime, options.policy_timeout) == (runtime, 9.0)


def test_arguments_of_a_policy_are_part_of_it(tmp_path):
    (tmp_path / "own.py").write_text("class Own: ...\n")
    (reference,) = parse_policies([f"mine={tmp_path / 'own.py'}:Own"], ['{"k": 1}'])
    suite, _, _ = described([reference])
    assert suite.entries["policy_args"] == ('mine={"k": 1}',)


def test_the_flags_that_a_suite_can_not_ask_for_are_in_the_command_that_repeats_a_call(tmp_path):
    (tmp_path / "own.py").write_text("class Own: ...\n")
    references = parse_policies([f"mine={tmp_path / 'own.py'}:Own"], python="python3")
    suite, _, known = described(references)
    assert "--suite RUN/suite.yaml --trust-code --policy-python python3\n" in suite.format(known)


@pytest.mark.parametrize("policy", [["object"], ["object", "zero"]])
def test_objects_of_the_caller_can_not_be_said_in_a_file(policy):
    made = [ConstantPolicy("mine", (1.0, 0.0, 0.0)) if name == "object" else name for name in policy]
    assert described(made)[0] is None
