"""``manifest.json``: everything that a run's numbers depend on, so that one can tell which runs may be compared."""

from __future__ import annotations

import importlib.metadata
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scenarios.common.errors import InputError
from scenarios.common.files import is_scenario_file
from scenarios.registry import get_scenario
from sim.results.plan import RunPlan

SCHEMA = 1
DISTRIBUTION = "mobile-vla-sim"
RECORDED_PACKAGES = (
    *("numpy", "pybullet", "moderngl", "torch", "transformers", "tokenizers", "safetensors", "gymnasium", "scipy"),
    *("onnx", "onnxruntime"),
)
# What must be the same for rows of two sittings to stand in one run.
DECISIVE_KEYS = ("plan", "renderer", "policies", "scenarios", "offline")


def make_manifest(
    *,
    command: Sequence[str],
    plan: RunPlan,
    renderer: Mapping[str, str],
    policies: Mapping[str, Mapping[str, Any]],
    offline: Mapping[str, Any],
) -> dict[str, Any]:
    """The contents of ``manifest.json``.

    Args:
        command: As typed, program first.
        plan: What the run is to do.
        renderer: ``asked`` and ``applied`` (names) and ``device`` (GL_RENDERER, or what draws instead).
        policies: By name: parameters, hash of the weights, what computes its network, ...
        offline: Which held-out demonstrations the offline error is taken on.
    """
    return {
        "schema": SCHEMA,
        "command": list(command),
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "code": code_version(),
        "python": platform.python_version(),
        "packages": package_versions(),
        "machine": {"system": platform.platform(), "cpu": cpu_name(), "cores": count_cores()},
        "renderer": dict(renderer),
        "plan": plan.as_json(),
        "policies": {name: dict(facts) for name, facts in policies.items()},
        "scenarios": {name: _scenario(name) for name in plan.scenarios},
        "offline": dict(offline),
        "seeds": {"suite": plan.suite_seed},
    }


def check_same_run(before: Mapping[str, Any], now: Mapping[str, Any], folder: Path) -> None:
    """Check that rows made under two manifests may stand in one run.

    Raises:
        InputError: They differ in something decisive; names the first difference.
    """
    for part in DECISIVE_KEYS:
        difference = _first_difference(before.get(part), now.get(part), part)
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


def code_version() -> dict[str, str | None]:
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
    return {"version": _version(DISTRIBUTION), "git": described}


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


def _scenario(name: str) -> dict[str, str]:
    """What a scenario was drawn from; the text of its file, if it is a file's."""
    text = {"file": Path(name).read_text(encoding="utf-8")} if is_scenario_file(name) else {}
    return {"spec": get_scenario(name).spec_hash, **text}
