"""``manifest.json``: everything that a run's numbers depend on, so that one can tell which runs may be compared."""

from __future__ import annotations

import importlib.metadata
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scenarios.common.cli import DISTRIBUTION
from scenarios.common.errors import InputError
from scenarios.lookup import scenario_text, scenario_version
from sim.results.codec import OMIT, to_json
from sim.results.plan import PlanRecord, RunPlan

SCHEMA = 1
RECORDED_PACKAGES = (
    *("numpy", "pybullet", "moderngl", "torch", "transformers", "tokenizers", "safetensors", "gymnasium", "scipy"),
    *("onnx", "onnxruntime"),
)
# What must be the same for rows of two sittings to stand in one run.
DECISIVE_KEYS = ("plan", "renderer", "policies", "scenarios", "offline")


@dataclass(frozen=True)
class CodeVersion:
    """Which code ran."""

    version: str | None
    """Of the installed distribution; None if it isn't installed."""
    git: str | None
    """What ``git describe`` says of the checkout; None outside of one."""


@dataclass(frozen=True)
class Machine:
    """What the run was started on."""

    system: str
    """Operating system and architecture."""
    cpu: str
    """The processor's model name."""
    cores: int
    """Processors that the run may use."""


@dataclass(frozen=True)
class RendererFacts:
    """What drew the frames."""

    asked: str
    """Name of the renderer as asked for: "auto", "gl" or "tiny"."""
    applied: str
    """Name of the renderer that drew."""
    device: str
    """GL_RENDERER, or what draws in its place."""


@dataclass(frozen=True)
class PolicyFacts:
    """What a policy is, as its worker found it."""

    parameters: int
    """Weights of its network."""
    privileged: bool
    """Whether it sees the true world, and so is a ceiling rather than a contestant."""
    period_s: float
    """How long each of its actions lasts."""
    image_size: tuple[int, int] | None
    """(height, width) in pixels of the frames that it looks at; None if it looks at none."""
    weights: str | None
    """SHA-256 of its weights; None without any."""
    runtime: str = ""
    """What computes its network; "" without one."""
    latency_s: float = 0.0
    """How long it thinks while the world goes on."""


@dataclass(frozen=True)
class ScenarioFacts:
    """What a scenario's worlds were drawn from."""

    spec: str
    """Hash of its name and ranges."""
    file: str | None = field(default=None, metadata={OMIT: True})
    """Text of its file; None for a family."""


@dataclass(frozen=True)
class OfflineSettings:
    """Which demonstrations the offline error is taken on."""

    skipped: bool
    """Whether it isn't taken at all."""
    dataset: str | None
    """Folder of the data set; None for each scenario's own held-out demonstrations."""


@dataclass(frozen=True)
class Seeds:
    """What randomness came from."""

    suite: int
    """Of the suite of episodes."""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """The contents of ``manifest.json``."""

    schema: int = SCHEMA
    """Version of the format."""
    command: tuple[str, ...]
    """As typed, program first."""
    started: str
    """When the run began, as ISO 8601 in UTC."""
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
    resumed: tuple[str, ...] = field(default=(), metadata={OMIT: True})
    """When the run was resumed, as ISO 8601 in UTC."""


def make_manifest(
    *,
    command: Sequence[str],
    plan: RunPlan,
    renderer: RendererFacts,
    policies: Mapping[str, PolicyFacts],
    offline: OfflineSettings,
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
    )


def check_same_run(before: Manifest, now: Manifest, folder: Path) -> None:
    """Check that rows made under two manifests may stand in one run.

    Raises:
        InputError: They differ in something decisive; names the first difference.
    """
    for part in DECISIVE_KEYS:
        difference = _first_difference(to_json(getattr(before, part)), to_json(getattr(now, part)), part)
        if difference is not None:
            where, old, new = difference
            raise InputError(
                f"--resume '{folder}': that run has {where} = {old}, this command {new}: repeat its command, "
                f"or name a new --out"
            )


def _first_difference(before: Any, now: Any, where: str) -> tuple[str, Any, Any] | None:
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        for name in [*before, *(name for name in now if name not in before)]:
            if (found := _first_difference(before.get(name), now.get(name), f"{where}.{name}")) is not None:
                return found
        return None
    return None if before == now else (where, before, now)


def code_version() -> CodeVersion:
    """The version of this package, and what git says of the folder that it runs from, if it is a checkout."""
    folder = Path(__file__).resolve().parents[2]
    described = None
    if (folder / ".git").exists():
        try:
            asked = subprocess.run(
                ["git", "-C", str(folder), "describe", "--always", "--dirty", "--tags"],  # noqa: S607
                capture_output=True,
                text=True,
                timeout=5,
                check=False,
            )
            described = asked.stdout.strip() or None
        except (OSError, subprocess.TimeoutExpired):
            described = None
    return CodeVersion(_version(DISTRIBUTION), described)


def package_versions() -> dict[str, str]:
    """Versions of the installed packages that can change a result."""
    versions = {name: _version(name) for name in RECORDED_PACKAGES}
    return {name: version for name, version in versions.items() if version is not None}


def _version(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def cpu_name() -> str:
    """The processor's model name."""
    info = Path("/proc/cpuinfo")
    if sys.platform == "linux" and info.exists():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def count_cores() -> int:
    """Processors that this process may use."""
    import os

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _scenario(name: str) -> ScenarioFacts:
    return ScenarioFacts(scenario_version(name), scenario_text(name))
