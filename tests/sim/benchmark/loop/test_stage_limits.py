"""Laws of the limits: each does as much work as its stage did."""

import pybullet
import pytest

from envs.simulation.simulation import Simulation
from scenarios.lookup import get_scenario
from scenarios.robot import DRIVE_TICKS
from sim.benchmark.loop import stage_limits
from sim.benchmark.loop.stage_limits import (
    time_bare_bodies,
    time_bare_physics,
    time_copies,
    time_cpu,
    time_hashing,
    time_shortest_paths,
)


class Row:
    steps = 3


class Episode:
    world = get_scenario("corridor").world(5, 0)
    row = Row()


class Times:
    driven = (Episode, Episode)


@pytest.fixture
def simulations():
    made = [Simulation(), Simulation()]
    yield made
    for simulation in made:
        simulation.close()


def count(monkeypatch, owner, name):
    calls, before = [], getattr(owner, name)
    monkeypatch.setattr(owner, name, lambda *args, **named: calls.append(1) or before(*args, **named))
    return calls


def test_bare_physics_takes_every_tick_of_every_step(monkeypatch, simulations):
    calls = count(monkeypatch, stage_limits.pybullet, "stepSimulation")
    assert time_bare_physics(Times, simulations) > 0.0
    assert len(calls) == 2 * Row.steps * DRIVE_TICKS


def test_as_many_bare_bodies_are_built_as_a_world_has_items(simulations):
    worlds = [Episode.world, Episode.world]
    assert time_bare_bodies(worlds, simulations) > 0.0
    assert [pybullet.getNumBodies(each.client) for each in simulations] == [len(world.items) for world in worlds]


def test_every_episode_has_two_cost_fields(monkeypatch):
    calls = count(monkeypatch, stage_limits, "MCP_Geometric")
    time_shortest_paths([Episode.world] * 3)
    assert len(calls) == 6


def test_every_observation_is_hashed(monkeypatch):
    hashed = []

    class Digest:
        def update(self, content):
            hashed.append(len(content))

    monkeypatch.setattr(stage_limits.hashlib, "sha256", Digest)
    time_hashing(7)
    assert hashed == [224 * 224 * 3 + 60] * 7


def test_every_frame_is_copied(monkeypatch):
    copied = []
    monkeypatch.setattr(stage_limits.np, "copyto", lambda out, frames: copied.append(len(frames)))
    time_copies(23)
    assert copied == [10, 10, 3]


def test_cpu_time_is_that_of_the_call(monkeypatch):
    ticks = iter([1.0, 3.5])
    monkeypatch.setattr(stage_limits.time, "process_time", lambda: next(ticks))
    assert time_cpu(lambda: None) == 2.5
