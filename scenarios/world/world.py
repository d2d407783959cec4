"""A world: everything about an episode's surroundings, its start and its task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from scenarios.geometry import Bounds, Point, Pose2D
from scenarios.world.conditions import Conditions, Light
from scenarios.world.items import Item
from scenarios.world.movers import MovingItem
from scenarios.world.task import Task

PhraseKind = Literal["seen", "unseen"]  # stands in training, or is held out from it


@dataclass(frozen=True)
class World:
    """Everything about an episode's world: its items, the robot's start, and the task.

    Attributes:
        bounds_m: The area in which paths are planned.
        clearance_m: Free space on each side of the robot's hull along the whole of some path to the goal.
        movers: Items that move by themselves; may include the goal's item.
        conditions: Disturbances of camera, drive and policy timing.
        phrase: The kind of phrase that the instruction follows; None if its scenario holds no phrases out, or if the
            instruction is a paraphrase.
    """

    scenario: str
    items: tuple[Item, ...]
    start: Pose2D
    task: Task
    instruction: str
    bounds_m: Bounds
    clearance_m: float
    light: Light = field(default_factory=Light)
    background: tuple[float, float, float] = (0.75, 0.82, 0.90)
    movers: tuple[MovingItem, ...] = ()
    conditions: Conditions = Conditions()
    phrase: PhraseKind | None = None

    def item(self, name: str) -> Item:
        """Return the item of that name."""
        return next(item for item in self.items if item.name == name)

    @cached_property
    def goal_index(self) -> int | None:
        """Index of the goal in ``movers``; None if the goal doesn't move."""
        return next((i for i, mover in enumerate(self.movers) if mover.name == self.task.goal.name), None)

    @cached_property
    def goal_mover(self) -> MovingItem | None:
        """The goal as a moving item; None if it doesn't move."""
        return None if self.goal_index is None else self.movers[self.goal_index]

    @cached_property
    def decoy_indices(self) -> tuple[int, ...]:
        """Indices of the task's decoys in ``movers``."""
        names = [mover.name for mover in self.movers]
        return tuple(names.index(decoy.name) for decoy in self.task.decoys)

    def decoys_at(self, progress: Sequence[float]) -> tuple[Point, ...]:
        """Return the positions of the task's decoys, given the progress of each mover as for ``goal_at``."""
        return tuple(self.movers[index].route.pose_at(progress[index]).xy for index in self.decoy_indices)

    def goal_at(self, progress: Sequence[float]) -> Pose2D:
        """Return the goal's pose, given the progress of each mover.

        Args:
            progress: Distance along the route of each of ``movers``, metres.
        """
        if self.goal_index is None:
            return self.task.goal.pose
        return self.movers[self.goal_index].route.pose_at(progress[self.goal_index])
