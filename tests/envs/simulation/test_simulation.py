"""The robot does what its command says, in metres and seconds; contacts and targets end an episode as they should."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envs.simulation.command import Command
from envs.simulation.simulation import Simulation
from scenarios.geometry import Bounds, Pose2D
from scenarios.robot import CONTROL_PERIOD_S
from scenarios.world import Box, Item, Target, Task, World


def _wall(name: str, x: float, y: float, size: tuple[float, float]) -> Item:
    return Item(name, name, Box((*size, 1.0)), Pose2D(x, y), 0.5, (0.5, 0.5, 0.5, 1.0), "obstacle")


def _hall(**changes: object) -> World:
    """An empty hall of 20 m x 20 m; the goal stands 3 m ahead of the start."""
    walls = (
        _wall("north", 10.1, 0, (0.2, 20)),
        _wall("south", -10.1, 0, (0.2, 20)),
        _wall("west", 0, 10.1, (20, 0.2)),
        _wall("east", 0, -10.1, (20, 0.2)),
    )
    goal = Target("cup", "red cup", Pose2D(3.0, 0.0), 0.5)
    world = World("test", walls, Pose2D(0.0, 0.0), Task(goal), "go", Bounds(-10, -10, 10, 10), 0.2)
    return replace(world, **changes)


@pytest.fixture(scope="module")
def simulation() -> Iterator[Simulation]:
    simulation = Simulation()
    yield simulation
    simulation.close()


def _drive(simulation: Simulation, action: tuple[float, float, float], steps: int) -> list:
    states = []
    for _ in range(steps):
        states.append(simulation.step(Command.hold(np.array(action))))
        if states[-1].status:
            break
    return states


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(vx=st.floats(-1, 1), vy=st.floats(-1, 1), wz=st.floats(-1, 1), yaw=st.floats(-3, 3))
def test_body_velocity_follows_the_command_in_any_heading(
    simulation: Simulation, vx: float, vy: float, wz: float, yaw: float
) -> None:
    simulation.reset(_hall(start=Pose2D(0.0, 5.0, yaw)))
    state = _drive(simulation, (vx, vy, wz), 6)[-1]
    assert np.allclose(state.agent_pos[:3], 1.15 * np.array([vx, vy, wz]), atol=0.06)


def test_left_is_positive_y_and_positive_yaw(simulation: Simulation) -> None:
    simulation.reset(_hall())
    state = _drive(simulation, (0.0, 1.0, 1.0), 5)[-1]
    assert state.pose[1] > 0.3
    assert state.pose[2] > 0.3


def test_motors_need_time_to_reach_full_speed(simulation: Simulation) -> None:
    simulation.reset(_hall())
    first = _drive(simulation, (1.0, 0.0, 0.0), 1)[0]
    assert 0.02 < first.agent_pos[3] < 0.105  # of 0.115 m at full speed


def test_odometry_counts_from_the_start_pose(simulation: Simulation) -> None:
    simulation.reset(_hall(start=Pose2D(1.0, -4.0, math.pi / 2)))
    state = _drive(simulation, (1.0, 0.0, 0.0), 10)[-1]
    assert state.pose[1] > -3.2
    assert state.agent_pos[3] == pytest.approx(state.pose[1] + 4.0, abs=1e-5)
    assert state.agent_pos[4] == pytest.approx(0.0, abs=0.01)


def test_a_wall_stops_the_robot_and_names_itself(simulation: Simulation) -> None:
    simulation.reset(_hall(items=(*_hall().items, _wall("crate", 1.0, 0.0, (0.4, 0.4)))))
    state = _drive(simulation, (1.0, 0.0, 0.0), 40)[-1]
    assert (state.status, state.touched) == ("collision", "crate")
    assert state.pose[0] == pytest.approx(0.6, abs=0.03)
    assert state.clearance_m == pytest.approx(0.0, abs=0.03)


def test_success_comes_at_the_radius_of_the_named_target(simulation: Simulation) -> None:
    simulation.reset(_hall())
    states = _drive(simulation, (1.0, 0.0, 0.0), 60)
    assert states[-1].status == "success"
    assert states[-2].pose[0] < 2.5 <= states[-1].pose[0] + 1e-9


def test_another_target_ends_the_episode_as_wrong(simulation: Simulation) -> None:
    other = Target("ball", "blue ball", Pose2D(1.5, 0.0), 0.5)
    simulation.reset(_hall(task=replace(_hall().task, others=(other,))))
    assert _drive(simulation, (1.0, 0.0, 0.0), 60)[-1].status == "wrong-target"


def test_standing_still_is_stuck_and_circling_runs_out_of_time(simulation: Simulation) -> None:
    simulation.reset(_hall())
    still = _drive(simulation, (0.0, 0.0, 0.0), 400)
    assert (still[-1].status, len(still) * CONTROL_PERIOD_S) == ("stuck", pytest.approx(8.0))
    simulation.reset(_hall(start=Pose2D(-5.0, 0.0)))
    circle = _drive(simulation, (0.8, 0.0, 0.8), 400)
    assert (circle[-1].status, len(circle) * CONTROL_PERIOD_S) == ("timeout", pytest.approx(30.0))


def test_the_same_commands_give_the_same_bytes_after_a_reset(simulation: Simulation) -> None:
    rng = np.random.default_rng(0)
    actions = rng.uniform(-1, 1, (40, 3))
    runs = []
    for _ in range(2):
        simulation.reset(_hall())
        runs.append(np.concatenate([simulation.step(Command.hold(a)).agent_pos for a in actions]).tobytes())
        _drive(simulation, (1.0, 1.0, 0.3), 50)  # leaves things in another state
    assert runs[0] == runs[1]


def test_a_snapshot_brings_every_movable_thing_back(simulation: Simulation) -> None:
    crate = replace(_wall("crate", 2.0, 3.0, (0.4, 0.4)), mass_kg=2.0)
    simulation.reset(_hall(items=(*_hall().items, crate)))
    _drive(simulation, (0.5, 0.2, 0.4), 8)
    taken = simulation.snapshot()
    view = simulation.robot_camera_view()
    _drive(simulation, (1.0, 0.0, 0.0), 8)
    simulation.restore_snapshot(taken)
    assert np.allclose(simulation.snapshot(), taken, atol=1e-6)
    assert np.allclose(simulation.robot_camera_view().eye, view.eye, atol=1e-6)


def test_a_state_may_be_looked_at_any_number_of_times(simulation: Simulation) -> None:
    simulation.reset(_hall())
    state = _drive(simulation, (0.5, 0.0, 0.0), 3)[-1]
    for _ in range(100):
        looked_at = simulation.state()
        assert (looked_at.status, looked_at.held_s) == (state.status, state.held_s)
        assert np.array_equal(looked_at.agent_pos, state.agent_pos)
