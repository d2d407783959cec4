"""Policies without eyes: fixed ways to drive, one for each family and for the words in an instruction that matter.

Without a camera nothing tells a robot about the world that it is in: as long as it touches nothing, its odometry only
repeats its own commands. So the best that can be done is a way that is fixed before the start, and the words may choose
it. ``policies.train.plans`` searches for ways that succeed as often as possible.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from policies.policy import ObservationBatch, PolicySpec
from scenarios.common.errors import InputError
from scenarios.geometry import Point
from scenarios.registry import SCENARIOS
from scenarios.robot import CONTROL_PERIOD_S

CONFIG, MODEL_TYPE = "config.json", "plans"
# Words that tell something about the way, other than the names of families. The target's name tells nothing.
WORDS = ("left", "right", "first", "second", "third", "room", "single", "two", "doorway", "doorways")
REACHED_M = 0.08  # a point of the way counts as reached
ROCKING_M = 0.30  # at the end of its way a robot drives to and fro, as standing still counts as being stuck
ANYTHING = "*"


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
"""The plan of each kind of task, as ``find_kinds`` names them."""
STRAIGHT_AHEAD = Plan(((40.0, 0.0),))


def name_kind(family: str, instruction: str) -> str:
    """Return the kind of a task: its family and those words of its instruction that tell something about the way."""
    said = set(re.findall(r"[a-z]+", instruction.lower()))
    return " ".join((family, *(word for word in WORDS if word in said)))


@cache
def _patterns() -> tuple[tuple[int, str, re.Pattern[str]], ...]:
    """Length of the fixed text, family and pattern of every phrase."""
    found = []
    for family, scenario in SCENARIOS.items():
        for phrase in scenario.spec.phrases.options:
            parts = re.split(r"\{\w+\}", phrase)
            pattern = re.compile("(.+)".join(map(re.escape, parts)))
            found.append((sum(map(len, parts)), family, pattern))
    return tuple(found)


def find_families(instruction: str) -> list[str]:
    """Return the families that use the phrase of an instruction, in the order of the registry; there may be several."""
    found = [(length, family) for length, family, pattern in _patterns() if pattern.fullmatch(instruction)]
    longest = max((length for length, _ in found), default=0)
    return list(dict.fromkeys(family for length, family in found if length == longest))


def choose_plan(plans: Plans, instruction: str) -> Plan:
    """Return the most successful plan for the tasks that an instruction may stand for."""
    kinds = [name_kind(family, instruction) for family in find_families(instruction)]
    known = [plans[kind] for kind in kinds if kind in plans]
    return max(known, key=lambda plan: plan.rate, default=plans.get(ANYTHING, STRAIGHT_AHEAD))


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
            f"{folder / CONFIG} can't be read: it must be what 'python -m policies.train.plans' writes"
        ) from error
