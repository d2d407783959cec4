"""The held-out demonstrations of each scenario: recorded on first use, kept in a cache."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from scenarios.common import splits
from scenarios.common.errors import InputError
from scenarios.common.files import check_folder, create_folder
from scenarios.common.locks import lock_file
from scenarios.lookup import get_scenario, scenario_version

HELD_OUT_SEED = splits.TEST.start
HELD_OUT_EPISODES = 20
CACHE_VARIABLE = "MOBILE_VLA_CACHE"
CACHE_REMEDY = f"set {CACHE_VARIABLE} to a folder that can be written to, give --dataset, or skip the offline error"
# The code that a demonstration depends on: whole folders, so that no file is forgotten, except for OTHER_CODE.
RECORDING_CODE = (
    "scenarios",
    "envs",
    "policies/answers.py",
    "policies/policy.py",
    "policies/spec_checks.py",
    "policies/formats",
    "policies/dataset",
    "policies/scripted",
    "sim/record",
    "sim/results/codec.py",
    "sim/rollout",
)
OTHER_CODE = ("scenarios/common/cli.py", "scenarios/perturbations", "sim/record/views")


def default_cache_dir() -> Path:
    """Return the folder of cached data sets: $MOBILE_VLA_CACHE, else the user's cache folder (XDG).

    Raises:
        InputError: The user has no home folder.
    """
    if folder := os.environ.get(CACHE_VARIABLE):
        return Path(folder)
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mobile-vla-sim"
    except RuntimeError:
        raise InputError(f"there is no home folder for held-out demonstrations: {CACHE_REMEDY}") from None


def check_cache(scenarios: Iterable[str]) -> None:
    """Check, before anything is driven, that the cache contains held-out demonstrations or can be written to.

    Raises:
        InputError: It can't; names the variable for another folder.
    """
    cache_dir = default_cache_dir()
    if all(_folder(scenario, cache_dir).is_dir() for scenario in scenarios):
        return
    try:
        check_folder(cache_dir, "the cache of held-out demonstrations")
    except InputError as error:
        raise InputError(f"{error}; {CACHE_REMEDY}") from None


def ensure_held_out(scenario: str, cache_dir: Path | None = None) -> Path:
    """Return the held-out demonstrations of a scenario, recorded on first use and cached.

    The expert drives ``HELD_OUT_EPISODES`` episodes of the test split, disturbed by noise bursts as in training sets.
    The folder's name contains a hash over the scenario's ranges and all code that a demonstration depends on, so that a
    set of older code is never read. If several processes call this at once, one records and the others wait.

    Returns:
        The data set's folder.

    Raises:
        InputError: Unknown scenario.
    """
    cache_dir = cache_dir or default_cache_dir()
    folder = _folder(scenario, cache_dir)
    if folder.is_dir():
        return folder
    cache_dir.mkdir(parents=True, exist_ok=True)
    with _lock(cache_dir / f".{folder.name}.lock"):
        if not folder.is_dir():
            _record(scenario, folder)
    return folder


def _folder(scenario: str, cache_dir: Path) -> Path:
    version = scenario_version(scenario)
    key = hashlib.sha256(f"{version}/{_code_hash()}/{HELD_OUT_SEED}/{HELD_OUT_EPISODES}".encode()).hexdigest()[:16]
    return cache_dir / f"held-out-{get_scenario(scenario).name}-{key}"


def _record(scenario: str, folder: Path) -> None:
    """Record beside the final place, then rename, so that the final folder is always complete."""
    from sim.record.dataset import record_dataset
    from sim.record.drivers.dagger import ActionDisturbance
    from sim.record.session import EXPERT, RecordingConfig

    plan = RecordingConfig(EXPERT, scenario, HELD_OUT_SEED, HELD_OUT_EPISODES, ActionDisturbance(bursts=True))
    try:
        with create_folder(folder) as partial:
            record_dataset(plan, partial, workers=1)
    except OSError:
        if not folder.is_dir():  # without locks, another process may have recorded it meanwhile
            raise


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Hold a file lock, which the system releases even if this process dies; go on without where the disk has none."""
    with path.open("a") as file:
        lock_file(file, wait=True)
        yield


@cache
def _code_hash() -> str:
    return hash_recording_code(Path(__file__).parents[2])


def hash_recording_code(root: Path) -> str:
    """Compute a hash over every source and asset below ``root`` that a recorded frame, label or file depends on."""
    digest = hashlib.sha256()
    for file in sorted(file for part in RECORDING_CODE for file in _files(root / part)):
        name = file.relative_to(root)
        if "__pycache__" not in name.parts and not any(name.is_relative_to(part) for part in OTHER_CODE):
            digest.update(f"{name}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _files(path: Path) -> Iterator[Path]:
    """A file, or all files in a folder and below."""
    return (file for file in path.rglob("*") if file.is_file()) if path.is_dir() else iter((path,))
