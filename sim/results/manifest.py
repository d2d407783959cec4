"""``manifest.json``: everything that a run's numbers depend on, to tell which runs are comparable."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scenarios.common.errors import InputError
from scenarios.lookup import scenario_text, scenario_version
from sim.results.codec import OMIT, to_json
from sim.results.plan import PlanRecord, RunPlan, SuiteFacts
from sim.results.provenance.comparison import Provenance
from sim.results.provenance.facts import (
    CodeVersion,
    Machine,
    RendererFacts,
    code_version,
    package_versions,
    read_machine,
)
from sim.workers.processor import Processor, select_distinct

SCHEMA = 1
# These must be equal for a run to be resumed.
DECISIVE_KEYS = ("plan", "policies", "scenarios", "offline", "shard")
RESUME_FLAGS = ("--resume", "--resume-anyway")


@dataclass(frozen=True)
class PolicyFacts:
    """Properties of a policy, as reported by its worker."""

    parameters: int
    """Number of parameters of its network."""
    privileged: bool
    """True if it sees the true world, so that it is an upper bound and not ranked."""
    period_s: float
    """Duration of each of its actions."""
    image_size: tuple[int, int] | None
    """(height, width) in pixels of its input frames; None if it uses none."""
    weights: str | None
    """SHA-256 of its weights; None without any."""
    runtime: str = ""
    """Runtime of its network; "" without one."""
    latency_s: float = 0.0
    """Simulated inference latency."""
    chunk: int | None = field(default=None, metadata={OMIT: True})
    """Number of actions in each of its answers; None in a run of an older version."""
    replan: int | None = field(default=None, metadata={OMIT: True})
    """Replan horizon: number of these that are executed before the next inference; None in an older run."""
    action: str = field(default="", metadata={OMIT: True})
    """Format of its actions, in a few words; "" in a run of an older version."""
    observation: str = field(default="", metadata={OMIT: True})
    """Format of its observations, in a few words; "" in a run of an older version."""
    source: str = field(default="", metadata={OMIT: True})
    """What it was made from, with arguments and revision; "" if that is its name."""
    members: tuple[str, ...] = field(default=(), metadata={OMIT: True})
    """Names of the policies whose actions it averages; empty for all others."""


@dataclass(frozen=True)
class ScenarioFacts:
    """The specification that a scenario's worlds were sampled from."""

    spec: str
    """Hash of its name and ranges."""
    file: str | None = field(default=None, metadata={OMIT: True})
    """Text of its file; None for a family."""


@dataclass(frozen=True)
class OfflineSettings:
    """Settings of the offline error."""

    skipped: bool
    """True if it isn't computed."""
    dataset: str | None
    """Folder of the data set; None for each scenario's own held-out demonstrations."""
    mapping: str | None = field(default=None, metadata={OMIT: True})
    """Mapping file that says how it is read; None: guessed, or in its folder."""


@dataclass(frozen=True)
class Seeds:
    """Seeds of a run."""

    suite: int
    """Seed of the suite of episodes."""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """The contents of ``manifest.json``."""

    schema: int = SCHEMA
    """Version of the format."""
    command: tuple[str, ...]
    """As typed, program first."""
    started: str
    """Start of the run, as ISO 8601 in UTC."""
    code: CodeVersion
    python: str
    """Version of the interpreter."""
    packages: dict[str, str]
    """Versions of the installed packages that can change a result."""
    machine: Machine
    renderer: RendererFacts
    plan: PlanRecord
    policies: dict[str, PolicyFacts]
    """By name."""
    scenarios: dict[str, ScenarioFacts]
    """By name, or by file as it was typed."""
    offline: OfflineSettings
    seeds: Seeds
    shard: str | None = field(default=None, metadata={OMIT: True})
    """The part of the run that its folder holds, as i/n, or "claim" for the blocks that it claimed; None: all of it."""
    resumed: tuple[str, ...] = field(default=(), metadata={OMIT: True})
    """Times at which the run was resumed, as ISO 8601 in UTC."""
    processors: tuple[Processor, ...] = field(default=(), metadata={OMIT: True})
    """Processors that the run's workers ran on, each once; networks' last bits depend on them."""
    suite: SuiteFacts | None = field(default=None, metadata={OMIT: True})
    """What the run evaluates, by name and hash; None in a run of an older version."""
    made_by: dict[str, dict[str, str]] = field(default_factory=dict, metadata={OMIT: True})
    """What differed from the rest of this manifest, by value of the column ``made_by``; empty for a run that was never
    resumed by another code, Python, package, machine or renderer."""

    @property
    def provenance(self) -> Provenance:
        """What the rows of the run's first session were made by."""
        runtimes = {name: facts.runtime for name, facts in self.policies.items()}
        return Provenance(self.code, self.python, self.packages, self.machine, self.renderer, runtimes)


