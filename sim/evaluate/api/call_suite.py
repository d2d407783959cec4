"""The suite that a call of ``evaluate`` asks for, so that the command can repeat it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from policies.names.parsing import LABEL
from policies.names.reference import PolicyReference
from scenarios.scenario import Scenario
from sim.evaluate.api.arguments import Named, NamedPolicies
from sim.evaluate.job_kinds import EvaluationSettings
from sim.evaluate.options import make_parser
from sim.evaluate.suites.applied_suite import AppliedSuite, repeated_flags
from sim.evaluate.suites.suite_keys import collect_entries
from sim.metrics.registry import Metric
from sim.results.manifest import OfflineSettings
from sim.results.plan import RunPlan


def describe_call(
    policies: NamedPolicies,
    scenarios: Named[Scenario],
    metrics: Named[Metric],
    plan: RunPlan,
    settings: EvaluationSettings,
    offline: OfflineSettings,
    *,
    perturb: Sequence[str],
    policy_timeout_s: float,
) -> AppliedSuite | None:
    """Return the suite of a call; None if a file can't say it, as it has objects of the caller's process."""
    references = policies.references
    replans = {each.replan for each in references}
    if policies.objects or scenarios.objects or metrics.objects or len(replans) != 1:
        return None
    if not all(map(_can_be_typed, references)):
        return None
    values: dict[str, Any] = {
        "policy": tuple(f"{each.label}={each.target}" if each.is_labelled else each.target for each in references),
        "policy_args": [_type_arguments(each) for each in references if each.arguments is not None] or None,
        "replan": replans.pop(),
        "scenario": scenarios.names,
        "perturb": list(perturb) or None,
        "episodes": plan.episodes,
        "seed": plan.suite_seed,
        "latency": plan.latency,
        "policy_timeout": policy_timeout_s,
        "metric": metrics.names,
        "no_offline": offline.skipped,
        "dataset": offline.dataset,
        "mapping": offline.mapping,
        "renderer": settings.renderer,
        "video": settings.video,
        **asdict(settings.runtime),
    }
    defaults = make_parser().parse_args([])
    entries = collect_entries(argparse.Namespace(**{**vars(defaults), **values}), defaults)
    python = next((each.python for each in references if each.python), "")
    flags = repeated_flags(trust_pickle=any(each.trust_pickle for each in references), python=python)
    return AppliedSuite(entries, flags=flags)


def _can_be_typed(reference: PolicyReference) -> bool:
    return LABEL.fullmatch(reference.label) is not None if reference.is_labelled else True


def _type_arguments(reference: PolicyReference) -> str:
    """Return the arguments as after ``--policy-args``."""
    arguments = reference.arguments
    assert arguments is not None
    return f"{reference.label}={arguments.file or arguments.text}"
