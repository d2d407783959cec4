"""Policies without eyes: fixed ways to drive, one for each family and for the words in an instruction that matter.

Without a camera nothing tells a robot about the world that it is in: as long as it touches nothing, its odometry only
repeats its own commands. So the best that can be done is a way that is fixed before the start, and the words may choose
it. ``policies.train.blind`` searches for ways that succeed as often as possible.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from policies.policy import ObservationBatch, PolicySpec
from scenarios.common.errors import InputError
from scenarios.geometry import Point
from scenarios.registry import SCENARIOS
from scenarios.robot import CONTROL_PERIOD_S

CONFIG, MODEL_TYPE = "config.json", "plans"
SHIPPED = Path(__file__).parents[1] / "checkpoints" / "blind"
# Words that tell something about the way, other than the names of families. The target's name tells nothing.
WORDS = ("left", "right", "first", "second", "third", "room", "single", "two", "doorway", "doorways")
REACHED_M = 0.08  # a point of the way counts as reached
ROCKING_M = 0.30  # at the end of its way a robot drives to and fro, as standing still counts as being stuck
PARK = "park"  # the kind of plan that ignores the words: the best place to wait for a goal that moves


@dataclass(frozen=True)
class Plan:
    """A way to drive.

    Attributes:
        points: Corners of the way, metres ahead of the start and to its left, in its frame.
        speed: Share of full speed.
        won, scenes: Training scenes of this kind in which it succeeds, and all of them.
    """

    points: tuple[Point, ...]
    speed: float = 1.0
    won: int = 0
    scenes: int = 0

    @property
    def rate(self) -> float:
        """Share of the training scenes in which it succeeds."""
        return self.won / max(1, self.scenes)


Plans = Mapping[str, Plan]
"""The plan of each kind of task, as ``find_kinds`` names it."""
STRAIGHT_AHEAD = Plan(((40.0, 0.0),))


class Phrase(NamedTuple):
    """A phrase of a family."""

    family: str
    fixed: int
    """Letters that are not in placeholders."""
    pattern: re.Pattern[str]
    """Its groups are the values of the placeholders."""


@cache
def list_phrases() -> tuple[Phrase, ...]:
    """Return every phrase of every family, also those that training doesn't use."""
    found = []
    for family, scenario in SCENARIOS.items():
        for field in fields(scenario.spec):
            for text in getattr(scenario.spec, field.name).options if field.name.endswith("phrases") else ():
                parts = re.split(r"\{\w+\}", text)
                found.append(Phrase(family, sum(map(len, parts)), re.compile("(.+)".join(map(re.escape, parts)))))
    return tuple(found)


def find_kinds(instruction: str) -> dict[str, str]:
    """Find what an instruction may stand for: by family, the kind of its task.

    A kind is the family and those words that tell something about the way, e.g. "rooms left second room". If phrases
    of several families fit, those with the most letters count.
    """
    fitting = [(phrase, match) for phrase in list_phrases() if (match := phrase.pattern.fullmatch(instruction))]
    longest = max((phrase.fixed for phrase, _ in fitting), default=0)
    return {phrase.family: _name_kind(phrase.family, match) for phrase, match in fitting if phrase.fixed == longest}


def _name_kind(family: str, match: re.Match[str]) -> str:
    said = {word for value in match.groups() for word in value.split()}
    return " ".join((family, *(word for word in WORDS if word in said)))


def choose_plan(plans: Plans, instruction: str) -> Plan:
    """Return the most successful plan for the tasks that an instruction may stand for; else the place to park."""
    known = [plans[kind] for kind in find_kinds(instruction).values() if kind in plans]
    return max(known, key=lambda plan: plan.rate, default=plans.get(PARK, STRAIGHT_AHEAD))


class PlanPolicy:
    """Policy that drives along fixed ways."""

    def __init__(self, plans: Plans, name: str) -> None:
        self.spec = PolicySpec(name=name, image_size=None, period_s=CONTROL_PERIOD_S, hold_action=(0.0, 0.0, 0.0))
        self._plans = plans
        self._ways: dict[int, Plan] = {}
        self._next: dict[int, int] = {}  # number of the point that a slot drives to; beyond the last one: it rocks

    @classmethod
    def load(cls, folder: Path, name: str | None = None) -> PlanPolicy:
        """Load a checkpoint folder.

        Raises:
            InputError: It can't be read.
        """
        return cls(load_plans(folder), name or folder.name)

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        for slot, instruction in zip(slots, instructions, strict=True):
            self._ways[slot] = choose_plan(self._plans, instruction)
            self._next[slot] = 0

    def act(self, batch: ObservationBatch) -> np.ndarray:
        actions = np.zeros((len(batch.live), 3), np.float32)
        for slot in np.flatnonzero(batch.live).tolist():
            x, y, yaw = batch.agent_pos[slot, 3:].tolist()
            actions[slot] = self._drive(slot, x, y, yaw)
        return actions

    def _drive(self, slot: int, x: float, y: float, yaw: float) -> Sequence[float]:
        plan = self._ways[slot]
        aim = aim_of(plan, self._next[slot])
        if math.dist(aim, (x, y)) < REACHED_M:
            self._next[slot] += 1
            aim = aim_of(plan, self._next[slot])
        bearing = math.atan2(aim[1] - y, aim[0] - x) - yaw
        near = min(1.0, math.dist(aim, (x, y)) / (2 * REACHED_M))
        return plan.speed * near * math.cos(bearing), plan.speed * near * math.sin(bearing), -yaw


def make_blind_policy() -> PlanPolicy:
    """Make the policy that knows the family's ranges and the words, and sees nothing."""
    return PlanPolicy.load(SHIPPED, "blind")


def make_park_policy() -> PlanPolicy:
    """Make the policy that drives to one place, whatever the words say, and waits there."""
    return PlanPolicy({PARK: load_plans(SHIPPED).get(PARK, STRAIGHT_AHEAD)}, "park")


def aim_of(plan: Plan, number: int) -> Point:
    """Return the point with a number; beyond the last one, the ends of the last bit of the way by turns."""
    if number < len(plan.points):
        return plan.points[number]
    last, before = plan.points[-1], ((0.0, 0.0), *plan.points)[-2]
    if (number - len(plan.points)) % 2:
        return last
    share = ROCKING_M / max(math.dist(last, before), 1e-6)
    return last[0] + share * (before[0] - last[0]), last[1] + share * (before[1] - last[1])


def save_plans(plans: Plans, folder: Path) -> None:
    """Write plans as a checkpoint folder."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {"model_type": MODEL_TYPE, "plans": {kind: asdict(plan) for kind, plan in sorted(plans.items())}}
    lines = json.dumps(content, indent=1)
    (folder / CONFIG).write_text(re.sub(r"\[\s+([-\d.]+),\s+([-\d.]+)\s+\]", r"[\1, \2]", lines) + "\n")


def load_plans(folder: Path) -> dict[str, Plan]:
    """Read the plans of a checkpoint folder.

    Raises:
        InputError: It can't be read.
    """
    try:
        content: dict[str, dict[str, Any]] = json.loads((folder / CONFIG).read_text())["plans"]
        return {
            kind: Plan(tuple((float(x), float(y)) for x, y in one["points"]), one["speed"], one["won"], one["scenes"])
            for kind, one in content.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{folder / CONFIG} can't be read: it must be what 'python -m policies.train.blind' writes"
        ) from error
