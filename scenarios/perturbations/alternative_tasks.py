"""What can be asked of a world: its own task, and the same with another target or the other side."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from scenarios.navigation.clearance_grid import Access, Grid, Hulls, blocking_items
from scenarios.perturbations.paraphrases import OPPOSITE
from scenarios.world import Side, Task, World

SHARES = (1.0, 0.75, 0.5, 0.25, 0.0)  # of a world's clearance, tried in turn where no other target keeps all of it


@dataclass(frozen=True)
class Ask:
    """One thing to ask for, in words and as a task.

    Attributes:
        clearance_m: What some path to its goal keeps free on each side of the hull.
    """

    task: Task
    instruction: str
    clearance_m: float

    def of(self, world: World) -> World:
        """The world in which this is asked."""
        return replace(world, task=self.task, instruction=self.instruction, clearance_m=self.clearance_m)


def others(world: World) -> tuple[Ask, ...]:
    """What else the same words could ask for: each target, or the side, that they don't name; reachable or not."""
    asks = [ask for number in range(len(world.task.others)) if (ask := _target(world, number)) is not None]
    side = _side(world)
    return (*asks, side) if side is not None else tuple(asks)


def _target(world: World, number: int) -> Ask | None:
    """Another target for the goal; None where the words don't tell them apart.

    A radius belongs to what is asked, not to the thing. A goal that moves is no other target afterwards: that it passes
    by a robot is no mistake of the robot's.
    """
    task, own, other = world.task, world.task.goal, world.task.others[number]
    if world.instruction.count(own.description) != 1 or other.description == own.description:
        return None
    moves = own.name in {mover.name for mover in world.movers}
    former = () if moves else (replace(own, radius_m=other.radius_m),)
    rest = (*task.others[:number], *former, *task.others[number + 1 :])
    asked = replace(task, goal=replace(other, radius_m=own.radius_m), others=rest)
    return Ask(asked, world.instruction.replace(own.description, other.description), world.clearance_m)


def _side(world: World) -> Ask | None:
    """The other way round; None where there is none, or where the words don't name it once."""
    side = world.task.side
    if side is None or side.name not in OPPOSITE:
        return None
    name = OPPOSITE[side.name]
    words, count = re.subn(rf"\b{side.name}\b", name, world.instruction)
    turned = Side(name, side.other, side.asked)
    return Ask(replace(world.task, side=turned), words, world.clearance_m) if count == 1 else None


@dataclass(frozen=True)
class Plan:
    """One ask on the floor plan of its world.

    Attributes:
        grid: With the hull clearance that its goal, which is no obstacle, leaves.
        access: What its task leaves open.
    """

    ask: Ask
    grid: Grid
    access: Access

    def region(self, clearance_m: np.ndarray) -> np.ndarray:
        """(nx, ny) bool: the cells from which the goal can be reached with the ask's clearance.

        Args:
            clearance_m: (nx, ny) of the hull, ``grid.clearance_m`` or less.
        """
        return self.access.region(clearance_m, self.ask.clearance_m)


def plans(world: World) -> tuple[Plan, ...]:
    """The world's own ask, then those that its words could be turned into and that can be done.

    That is: with the world's clearance. A scenario promises it for the target that it names, not for the others; where
    none of these keeps it (in a few corridors of a thousand), with as much of it as any can.
    """
    first, *rest = _plans(world, (Ask(world.task, world.instruction, world.clearance_m), *others(world)))
    start = first.grid.cell(np.array([world.start.x, world.start.y]))
    for share in SHARES:
        tried = [replace(plan, ask=replace(plan.ask, clearance_m=share * world.clearance_m)) for plan in rest]
        can = [plan for plan in tried if plan.region(plan.grid.clearance_m)[start]]
        if can:
            return first, *can
    return (first,)


def swaps(world: World) -> tuple[Ask, ...]:
    """What else can be asked for and done; see ``plans``."""
    return tuple(plan.ask for plan in plans(world)[1:])


def _plans(world: World, asks: Sequence[Ask]) -> list[Plan]:
    """Of several asks, the first being the world's own."""
    grid = Grid.of(world)
    goals = {ask.task.goal.name for ask in asks}
    alone = {name: _clearance(world, grid, [name]) for name in goals - {mover.name for mover in world.movers}}
    common = _clearance(world, grid, [item.name for item in blocking_items(world) if item.name not in goals])
    found = []
    for ask in asks:
        task = ask.task
        left = np.minimum.reduce([common, *(own for name, own in alone.items() if name != task.goal.name)])
        found.append(Plan(ask, Grid(grid.origin, left), Access.of(task, grid)))
    return found


def _clearance(world: World, grid: Grid, names: Sequence[str]) -> np.ndarray:
    """(nx, ny) hull clearance from some items alone, metres."""
    return Hulls(world, [world.item(name) for name in names]).clearance(grid.points())
