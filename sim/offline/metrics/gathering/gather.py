"""Gathers all evidence that some metrics need, one part after the other; says what each cost, or why it is missing."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any, NamedTuple

from scenarios.common.errors import InputError
from sim.offline.frames.feed import UnreadableFramesError
from sim.offline.metrics.evidence import NEEDS, Cost, Evidence, Need
from sim.offline.metrics.gathering.drives import drive_short, drive_whole
from sim.offline.metrics.gathering.passes import (
    ask_on_grey_frames,
    ask_retrains,
    ask_with_other_words,
    check_chunks,
)
from sim.offline.metrics.gathering.render_views import ask_on_views
from sim.offline.metrics.gathering.scenes import rebuild_scenes
from sim.offline.metrics.gathering.second_instruction import ask_with_second_instruction
from sim.offline.metrics.gathering.subject import Meter, NotAvailableError, Subject, predict_set
from sim.rollout.policy_calls import describe_error


class Gatherer(NamedTuple):
    """How a part of the evidence is gathered."""

    part: str
    """The attribute of ``Evidence`` that it becomes; "" if it is there already."""
    gather: Callable[[Subject, Evidence], Any]
    """Gathers it; ``NotAvailableError`` says why it can't be."""
    after: tuple[Need, ...] = ("labels",)
    """Parts that must be there before."""


def ask_on_frames(subject: Subject, evidence: Evidence) -> Evidence:
    """Return the evidence with the policy's predictions on all frames."""
    found = predict_set(subject)
    return replace(evidence, episodes=found.episodes, calls=found.calls)


GATHERERS: dict[Need, Gatherer] = {
    "chunks": Gatherer("", check_chunks),
    "retrains": Gatherer("ensemble", ask_retrains),
    "blank frames": Gatherer("blank", ask_on_grey_frames),
    "other words": Gatherer("reworded", ask_with_other_words),
    "scenes": Gatherer("scenes", rebuild_scenes, ()),
    "second instruction": Gatherer("told", ask_with_second_instruction, ("labels", "scenes")),
    "renders": Gatherer("views", ask_on_views, ("scenes",)),
    "short drives": Gatherer("short_drives", drive_short, ("scenes",)),
    "drives": Gatherer("drives", drive_whole, ("scenes",)),
}
"""Every need but the labels, in the order in which they are gathered."""


class Gathered(NamedTuple):
    """Evidence, and what is to be said of it."""

    evidence: Evidence
    costs: dict[Need, Cost]
    """What each part cost."""
    missing: dict[Need, str]
    """Why a part isn't there."""


def list_needs(needs: Collection[Need]) -> tuple[Need, ...]:
    """List needs and what must be there before them, in the order in which they are gathered."""
    wanted = set(needs)
    while more := {each for need in wanted if need in GATHERERS for each in GATHERERS[need].after} - wanted:
        wanted |= more
    return tuple(need for need in NEEDS if need in wanted)


def gather_evidence(subject: Subject, needs: Collection[Need]) -> Gathered:
    """Gather the parts of the evidence; one that fails is missing, and so are those after it.

    Raises:
        InputError: The policy can't be scored on this data set at all, or a frame can't be read.
    """
    spec = subject.policy.spec
    start = Evidence(spec.period_s * spec.executed_actions, spec.executed_actions, ())
    gathered = Gathered(start, {}, {})
    for need in list_needs(needs):
        gathered = _gather_part(subject, gathered, need)
    return gathered


def _gather_part(subject: Subject, gathered: Gathered, need: Need) -> Gathered:
    evidence, costs, missing = gathered
    one = GATHERERS.get(need)
    lacking = [missing[each] for each in (one.after if one is not None else ()) if each in missing]
    if lacking:
        return Gathered(evidence, costs, {**missing, need: lacking[0]})
    before, began = replace(subject.meter), time.perf_counter()
    try:
        if one is None:
            evidence = ask_on_frames(subject, evidence)
        else:
            found = one.gather(subject, evidence)
            evidence = replace(evidence, **{one.part: found}) if one.part else evidence
    except UnreadableFramesError:
        raise
    except (NotAvailableError, InputError) as reason:
        missing = {**missing, need: str(reason)}
    except Exception as raised:  # noqa: BLE001  any policy, any error: it is the reason for the missing part
        missing = {**missing, need: describe_error(raised)}
    return Gathered(evidence, {**costs, need: _spent(before, subject.meter, time.perf_counter() - began)}, missing)


def _spent(before: Meter, after: Meter, seconds: float) -> Cost:
    return Cost(
        after.frames - before.frames, after.renders - before.renders, after.steps - before.steps, round(seconds, 3)
    )
