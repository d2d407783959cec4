"""The hash of what a run evaluates: equal hashes ask for equal episodes and offline errors."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scenarios.lookup import scenario_version
from sim.evaluate.job_kinds import EvaluationSettings
from sim.results.manifest import OfflineSettings
from sim.results.plan import RunPlan, SuiteFacts

DEFAULT_TIMEOUT_S = 60.0


def hash_suite(
    plan: RunPlan, settings: EvaluationSettings, offline: OfflineSettings, policy_timeout_s: float
) -> SuiteFacts:
    """Hash what is asked for, and its conditions alone.

    The hashes contain what names and patterns stand for, the ranges of each scenario and the text of a mapping, but
    neither weights nor code, which ``manifest.json`` records. What has its default isn't part of them, so that a key
    that a later version adds changes no hash.

    Args:
        plan: The episodes.
        settings: How they are driven.
        offline: Settings of the offline error.
        policy_timeout_s: Time for a call of a policy.
    """
    conditions = {
        "scenarios": [scenario_version(name) for name in plan.scenarios],
        "perturbations": plan.perturbations[1:],
        "episodes": plan.episodes,
        "seed": plan.suite_seed,
        "latency": plan.latency,
        "renderer": "" if settings.renderer == "auto" else settings.renderer,
    }
    known = {each.label: each for each in settings.policies}
    rest = {
        "policies": [
            (name, known[name].source, known[name].replan) if name in known else (name,) for name in plan.policies
        ],
        "metrics": plan.metrics,
        "offline": "skipped" if offline.skipped else "",
        "dataset": Path(offline.dataset).name if offline.dataset else "",
        "mapping": _hash_file(Path(offline.mapping)) if offline.mapping else "",
        "runtime": settings.runtime.flags,
        "policy_timeout": 0 if policy_timeout_s == DEFAULT_TIMEOUT_S else policy_timeout_s,
    }
    return SuiteFacts(_hash({**conditions, **rest}), _hash(conditions))


def _hash(content: Mapping[str, Any]) -> str:
    said = {key: value for key, value in content.items() if value or key == "seed"}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]


def _hash_file(path: Path) -> str:
    """Hash a file; one that isn't there is refused later, where it is read."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
