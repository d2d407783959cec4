"""The held-out demonstrations of each scenario: recorded on first use, kept in a cache."""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from scenarios.common import splits
from scenarios.registry import get_scenario

HELD_OUT_SEED = splits.TEST.start
HELD_OUT_EPISODES = 20
CACHE_VARIABLE = "MOBILE_VLA_CACHE"


def default_cache_dir() -> Path:
    """Where made data sets are kept: $MOBILE_VLA_CACHE, else the user's cache folder (XDG)."""
    if folder := os.environ.get(CACHE_VARIABLE):
        return Path(folder)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mobile-vla-sim"


def ensure_held_out(scenario: str, cache_dir: Path | None = None) -> Path:
    """The held-out demonstrations of a scenario, recorded on first use and kept.

    The expert drives ``HELD_OUT_EPISODES`` episodes of the test split, disturbed by noise bursts as in training sets.
    The folder's name holds a hash over the scenario's ranges and all code that shapes a demonstration, so that a set
    of older code is never read. Processes that ask at once wait for one of them to record.

    Returns:
        The data set's folder.

    Raises:
        InputError: Unknown scenario.
    """
    spec_hash = get_scenario(scenario).spec_hash
    key = hashlib.sha256(f"{spec_hash}/{_code_hash()}/{HELD_OUT_SEED}/{HELD_OUT_EPISODES}".encode()).hexdigest()[:16]
    cache_dir = cache_dir or default_cache_dir()
    folder = cache_dir / f"held-out-{get_scenario(scenario).name}-{key}"
    if folder.is_dir():
        return folder
    cache_dir.mkdir(parents=True, exist_ok=True)
    with _lock(cache_dir / f".{folder.name}.lock"):
        if not folder.is_dir():
            _record(scenario, folder)
    return folder


def _record(scenario: str, folder: Path) -> None:
    """Record beside the final place, then rename, so that whatever stands under the final name is whole."""
    from sim.record.dataset import record_dataset
    from sim.record.driver import ActionDisturbance
    from sim.record.session import EXPERT, RecordingConfig

    plan = RecordingConfig(EXPERT, scenario, HELD_OUT_SEED, HELD_OUT_EPISODES, ActionDisturbance(bursts=True))
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as scratch:
        record_dataset(plan, Path(scratch) / "set", workers=1)
        (Path(scratch) / "set").rename(folder)


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Hold a file lock, which the system gives back even if this process dies."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@cache
def _code_hash() -> str:
    """A hash over every source and asset that a recorded frame, label or file depends on."""
    root = Path(__file__).parents[2]
    files = [file for package in ("scenarios", "envs") for file in (root / package).rglob("*") if file.is_file()]
    files += [root / "policies" / "scripted" / "expert.py", *(root / "policies" / "dataset").rglob("*.py")]
    files += [file for folder in ("record", "rollout") for file in (root / "sim" / folder).glob("*.py")]
    digest = hashlib.sha256()
    for file in sorted(file for file in files if "__pycache__" not in file.parts):
        digest.update(f"{file.relative_to(root)}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()
