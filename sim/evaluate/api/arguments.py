"""What callers may pass as policy, scenario and metric: names, paths and objects, or several of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from policies.host.parsers.probing import probe_files
from policies.names.parsing import parse_policies, pin_policies
from policies.names.reference import PolicyReference
from policies.names.user_code import read_declared_policy
from policies.policy import Policy
from policies.registry import POLICIES
from scenarios.common.errors import InputError
from scenarios.registry import SCENARIOS
from scenarios.scenario import Scenario
from sim.evaluate.api.inferring_policy import InferringObject, InferringPolicy
from sim.metrics.registry import Metric

PolicyArgument = str | os.PathLike[str] | PolicyReference | Policy | InferringObject
ScenarioArgument = str | os.PathLike[str] | Scenario
MetricArgument = str | Metric

ACTING, INFERRING = ("spec", "reset", "act"), ("spec", "infer")  # the parts of a policy object, either way

ObjectT = TypeVar("ObjectT")


@dataclass(frozen=True)
class Named(Generic[ObjectT]):
    """Arguments by name."""

    names: tuple[str, ...]
    """In order."""
    objects: dict[str, ObjectT]
    """Those that are objects of this process."""


@dataclass(frozen=True)
class NamedPolicies(Named[Policy]):
    """Policies by their labels."""

    references: tuple[PolicyReference, ...]
    """Those that aren't objects, pinned."""


def name_policies(policy: PolicyArgument | Iterable[PolicyArgument]) -> NamedPolicies:
    """Name the policies; an object has the name in its spec.

    Raises:
        InputError: One isn't a policy, there is none of a name, or two have the same name.
    """
    named: list[tuple[str, Policy | None]] = []
    references: list[PolicyReference] = []
    for each in _list(policy):
        path = _path(each, POLICIES)
        if path is not None:
            parsed = parse_policies((path,))
        elif isinstance(each, PolicyReference):
            parsed = (each,)
        else:
            checked = _check_policy(each)
            named.append((checked.spec.name, checked))
            continue
        named += [(reference.label, None) for reference in parsed]
        references += parsed
    found = _gather(named, "policies")
    probe_files(references)
    return NamedPolicies(found.names, found.objects, pin_policies(references))


def _check_policy(policy: object) -> Policy:
    if isinstance(policy, type):
        raise InputError(f"policy {policy.__name__} is a class: pass an object of it, {policy.__name__}(…)")
    kind = type(policy).__name__
    if _has_parts(policy, INFERRING) and not hasattr(policy, "act"):
        inferring: InferringObject = policy  # type: ignore[assignment]
        return InferringPolicy(inferring, kind)
    missing = [part for part in ACTING if not hasattr(policy, part)]
    if missing:
        raise InputError(
            "a policy is a name, a path or an object with spec, reset and act, or with spec and infer; "
            f"this {kind} has no {', '.join(missing)}"
        )
    checked: Policy = policy  # type: ignore[assignment]
    return read_declared_policy(checked, kind, kind)


def _has_parts(argument: object, parts: Iterable[str]) -> bool:
    return all(hasattr(argument, part) for part in parts)


def name_scenarios(scenario: ScenarioArgument | Iterable[ScenarioArgument]) -> Named[Scenario]:
    """Name the scenarios; an object has its own name.

    Raises:
        InputError: One isn't a scenario, two have the same name, or one has that of a built-in scenario.
    """
    named: list[tuple[str, Scenario | None]] = []
    for each in _list(scenario):
        path = _path(each, SCENARIOS)
        if path is not None:
            named.append((path, None))
        elif not isinstance(each, Scenario):
            raise InputError(
                f"a scenario is a name, a file or a scenarios.scenario.Scenario, not a {type(each).__name__}"
            )
        elif SCENARIOS.get(each.name, each) is not each:
            raise InputError(f"scenario '{each.name}' has the name of a built-in scenario: rename it")
        else:
            named.append((each.name, None if each.name in SCENARIOS else each))
    return _gather(named, "scenarios")


def name_metrics(metrics: MetricArgument | Iterable[MetricArgument]) -> Named[Metric]:
    """Name the metrics; an object has its own name.

    Raises:
        InputError: One isn't a metric, or two have the same name.
    """
    named: list[tuple[str, Metric | None]] = []
    for each in _list(metrics):
        if not isinstance(each, str | Metric):
            raise InputError(f"a metric is file.py:NAME or a sim.metrics.registry.Metric, not a {type(each).__name__}")
        named.append((each, None) if isinstance(each, str) else (each.name, each))
    return _gather(named, "metrics", at_least=0)


def _list(argument: object) -> list[object]:
    """One or several arguments as a list."""
    if isinstance(argument, Mapping):
        raise InputError("policies, scenarios and metrics are passed one by one or as a list, not as a mapping")
    if isinstance(argument, str | os.PathLike | Metric | Scenario) or not isinstance(argument, Iterable):
        return [argument]
    if _has_parts(argument, ACTING) or _has_parts(argument, INFERRING):
        return [argument]  # a policy that can be iterated over, as a torch Sequential can
    return list(argument)


def _path(argument: object, names: Iterable[str]) -> str | None:
    """An argument as text; None if it is neither text nor a path. A path never means a built-in name."""
    if isinstance(argument, str):
        return argument
    if not isinstance(argument, os.PathLike):
        return None
    text = os.fspath(argument)
    return f".{os.sep}{text}" if text in names else str(Path(text))


def _gather(named: list[tuple[str, ObjectT | None]], what: str, at_least: int = 1) -> Named[ObjectT]:
    names = tuple(name for name, _ in named)
    doubles = [name for place, name in enumerate(names) if name in names[:place]]
    if doubles:
        raise InputError(f"two {what} have the name '{doubles[0]}': give each its own")
    if len(names) < at_least:
        raise InputError(f"{what}: give at least one")
    return Named(names, {name: each for name, each in named if each is not None})
