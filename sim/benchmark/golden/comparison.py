"""Comparison of golden runs with what is computed now: which stages moved, and which of them is to blame."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from sim.benchmark.camera import PIXEL_TOLERANCE
from sim.benchmark.golden.suite import (
    CASES,
    LABELS,
    NETWORKS,
    PHYSICS,
    POLICIES,
    RENDERERS,
    WORLDS,
    Stage,
    case_name,
    drives_of,
    rows_of,
    seen_by,
)

MOST_PIXELS = 0.01  # share of a frame's pixels that may differ by more than PIXEL_TOLERANCE of 255
MOST_MEAN = 0.25  # of 255: largest mean difference of a frame; a light 1 % darker moves it by more


class StageChange(NamedTuple):
    """What moved in one stage."""

    stage: str
    """Its name."""
    subject: str
    """What it stands for, e.g. "draw of scenes"."""
    moved: tuple[str, ...]
    """The cases that moved."""
    own: tuple[str, ...]
    """Those of them in which nothing moved that this stage is computed from."""
    compared: int
    """Number of cases."""
    incomparable: str = ""
    """Why it can't be compared here; "" if it can."""


def frames_of(renderer: str) -> str:
    """Return the name of the stage of a renderer's frames."""
    return f"frames of {renderer}"


def _make_sources() -> dict[str, tuple[str, ...]]:
    """Make the stages that each stage is computed from, by name, in the order of an evaluation."""
    sources: dict[str, tuple[str, ...]] = {WORLDS: (), PHYSICS: (WORLDS,), LABELS: (WORLDS,)}
    sources.update({frames_of(renderer): (WORLDS,) for renderer in RENDERERS})
    for policy in POLICIES:
        known = (LABELS,) if policy == "expert" else ()
        sources[drives_of(policy)] = (WORLDS, PHYSICS, *known)
        sources[rows_of(policy)] = (WORLDS, LABELS, drives_of(policy))
    for renderer in RENDERERS:
        sources[seen_by(renderer)] = (WORLDS, frames_of(renderer), drives_of("straight"))
    sources.update({drives_of(network): (WORLDS, PHYSICS, frames_of("gl")) for network in NETWORKS})
    return sources


SOURCES = _make_sources()
_SUBJECTS = {WORLDS: "draw of scenes", PHYSICS: "physics", LABELS: "planner and expert"}


def name_subject(stage: str) -> str:
    """Return what a stage stands for, in the words that say what changed."""
    if stage in _SUBJECTS:
        return _SUBJECTS[stage]
    kind, _, name = stage.split(" ", 2)
    return {"frames": "camera", "digests": "camera", "rows": "metrics", "drives": f"policy {name}"}[kind]


def compare_runs(
    stored: Mapping[str, Stage],
    now: Mapping[str, Stage],
    stored_frames: Mapping[str, np.ndarray],
    frames_now: Mapping[str, np.ndarray],
) -> list[StageChange]:
    """Compare every stage, in the order of an evaluation."""
    moved = {frames_of(name): find_moved_frames(stored_frames[name], frames_now[name]) for name in RENDERERS}
    equal = {name: np.array_equal(stored_frames[name], frames_now[name]) for name in RENDERERS}
    bound = {}
    for name, stage in now.items():
        before = stored.get(name, Stage({}))
        if reason := _why_incomparable(before, stage, equal[_drawn_by(name)]):
            bound[name] = reason
        else:
            moved[name] = frozenset(case for case, value in stage.values.items() if before.values.get(case) != value)
    return list(_blame(moved, bound, {name: len(stage.values) for name, stage in now.items()}))


def _drawn_by(stage: str) -> str:
    return next((name for name in RENDERERS if stage == seen_by(name)), RENDERERS[0])


def _why_incomparable(before: Stage, now: Stage, equal_frames: bool) -> str:
    """Say why a stage that depends on a device can't be compared on this one; "" if it can."""
    if not before.values or not (before.bound_to or now.bound_to):
        return ""
    if before.bound_to != now.bound_to:
        return f"stored on {before.bound_to}, computed on {now.bound_to}"
    return "" if equal_frames else f"{now.bound_to} here rounds colours otherwise"


def _blame(
    moved: Mapping[str, frozenset[str]], bound: Mapping[str, str], sizes: Mapping[str, int]
) -> Iterator[StageChange]:
    for stage, sources in SOURCES.items():
        of_sources = frozenset().union(*(moved.get(source, frozenset()) for source in sources))
        here = moved.get(stage, frozenset())
        size = sizes.get(stage, len(CASES))
        yield StageChange(
            stage, name_subject(stage), _in_order(here), _in_order(here - of_sources), size, bound.get(stage, "")
        )


def _in_order(cases: frozenset[str]) -> tuple[str, ...]:
    return tuple(name for name in (case_name(*case) for case in CASES) if name in cases)


def find_moved_frames(stored: np.ndarray, now: np.ndarray) -> frozenset[str]:
    """Return the cases whose frames, (n, H, W, 3), differ by more than another OpenGL driver's rounding."""
    difference = np.abs(stored.astype(np.int16) - now.astype(np.int16))
    far = (difference.max(axis=3) > PIXEL_TOLERANCE).mean(axis=(1, 2))  # (n,)
    mean = difference.mean(axis=(1, 2, 3))
    names = [case_name(*case) for case in CASES]
    return frozenset(names[index] for index in np.flatnonzero((far > MOST_PIXELS) | (mean > MOST_MEAN)))
