"""The code, the packages, the machine and the renderer of a session."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from policies.inference.runtime import count_cores
from scenarios.common.cli import DISTRIBUTION
from sim.results.codec import OMIT
from sim.workers.processor import cpu_name

RECORDED_PACKAGES = (
    *("numpy", "pybullet", "moderngl", "torch", "transformers", "tokenizers", "safetensors", "gymnasium", "scipy"),
    *("onnx", "onnxruntime"),
)
SOURCES = ("scenarios", "envs", "policies", "sim")  # weights are told apart by their own hashes
ASSETS = "envs/assets"


@dataclass(frozen=True)
class CodeVersion:
    """Version of the code."""

    version: str | None
    """Of the installed distribution; None if it isn't installed."""
    git: str | None
    """Output of ``git describe`` in the checkout; None outside of one."""
    sources: str | None = field(default=None, metadata={OMIT: True})
    """Hash of all source files and assets; None in a run of an older version."""

    def __str__(self) -> str:
        known = (self.version, self.git, self.sources and f"sources {self.sources}")
        return " ".join(each for each in known if each) or "unknown"

    @property
    def identity(self) -> str:
        """Text that is equal for equal code: edits that aren't committed count, commits without effect don't."""
        return str(self) if self.sources is None else self.sources


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


def code_version() -> CodeVersion:
    """Return the version of this package, and of the git checkout that it runs from, if there is one."""
    folder = Path(__file__).resolve().parents[3]
    described = None
    if (folder / ".git").exists():
        # Without optional locks, so that the user's own commands in the repository never find it locked.
        words = ["git", "--no-optional-locks", "-C", str(folder), "describe", "--always", "--dirty", "--tags"]
        try:
            completed = subprocess.run(words, capture_output=True, text=True, timeout=5, check=False)
            described = completed.stdout.strip() or None
        except (OSError, subprocess.TimeoutExpired):
            described = None
    return CodeVersion(_version(DISTRIBUTION), described, _hash_sources(folder))


@cache
def _hash_sources(folder: Path) -> str:
    """Hash the source files as they were when this process first asked."""
    digest = hashlib.sha256()
    for file in sorted(_source_files(folder)):
        digest.update(f"{file.relative_to(folder)}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:12]


def _source_files(folder: Path) -> Iterator[Path]:
    for package in SOURCES:
        yield from (folder / package).rglob("*.py")
    yield from (file for file in (folder / ASSETS).rglob("*") if file.is_file())


def package_versions() -> dict[str, str]:
    """Return the versions of the installed packages that can change a result."""
    versions = {name: _version(name) for name in RECORDED_PACKAGES}
    return {name: version for name, version in versions.items() if version is not None}


def _version(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def read_machine() -> Machine:
    """Return the machine of this process."""
    return Machine(platform.platform(), cpu_name(), count_cores())