def make_manifest(
    *,
    command: Sequence[str],
    plan: RunPlan,
    renderer: RendererFacts,
    policies: Mapping[str, PolicyFacts],
    offline: OfflineSettings,
    processors: Sequence[Processor] = (),
    suite: SuiteFacts | None = None,
) -> Manifest:
    """Make the manifest of a run that starts now on this machine."""
    return Manifest(
        command=tuple(command),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        code=code_version(),
        python=platform.python_version(),
        packages=package_versions(),
        machine=read_machine(),
        renderer=renderer,
        plan=plan.record(),
        policies=dict(policies),
        scenarios={name: _scenario(name) for name in plan.scenarios},
        offline=offline,
        seeds=Seeds(plan.suite_seed),
        processors=select_distinct(processors),
        suite=suite,
    )


def check_same_run(before: Manifest, now: Manifest, folder: Path, *, anyway: bool = False) -> None:
    """Check that rows made under two manifests may be part of one run, which may have more episodes now than before.

    Args:
        before: The manifest in the folder.
        now: That of this command.
        folder: The run's folder, for errors.
        anyway: True if rows may be made by other code, packages, Python, machine or renderer.

    Raises:
        InputError: They differ in something decisive, and names the differences; or there are fewer episodes now.
    """
    if now.plan.episodes < before.plan.episodes:
        raise InputError(
            f"--resume '{folder}': that run has {before.plan.episodes} episodes in each cell, and a run can only be "
            f"extended: give --episodes {before.plan.episodes} or more, or choose a new --out"
        )
    same_length = replace(before, plan=replace(before.plan, episodes=now.plan.episodes))
    for part in DECISIVE_KEYS:
        difference = _first_difference(_decisive(same_length, part), _decisive(now, part), part)
        if difference is not None:
            where, old, new = difference
            raise InputError(
                f"--resume '{folder}': that run has {where} = {old}, this command {new}: repeat its command, "
                f"or choose a new --out"
            )
    if anyway or now.provenance.name in before.made_by:
        return
    if differences := before.provenance.list_differences(now.provenance):
        listed = "; ".join(f"{name} was {old}, is {new}" for name, (old, new) in differences.items())
        raise InputError(
            f"--resume '{folder}': that run was made by something else, so that new rows may not compare with its "
            f"own ({listed}): finish it there, choose a new --out, or give --resume-anyway, after which the column "
            f"made_by says what made each row"
        )


def _decisive(manifest: Manifest, part: str) -> Any:
    """A part of a manifest as JSON, without what ``Provenance`` compares."""
    if part == "policies":
        return {name: to_json(replace(facts, runtime="")) for name, facts in manifest.policies.items()}
    return to_json(getattr(manifest, part))


def resume_manifest(before: Manifest, now: Manifest) -> Manifest:
    """Return the manifest of a resumed run: the first one, with the time, and what came later of what made it.

    Of an extended run it has the later plan and suite, and the command that would have made it at once.
    """
    processors = select_distinct((*before.processors, *now.processors))
    made_by = list_makers(before, now)
    resumed = replace(before, resumed=(*before.resumed, now.started), processors=processors, made_by=made_by)
    if now.plan == before.plan:
        return resumed
    command = tuple(word for word in now.command if word != "--resume")
    return replace(resumed, plan=now.plan, suite=now.suite, command=command)
    return replace(resumed, plan=now.plan, command=tuple(word for word in now.command if word not in RESUME_FLAGS))


def list_makers(before: Manifest, now: Manifest) -> dict[str, dict[str, str]]:
    """List what rows were made by under either manifest, as differences from the first; empty if it is one thing."""
    first = before.provenance
    here = {what: new for what, (_, new) in first.list_differences(now.provenance).items()}
    found = {now.provenance.name: here, **{name: {**here, **more} for name, more in now.made_by.items()}}
    new = {name: what for name, what in found.items() if name != first.name and name not in before.made_by}
    return {**(before.made_by or {first.name: {}}), **new} if new else before.made_by


def describe_makers(manifest: Manifest) -> str | None:
    """Describe that rows were made by different code, packages, Pythons, machines or renderers; None if not."""
    if len(manifest.made_by) < 2:
        return None
    makers = (
        f"{name}: {', '.join(f'{what} {text}' for what, text in found.items())}"
        for name, found in manifest.made_by.items()
        if found
    )
    return f"rows of this run were made by {len(manifest.made_by)} setups (column made_by): {'; '.join(makers)}"


def describe_processors(manifest: Manifest) -> str | None:
    """Describe what a run's processors mean for its rows; None if all of its workers ran on the same."""
    if len(manifest.processors) < 2:
        return None
    return (
        f"workers of this run ran on {len(manifest.processors)} processors, where networks differ in last bits, so "
        f"that some episodes may end differently: {'; '.join(map(str, manifest.processors))}"
    )


def _first_difference(before: Any, now: Any, where: str) -> tuple[str, Any, Any] | None:
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        for name in [*before, *(name for name in now if name not in before)]:
            if (found := _first_difference(before.get(name), now.get(name), f"{where}.{name}")) is not None:
                return found
        return None
    return None if before == now else (where, before, now)


def _scenario(name: str) -> ScenarioFacts:
    return ScenarioFacts(scenario_version(name), scenario_text(name))
