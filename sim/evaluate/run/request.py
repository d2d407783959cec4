"""What an evaluation is asked to do: checked, and divided into a plan, before anything is started or written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scenarios.common.errors import InputError
from scenarios.lookup import check_scenario
from scenarios.registry import SCENARIOS
from scenarios.scenario import VERSION
from sim.evaluate.job_kinds import EvaluationSettings
from sim.evaluate.run.perturbations import parse_perturbations
from sim.evaluate.shards.shard import CLAIM, WHOLE, Selection, Shard
from sim.metrics.registry import register_metric
from sim.results.folder import check_out_folder
from sim.results.manifest import OfflineSettings
from sim.results.plan import RunPlan
from sim.rollout.latency import Latency

ALL = "all"
ENV_ID = re.compile(r"(?:MobileVLA/)(\w+)-v(\d+)")


@dataclass(frozen=True, kw_only=True)
class EvaluationRequest:
    """An evaluation that can be started."""

    plan: RunPlan
    settings: EvaluationSettings
    offline: OfflineSettings
    command: tuple[str, ...]
    """For the manifest: as typed, program first; or the call."""
    out: Path | None = None
    """The run's folder; None to write nothing."""
    films: Path | None = None
    """Folder of the films of a run without a folder; None for no films."""
    resume: bool = False
    """True to finish or extend the run in ``out``."""
    resume_anyway: bool = False
    """True to do so also with other code, packages, Python, machine or renderer than those that made its rows."""
    part: Selection = WHOLE
    """The part of the plan to do: a shard, or a sample."""
    claims: bool = False
    """True if the jobs are claimed one by one, as other processes do them, too."""

    @property
    def shard(self) -> str | None:
        """The part of the run, for the manifest: "i/n" or "claim"; None for all of it."""
        return CLAIM if self.claims else str(self.part) if isinstance(self.part, Shard) and self.part != WHOLE else None

    @property
    def datasets(self) -> dict[str | None, str | None]:
        """The data sets of the offline error: by scenario, None for its held-out demonstrations; or one under None."""
        if self.offline.skipped:
            return {}
        return {None: self.offline.dataset} if self.offline.dataset else dict.fromkeys(self.plan.scenarios)


def make_run_plan(
    policies: Sequence[str],
    scenarios: Sequence[str],
    episodes: int,
    seed: int,
    *,
    perturbations: Sequence[str] = (),
    probe: bool = False,
    latency: Latency = 0.0,
    metrics: Sequence[str] = (),
) -> tuple[RunPlan, tuple[str, ...]]:
    """Make the plan of a run after checking that all that is named exists.

    Args:
        policies: Labels of policies that are checked already.

    Returns:
        The plan, and why a scenario is left out of a perturbation, in sentences.

    Raises:
        InputError: Something doesn't exist.
    """
    for reference in metrics:
        register_metric(reference)
    scenarios = tuple(SCENARIOS) if tuple(scenarios) == (ALL,) else tuple(map(scenario_name, scenarios))
    for name in scenarios:
        check_scenario(name, (ALL,))
    requested = parse_perturbations(perturbations, probe, scenarios)
    plan = RunPlan(
        tuple(policies),
        scenarios,
        episodes,
        seed,
        perturbations=requested.perturbations,
        left_out=tuple(requested.left_out),
        latency=latency,
        metrics=tuple(metrics),
    )
    return plan, tuple(requested.left_out.values())


def scenario_name(text: str) -> str:
    """Return the scenario that an environment id names; any other text is returned as it is.

    Raises:
        InputError: The id is of another version of the scenes.
    """
    found = ENV_ID.fullmatch(text)
    if found is None:
        return text
    name = re.sub(r"(?<!^)(?=[A-Z])", "-", found[1]).lower()
    if name in SCENARIOS and int(found[2]) != VERSION:
        raise InputError(
            f"'{text}' names an environment of other scenes: these are of version {VERSION}; write '{name}' or "
            f"'MobileVLA/{found[1]}-v{VERSION}'"
        )
    return name


def check_destination(out: Path | None, *, resume: bool) -> None:
    """Check that a run can be written to a folder, if one is given.

    Raises:
        InputError: It can't, or there is none to resume.
    """
    if resume and out is None:
        raise InputError("--resume needs --out, the folder of the run to finish")
    if out is not None:
        check_out_folder(out, resume=resume)
