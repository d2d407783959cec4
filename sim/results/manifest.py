"""``manifest.json``: everything that a run's numbers depend on, to tell which runs are comparable."""

from __future__ import annotations

import importlib.metadata
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scenarios.common.cli import DISTRIBUTION
from scenarios.common.errors import InputError
from scenarios.lookup import scenario_text, scenario_version
from sim.results.codec import OMIT, to_json
from sim.results.plan import PlanRecord, RunPlan
from sim.workers.processor import Processor, cpu_name, select_distinct

SCHEMA = 1
RECORDED_PACKAGES = (
    *("numpy", "pybullet", "moderngl", "torch", "transformers", "tokenizers", "safetensors", "gymnasium", "scipy"),
    *("onnx", "onnxruntime"),
)
# These must be equal for a run to be resumed.
DECISIVE_KEYS = ("plan", "renderer", "policies", "scenarios", "offline", "shard")


@dataclass(frozen=True)
class CodeVersion:
    """Version of the code."""

    version: str | None
    """Of the installed distribution; None if it isn't installed."""
    git: str | None
    """Output of ``git describe`` in the checkout; None outside of one."""


@dataclass(frozen=True)
class Machine:
    """Machine that the run was started on."""

    system: str
    """Operating system and architecture."""
    cpu: str
    """The processor's model name."""
    cores: int
    """Number of processors that the run may use."""


@dataclass(frozen=True)
class RendererFacts:
    """The renderer of the frames."""

    asked: str
    """Name of the requested renderer: "auto", "gl", "gpu" or "tiny"."""
    applied: str
    """Name of the renderer that was used."""
    device: str
    """GL_RENDERER, or its equivalent of another renderer."""


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


def make_manifest(
    *,
    command: Sequence[str],
    plan: RunPlan,
    renderer: RendererFacts,
    policies: Mapping[str, PolicyFacts],
    offline: OfflineSettings,
    processors: Sequence[Processor] = (),
) -> Manifest:
    """Make the manifest of a run that starts now on this machine."""
    return Manifest(
        command=tuple(command),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        code=code_version(),
        python=platform.python_version(),
        packages=package_versions(),
        machine=Machine(platform.platform(), cpu_name(), count_cores()),
        renderer=renderer,
        plan=plan.record(),
        policies=dict(policies),
        scenarios={name: _scenario(name) for name in plan.scenarios},
        offline=offline,
        seeds=Seeds(plan.suite_seed),
        processors=select_distinct(processors),
    )


def check_same_run(before: Manifest, now: Manifest, folder: Path) -> None:
    """Check that rows made under two manifests may be part of one run, which may have more episodes now than before.

    Raises:
        InputError: They differ in something decisive, and names the first difference; or there are fewer episodes now.
    """
    if now.plan.episodes < before.plan.episodes:
        raise InputError(
            f"--resume '{folder}': that run has {before.plan.episodes} episodes in each cell, and a run can only be "
            f"extended: give --episodes {before.plan.episodes} or more, or choose a new --out"
        )
    same_length = replace(before, plan=replace(before.plan, episodes=now.plan.episodes))
    for part in DECISIVE_KEYS:
        difference = _first_difference(to_json(getattr(same_length, part)), to_json(getattr(now, part)), part)
        if difference is not None:
            where, old, new = difference
            raise InputError(
                f"--resume '{folder}': that run has {where} = {old}, this command {new}: repeat its command, "
                f"or choose a new --out"
            )


def resume_manifest(before: Manifest, now: Manifest) -> Manifest:
    """Return the manifest of a resumed run: the first one, with the time and the processors that came later.

    Of an extended run it has the later plan, and the command that would have made it at once.
    """
    processors = select_distinct((*before.processors, *now.processors))
    resumed = replace(before, resumed=(*before.resumed, now.started), processors=processors)
    if now.plan == before.plan:
        return resumed
    return replace(resumed, plan=now.plan, command=tuple(word for word in now.command if word != "--resume"))


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


def code_version() -> CodeVersion:
    """Return the version of this package, and of the git checkout that it runs from, if there is one."""
    folder = Path(__file__).resolve().parents[2]
    described = None
    if (folder / ".git").exists():
        try:
            completed = subprocess.run(
                ["git", "-C", str(folder), "describe", "--always", "--dirty", "--tags"],  # noqa: S607
                capture_output=True,
                text=True,
                timeout=5,
                check=False,
            )
            described = completed.stdout.strip() or None
        except (OSError, subprocess.TimeoutExpired):
            described = None
    return CodeVersion(_version(DISTRIBUTION), described)


def package_versions() -> dict[str, str]:
    """Return the versions of the installed packages that can change a result."""
    versions = {name: _version(name) for name in RECORDED_PACKAGES}
    return {name: version for name, version in versions.items() if version is not None}


def _version(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def count_cores() -> int:
    """Return the number of processors that this process may use."""
    import os

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _scenario(name: str) -> ScenarioFacts:
    return ScenarioFacts(scenario_version(name), scenario_text(name))
