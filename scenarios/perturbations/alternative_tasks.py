"""What can be asked of a world: its own task, and the same with another target or the other side."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from scenarios.navigation.clearance_grid import ClearanceGrid, ObstacleOutlines, TaskRegions, blocking_items
from scenarios.perturbations.paraphrases import OPPOSITE_SIDE
from scenarios.world import PassingSide, Task, World

CLEARANCE_SHARES = (
    1.0,
    0.75,
    0.5,
    0.25,
    0.0,
)  # of a world's clearance, tried in turn where no other target keeps all of it


@dataclass(frozen=True)
class TaskVariant:
    """One thing to ask for, in words and as a task.

    Attributes:
        clearance_m: What some path to its goal keeps free on each side of the hull.
    """

    task: Task
    instruction: str
    clearance_m: float

    def apply_to(self, world: World) -> World:
        """The world in which this is asked."""
        return replace(world, task=self.task, instruction=self.instruction, clearance_m=self.clearance_m)


def alternative_tasks(world: World) -> tuple[TaskVariant, ...]:
    """What else the same words could ask for: each target, or the side, that they don't name; reachable or not."""
    asks = [ask for number in range(len(world.task.others)) if (ask := _swap_target(world, number)) is not None]
    side = _swap_side(world)
    return (*asks, side) if side is not None else tuple(asks)


def _swap_target(world: World, number: int) -> TaskVariant | None:
    """Another target for the goal; None where the words don't tell them apart.

    A radius belongs to what is asked, not to the thing. A goal that moves is no other target afterwards: that it passes
    by a robot is no mistake of the robot's.
    """
    task, own, other = world.task, world.task.goal, world.task.others[number]
    if world.instruction.count(own.description) != 1 or other.description == own.description:
        return None
    former = () if world.goal_mover is not None else (replace(own, radius_m=other.radius_m),)
    rest = (*task.others[:number], *former, *task.others[number + 1 :])
    asked = replace(task, goal=replace(other, radius_m=own.radius_m), others=rest)
    return TaskVariant(asked, world.instruction.replace(own.description, other.description), world.clearance_m)


def _swap_side(world: World) -> TaskVariant | None:
    """The other way round; None where there is none, or where the words don't name it once."""
    side = world.task.side
    if side is None or side.name not in OPPOSITE_SIDE:
        return None
    name = OPPOSITE_SIDE[side.name]
    words, count = re.subn(rf"\b{side.name}\b", name, world.instruction)
    turned = PassingSide(name, side.other, side.asked)
    return TaskVariant(replace(world.task, side=turned), words, world.clearance_m) if count == 1 else None


@dataclass(frozen=True)
class TaskOnMap:
    """One ask on the floor plan of its world.

    Attributes:
        grid: With the hull clearance that its goal, which is no obstacle, leaves.
        access: What its task leaves open.
    """

    variant: TaskVariant
    grid: ClearanceGrid
    regions: TaskRegions

    def reachable_cells(self, clearance_m: np.ndarray) -> np.ndarray:
        """(nx, ny) bool: the cells from which the goal can be reached with the ask's clearance.

        Args:
            clearance_m: (nx, ny) of the hull, ``grid.clearance_m`` or less.
        """
        return self.regions.reachable_cells(clearance_m, self.variant.clearance_m)


def feasible_tasks(world: World) -> tuple[TaskOnMap, ...]:
    """The world's own ask, then those that its words could be turned into and that can be done.

    That is: with the world's clearance. A scenario promises it for the target that it names, not for the others; where
    none of these keeps it (in a few corridors of a thousand), with as much of it as any can.
    """
    first, *rest = _map_tasks(
        world, (TaskVariant(world.task, world.instruction, world.clearance_m), *alternative_tasks(world))
    )
    start = first.grid.cell_at(np.array([world.start.x, world.start.y]))
    for share in CLEARANCE_SHARES:
        tried = [replace(plan, variant=replace(plan.variant, clearance_m=share * world.clearance_m)) for plan in rest]
        can = [plan for plan in tried if plan.reachable_cells(plan.grid.clearance_m)[start]]
        if can:
            return first, *can
    return (first,)


def swapped_tasks(world: World) -> tuple[TaskVariant, ...]:
    """What else can be asked for and done; see ``feasible_tasks``."""
    return tuple(plan.variant for plan in feasible_tasks(world)[1:])


def _map_tasks(world: World, asks: Sequence[TaskVariant]) -> list[TaskOnMap]:
    """Of several asks, the first being the world's own."""
    grid = ClearanceGrid.from_world(world)
    goals = {ask.task.goal.name for ask in asks}
    alone = {name: _clearance(world, grid, [name]) for name in goals - {mover.name for mover in world.movers}}
    common = _clearance(world, grid, [item.name for item in blocking_items(world) if item.name not in goals])
    found = []
    for ask in asks:
        task = ask.task
        left = np.minimum.reduce([common, *(own for name, own in alone.items() if name != task.goal.name)])
        found.append(TaskOnMap(ask, ClearanceGrid(grid.origin, left), TaskRegions.from_task(task, grid)))
    return found


def _clearance(world: World, grid: ClearanceGrid, names: Sequence[str]) -> np.ndarray:
    """(nx, ny) hull clearance from some items alone, metres."""
    return ObstacleOutlines(world, [world.item(name) for name in names]).clearance(grid.cell_centres())
