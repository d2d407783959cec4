"""Tasks that a world allows: its own task, and variants with another target or the other side."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from scenarios.navigation.clearance_grid import ClearanceGrid, ObstacleOutlines, TaskRegions, blocking_items
from scenarios.perturbations.paraphrases import OPPOSITE_SIDE
from scenarios.world import PassingSide, Task, World

STAY_S = 3.0  # at a target that stands, where the task was to follow one
# Shares of a world's clearance, tried in turn until some alternative is feasible.
CLEARANCE_SHARES = (1.0, 0.75, 0.5, 0.25, 0.0)


@dataclass(frozen=True)
class TaskVariant:
    """A variant of a world's task, with its instruction.

    Attributes:
        clearance_m: Free space on each side of the hull along some path to its goal.
    """

    task: Task
    instruction: str
    clearance_m: float

    def apply_to(self, world: World) -> World:
        """Return the world with this task."""
        return replace(world, task=self.task, instruction=self.instruction, clearance_m=self.clearance_m)


def alternative_tasks(world: World) -> tuple[TaskVariant, ...]:
    """Return the tasks with each other target or the other side in the same instruction; reachable or not.

    Where targets move, another one that moves is named, so that who ignores the instruction follows the wrong one.
    """
    task = world.task
    if task.decoys:
        swaps = [_swap_decoy(world, number) for number in range(len(task.decoys))]
    else:
        swaps = [*(_swap_target(world, number) for number in range(len(task.others))), _swap_side(world)]
    return tuple(swap for swap in swaps if swap is not None)


def _swap_target(world: World, number: int) -> TaskVariant | None:
    """Return the task with another target as the goal; None if the instruction can't tell them apart.

    The radius belongs to the goal, not to the item. A moving goal isn't kept as another target: it may pass close to a
    robot that does nothing wrong.
    """
    task, own, other = world.task, world.task.goal, world.task.others[number]
    if world.instruction.count(own.description) != 1 or other.description == own.description:
        return None
    former = () if world.goal_mover is not None else (replace(own, radius_m=other.radius_m),)
    rest = (*task.others[:number], *former, *task.others[number + 1 :])
    asked = replace(task, goal=replace(other, radius_m=own.radius_m), others=rest)
    if task.hold_m > 0.0:  # the other target stands still
        asked = replace(asked, hold_m=0.0, hold_s=max(task.hold_s, STAY_S))
    return TaskVariant(asked, world.instruction.replace(own.description, other.description), world.clearance_m)


def _swap_decoy(world: World, number: int) -> TaskVariant | None:
    """Return the task with goal and decoy exchanged; None if the instruction can't tell them apart."""
    task, own, decoy = world.task, world.task.goal, world.task.decoys[number]
    if world.instruction.count(own.description) != 1:
        return None
    decoys = (*task.decoys[:number], own, *task.decoys[number + 1 :])
    words = world.instruction.replace(own.description, decoy.description)
    return TaskVariant(replace(task, goal=decoy, decoys=decoys), words, world.clearance_m)


def _swap_side(world: World) -> TaskVariant | None:
    """Return the task with the other side; None if there is no side or it isn't named exactly once."""
    side = world.task.side
    if side is None or side.name not in OPPOSITE_SIDE:
        return None
    name = OPPOSITE_SIDE[side.name]
    words, count = re.subn(rf"\b{side.name}\b", name, world.instruction)
    turned = PassingSide(name, side.other, side.asked)
    return TaskVariant(replace(world.task, side=turned), words, world.clearance_m) if count == 1 else None


@dataclass(frozen=True)
class TaskOnMap:
    """A task variant on the floor plan of its world.

    Attributes:
        grid: Hull clearance without the goal, which is not an obstacle.
        regions: The regions that its task forbids or aims at.
    """

    variant: TaskVariant
    grid: ClearanceGrid
    regions: TaskRegions

    def reachable_cells(self, clearance_m: np.ndarray) -> np.ndarray:
        """Return the cells (nx, ny) bool from which the goal can be reached with the variant's clearance.

        Args:
            clearance_m: (nx, ny) hull clearance, at most ``grid.clearance_m``.
        """
        return self.regions.reachable_cells(clearance_m, self.variant.clearance_m)


def feasible_tasks(world: World) -> tuple[TaskOnMap, ...]:
    """Return the world's own task, then the feasible alternatives with the same wording.

    Feasible means reachable with the world's clearance. A scenario guarantees that for the named target only; where no
    alternative has it (in a few corridors of a thousand), the largest share of it that some alternative has is used.
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
    """Return the feasible alternatives to the world's own task; see ``feasible_tasks``."""
    return tuple(plan.variant for plan in feasible_tasks(world)[1:])


def _map_tasks(world: World, variants: Sequence[TaskVariant]) -> list[TaskOnMap]:
    """Put task variants, the first being the world's own, on the floor plan."""
    grid = ClearanceGrid.from_world(world)
    goals = {variant.task.goal.name for variant in variants}
    alone = {name: _clearance(world, grid, [name]) for name in goals - {mover.name for mover in world.movers}}
    common = _clearance(world, grid, [item.name for item in blocking_items(world) if item.name not in goals])
    found = []
    for variant in variants:
        task = variant.task
        left = np.minimum.reduce([common, *(own for name, own in alone.items() if name != task.goal.name)])
        found.append(TaskOnMap(variant, ClearanceGrid(grid.origin, left), TaskRegions.from_task(task, grid)))
    return found


def _clearance(world: World, grid: ClearanceGrid, names: Sequence[str]) -> np.ndarray:
    """Compute the hull clearance (nx, ny) from some items alone, metres."""
    return ObstacleOutlines(world, [world.item(name) for name in names]).clearance(grid.cell_centres())
