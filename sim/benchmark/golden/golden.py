"""Benchmark of golden runs: what moved since they were stored, by stage; and how they are renewed on purpose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from scenarios.common.errors import InputError
from sim.benchmark.golden.comparison import StageChange, compare_runs
from sim.benchmark.golden.stored import (
    CHANGELOG,
    FOLDER,
    GoldenRuns,
    Renewal,
    check_line,
    hash_contents,
    read_golden,
    read_versions,
    write_golden,
)
from sim.benchmark.golden.suite import RENDERERS, Stage, compute_stages, draw_frames
from sim.benchmark.measurements import Measurement

GROUP = "golden"
MOST_NAMES = 3  # of cases in a line


def measure_golden(renew: str | None = None, folder: Path = FOLDER) -> Iterator[Measurement]:
    """Compare every stage with the stored runs, and store them anew if a line of the change log says why.

    Args:
        renew: The line; None: compare only.
        folder: Where they are stored.

    Raises:
        InputError: The line isn't in CHANGELOG.md or was used before, nothing moved, or the store was edited by hand.
    """
    stored = read_golden(folder)
    line = None if renew is None else check_line(renew, stored.renewals, read_changelog())
    stages, frames = compute_stages(), {name: draw_frames(name) for name in RENDERERS}
    changes = compare_runs(stored.stages, stages, stored.frames, frames)
    yield from report_changes(changes, versions_that_differ(stored))
    if line is not None:
        write_golden(renew_runs(stored, changes, line, stages, frames), folder)


def read_changelog() -> str:
    """Read the change log, which is only in a checkout.

    Raises:
        InputError: There is none.
    """
    if not CHANGELOG.is_file():
        raise InputError(f"--renew: there is no {CHANGELOG}: golden runs are renewed in a checkout")
    return CHANGELOG.read_text(encoding="utf-8")


def renew_runs(
    stored: GoldenRuns,
    changes: Sequence[StageChange],
    line: str,
    stages: dict[str, Stage],
    frames: dict[str, np.ndarray],
) -> GoldenRuns:
    """Return the runs to store.

    Raises:
        InputError: Nothing moved, and nothing was stored on another device.
    """
    if not any(change.moved or change.incomparable for change in changes):
        raise InputError("--renew: nothing moved, so there is nothing to renew")
    renewal = Renewal(line, hash_contents(stages, frames))
    return GoldenRuns((*stored.renewals, renewal), read_versions(), stages, frames)


def versions_that_differ(stored: GoldenRuns) -> str:
    """Name what equal hashes need and is another here; "" if all is the same."""
    here = read_versions()
    return ", ".join(
        f"{name} {here.get(name)} instead of {version}"
        for name, version in stored.made_with.items()
        if here.get(name) != version
    )


def report_changes(changes: Sequence[StageChange], versions: str) -> Iterator[Measurement]:
    """Report each stage, and what is to blame."""
    for change in changes:
        yield Measurement(GROUP, f"{change.stage}: cases that moved", len(change.moved), _describe(change))
    blamed = list(dict.fromkeys(change.subject for change in changes if change.own))
    if blamed:
        with_others = f" ({versions})" if versions else ""
        yield Measurement(GROUP, "what changed", len(blamed), f"{', '.join(blamed)}{with_others}")


def _describe(change: StageChange) -> str:
    if change.incomparable:
        return f"not compared: {change.incomparable}"
    if not change.moved:
        return f"of {change.compared}"
    if not change.own:
        return f"of {change.compared}, all by what they are computed from"
    names = ", ".join(change.own[:MOST_NAMES]) + (", ..." if len(change.own) > MOST_NAMES else "")
    return f"of {change.compared}; by {change.subject}: {names}"
