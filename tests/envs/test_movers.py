"""What moves by itself, goals to be held, sides to be taken, and commands that come late."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from envs.simulation.command import Command
from envs.simulation.simulation import EpisodeState, Simulation
from scenarios.geometry import Bounds, Pose2D
from scenarios.objects.colours import named_rgba
from scenarios.objects.furniture import build_person
from scenarios.world import (
    Actuation,
    Box,
    CameraOffset,
    Conditions,
    Item,
    MovingItem,
    PassingSide,
    Route,
    Target,
    Task,
    World,
)

AHEAD = np.array([1.0, 0.0, 0.0])
STILL = np.zeros(3)


def _wall(name: str, x: float, y: float, size: tuple[float, float]) -> Item:
    return Item(name, name, Box((*size, 1.0)), Pose2D(x, y), 0.5, (0.5, 0.5, 0.5, 1.0), "obstacle")


def _hall(**changes: object) -> World:
    goal = Target("ball", "red ball", Pose2D(5.0, 0.0), 0.5)
    walls = (_wall("north", 10.1, 0, (0.2, 20)), _wall("south", -10.1, 0, (0.2, 20)))
    world = World("test", walls, Pose2D(0.0, 0.0), Task(goal), "go", Bounds(-10, -10, 10, 10), 0.2)
    return replace(world, **changes)


def _with_walker(route: Route, *, yields: bool = True, goal: bool = False, hold_s: float = 0.0) -> World:
    shape = build_person(named_rgba("red"), named_rgba("blue"))
    start = route.pose_at(route.start_m)
    walker = Item(
        "walker", "person", shape, start, shape.height_m / 2, named_rgba("red"), "target" if goal else "obstacle"
    )
    hall = _hall()
    task = replace(hall.task, hold_s=hold_s)
    if goal:
        task = replace(task, goal=Target("walker", "person", start, 1.0))
    return replace(hall, items=(*hall.items, walker), movers=(MovingItem("walker", route, yields),), task=task)


@pytest.fixture(scope="module")
def simulation() -> Iterator[Simulation]:
    simulation = Simulation()
    yield simulation
    simulation.close()


def _drive(simulation: Simulation, action: np.ndarray, steps: int) -> EpisodeState:
    for _ in range(steps):
        state = simulation.step(Command.hold(action))
        if state.status:
            break
    return state


def test_a_mover_walks_its_route_at_its_speed(simulation: Simulation) -> None:
    simulation.reset(_with_walker(Route(((3.0, -4.0), (3.0, 4.0)), 0.5)))
    state = _drive(simulation, STILL, 40)
    assert state.progress == pytest.approx((2.0,))
    assert simulation.snapshot()[6:8] == pytest.approx((3.0, -2.0))
    assert state.clearance_m < 3.7  # to the walker, not to a wall


def test_one_that_yields_waits_for_a_robot_that_stands_and_one_that_does_not_runs_it_down(
    simulation: Simulation,
) -> None:
    route = Route(((0.0, -2.0), (0.0, 4.0)), 0.8)
    simulation.reset(_with_walker(route))
    state = _drive(simulation, STILL, 40)
    assert state.status is None
    assert 0.1 < state.clearance_m < 0.5
    simulation.reset(_with_walker(route, yields=False))
    state = _drive(simulation, STILL, 60)
    assert (state.status, state.touched) == ("collision", "walker")


def _between(routes: tuple[Route, Route]) -> World:
    hall = _hall()
    shape = build_person(named_rgba("red"), named_rgba("blue"))
    people = tuple(
        Item(f"walker-{number}", "person", shape, route.pose_at(0.0), shape.height_m / 2, named_rgba("red"), "obstacle")
        for number, route in enumerate(routes)
    )
    movers = tuple(MovingItem(item.name, route) for item, route in zip(people, routes, strict=True))
    return replace(hall, items=(*hall.items, *people), movers=movers)


@pytest.mark.parametrize("closed", [False, True])
def test_two_walkers_do_not_hold_a_robot_between_them_for_ever(simulation: Simulation, closed: bool) -> None:
    corners = ((0.0, -2.0), (0.0, 4.0), (3.0, 6.0)), ((0.0, 2.0), (0.0, -4.0), (3.0, -6.0))
    simulation.reset(_between(tuple(Route(points, 0.8, closed) for points in corners)))
    both_away = 0
    for _ in range(75):  # it would be called stuck after 80
        state = simulation.step(Command.hold(STILL))
        assert state.status is None
        places = simulation.snapshot()[6:].reshape(2, 7)[:, :2]
        both_away += bool((np.hypot(*places.T) > 1.5).all())
    assert both_away > 0


def test_a_goal_that_moves_is_reached_where_it_is_and_must_be_held(simulation: Simulation) -> None:
    away = Route(((2.2, 0.0), (9.0, 0.0)), 0.6)
    simulation.reset(_with_walker(away, yields=False, goal=True, hold_s=2.0))
    assert _drive(simulation, STILL, 40).status is None
    simulation.reset(_with_walker(away, yields=False, goal=True, hold_s=2.0))
    first = _drive(simulation, np.array([0.9, 0.0, 0.0]), 1)
    while first.held_s == 0.0:
        first = simulation.step(Command.hold(np.array([0.9, 0.0, 0.0])))
        assert first.status is None
    last = _drive(simulation, np.array([0.6, 0.0, 0.0]), 18)
    assert (last.status, last.held_s) == (None, pytest.approx(1.9))
    assert simulation.step(Command.hold(np.array([0.6, 0.0, 0.0]))).status == "success"


@pytest.mark.parametrize(("lateral", "status"), [(1.0, "success"), (-1.0, "wrong-side")])
def test_the_side_that_is_passed_decides(simulation: Simulation, lateral: float, status: str) -> None:
    side = PassingSide("left", ((2.5, 0.2), (2.5, 3.0)), ((2.5, -0.2), (2.5, -3.0)))
    hall = _hall(items=(*_hall().items, _wall("box", 2.5, 0.0, (0.4, 0.4))))
    simulation.reset(replace(hall, task=replace(hall.task, side=side)))
    turn = np.array([0.0, lateral, 0.0])
    for action, steps in ((turn, 10), (AHEAD, 44), (-turn, 20)):
        state = _drive(simulation, action, steps)
    assert state.status == status


def test_a_fast_robot_is_not_driven_on_into_the_goal_that_it_reached(simulation: Simulation) -> None:
    goal = Target("block", "red block", Pose2D(5.0, 0.0), 0.5)
    for offset in np.arange(0.0, 0.12, 0.02):  # wherever in a control step it comes within reach
        block = Item("block", "red block", Box((0.54, 0.4, 0.4)), goal.pose, 0.2, (1.0, 0.0, 0.0, 1.0), "target")
        simulation.reset(_hall(items=(*_hall().items, block), start=Pose2D(3.0 + offset, 0.0), task=Task(goal)))
        assert _drive(simulation, AHEAD, 60).status == "success"


def test_a_late_command_leaves_the_earlier_one_in_force(simulation: Simulation) -> None:
    def way(delay_ticks: int) -> float:
        simulation.reset(_hall())
        state = _drive(simulation, STILL, 1)
        for number in range(10):
            state = simulation.step(Command(STILL if number == 0 else AHEAD, AHEAD, delay_ticks))
        return float(state.pose[0])

    assert way(0) - way(4) == pytest.approx(0.115, abs=0.005)
    assert way(0) - way(2) == pytest.approx(0.0575, abs=0.005)


def test_actuation_scales_and_delays_what_is_driven(simulation: Simulation) -> None:
    def way(actuation: Actuation) -> float:
        simulation.reset(_hall(conditions=Conditions(actuation=actuation)))
        return float(_drive(simulation, AHEAD, 20).pose[0])

    full = way(Actuation())
    assert way(Actuation(gain=(0.5, 1.0, 1.0))) == pytest.approx(full / 2, rel=0.03)
    assert full - way(Actuation(delay_s=0.2)) == pytest.approx(0.23, abs=0.01)


def test_a_mount_moves_and_turns_the_camera(simulation: Simulation) -> None:
    def view(**mount: object):
        simulation.reset(_hall(conditions=Conditions(mount=CameraOffset(**mount))))
        return simulation.robot_camera_view()

    plain, moved = view(), view(offset_m=(0.1, 0.2, 0.3))
    assert np.subtract(moved.eye, plain.eye) == pytest.approx((0.1, 0.2, 0.3))
    gaze = np.subtract(view(yaw=0.3).target, plain.eye)
    assert math.atan2(gaze[1], gaze[0]) == pytest.approx(0.3)
    assert np.subtract(view(pitch=0.2).target, plain.eye)[2] < np.subtract(plain.target, plain.eye)[2]
    assert view(roll=0.2).up[1] < 0  # clockwise: the top of the picture leans to the right
    assert view(fov_factor=0.9).fov_deg == pytest.approx(81.0)
