"""Every axis changes its own part of a world and nothing else, by what its level says, alone and with the others."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from drawn import LEVELS, SEED, axes, drawn, kept_scenario, scenarios

from scenarios.lookup import get_scenario
from scenarios.perturbations import (
    AXES,
    SWAPPED_INSTRUCTION,
    Perturbation,
    is_supported,
    levels_table,
    sample_perturbed_world,
)
from scenarios.world import World, footprint_radius


def _undone(world: World, **part: object) -> World:
    """The world's conditions with one of their parts as it was."""
    return replace(world, conditions=replace(world.conditions, **part))  # type: ignore[arg-type]


def _as_it_looked(world: World, base: World) -> World:
    looks = {item.name: (item.rgba, item.texture) for item in base.items}
    items = (replace(item, rgba=looks[item.name][0], texture=looks[item.name][1]) for item in world.items)
    return replace(world, items=tuple(items))


def _as_it_stood(world: World, base: World) -> World:
    sizes = {item.name: (item.shape, item.z_m) for item in base.items}
    kept = (item for item in world.items if not item.name.startswith("more-"))
    return replace(world, items=tuple(replace(i, shape=sizes[i.name][0], z_m=sizes[i.name][1]) for i in kept))


# (perturbed, base) -> the perturbed world with the one part that this axis may change as it was.
UNDO: dict[str, Callable[[World, World], World]] = {
    "lighting": lambda world, base: replace(world, light=base.light),
    "textures": _as_it_looked,
    "camera-pose": lambda world, base: _undone(world, mount=base.conditions.mount),
    "image-noise": lambda world, base: _undone(world, image=base.conditions.image),
    "start-pose": lambda world, base: replace(world, start=base.start),
    "layout": _as_it_stood,
    "instruction": lambda world, base: replace(
        world, instruction=base.instruction, phrase=base.phrase, task=base.task, clearance_m=base.clearance_m
    ),
    "actuation": lambda world, base: _undone(world, actuation=base.conditions.actuation),
    "latency": lambda world, base: _undone(world, latency_s=base.conditions.latency_s),
    "control-rate": lambda world, base: _undone(world, period_factor=base.conditions.period_factor),
}


def _geometry(world: World) -> list[tuple[object, ...]]:
    return [(item.name, item.shape, item.pose, item.z_m) for item in world.items]


def _dress(world: World) -> list[tuple[object, ...]]:
    return [(item.name, item.rgba, item.texture) for item in world.items if not item.name.startswith("more-")]


# What of a world belongs to each axis.
PART: dict[str, Callable[[World], object]] = {
    "lighting": lambda world: world.light,
    "textures": _dress,
    "camera-pose": lambda world: world.conditions.mount,
    "image-noise": lambda world: world.conditions.image,
    "start-pose": lambda world: world.start,
    "layout": _geometry,
    "instruction": lambda world: (world.instruction, world.task),
    "actuation": lambda world: world.conditions.actuation,
    "latency": lambda world: world.conditions.latency_s,
    "control-rate": lambda world: world.conditions.period_factor,
}


@axes
@scenarios
def test_an_axis_changes_its_own_part_and_nothing_else(scenario: str, axis: str) -> None:
    base = drawn(scenario, 0)
    for level in LEVELS if scenario == "corridor" else (2,):
        world = drawn(scenario, 0, f"{axis}={level}")
        assert world != base
        assert UNDO[axis](world, base) == base


@scenarios
def test_no_axis_moves_anothers_draw(scenario: str) -> None:
    levels = dict.fromkeys(AXES, 2)
    if is_supported(kept_scenario(scenario), SWAPPED_INSTRUCTION):
        levels["instruction"] = 3
    together = drawn(scenario, 0, "+".join(f"{axis}={level}" for axis, level in levels.items()))
    for axis, level in levels.items():
        alone = drawn(scenario, 0, f"{axis}={level}")
        assert PART[axis](together) == PART[axis](alone), axis


@axes
def test_equal_numbers_give_equal_perturbations_and_another_episode_another(axis: str) -> None:
    name, scenario = f"{axis}=2", get_scenario("corridor")
    assert sample_perturbed_world(scenario, SEED, 0, Perturbation.parse(name)) == drawn("corridor", 0, name)
    if axis not in ("latency", "control-rate"):  # nothing to draw
        parts = [PART[axis](drawn("corridor", episode, name)) for episode in range(3)]
        assert all(one != other for one, other in pairwise(parts))


def test_level_0_and_none_are_the_scenarios_own_worlds() -> None:
    for name in ("none", "lighting=0", "layout=0,instruction=0"):
        assert drawn("corridor", 2, name) == get_scenario("corridor").world(SEED, 2)


def _turned(a: float, b: float) -> float:
    return abs(math.remainder(a - b, math.tau))


def _magnitudes(axis: str, world: World, base: World) -> list[float]:
    """By how much an axis changed a world; each number must grow with the level."""
    changes, start = world.conditions, base.start
    match axis:
        case "lighting":
            strength = abs(math.log(world.light.ambient / base.light.ambient))
            return [strength, max(world.light.colour) - min(world.light.colour), -world.light.direction[2]]
        case "textures":
            before = {item.name: item for item in base.items}
            moved = [np.subtract(item.rgba, before[item.name].rgba) for item in world.items]
            looks = sum(item.texture != before[item.name].texture for item in world.items)
            return [float(np.linalg.norm(moved)) + 1e-3 * looks]
        case "camera-pose":
            mount = changes.mount
            angles = (mount.yaw, mount.pitch, mount.roll)
            return [math.hypot(*mount.offset_m), math.hypot(*angles), abs(mount.fov_factor - 1.0)]
        case "image-noise":
            return [changes.image.noise, changes.image.blur_px, changes.image.drop]
        case "start-pose":
            off = math.dist((world.start.x, world.start.y), (start.x, start.y))
            return [off, _turned(world.start.yaw, start.yaw)]
        case "layout":
            return [sum(footprint_radius(item) for item in world.items if item.role == "obstacle")]
        case "actuation":
            drive = changes.actuation
            return [float(np.abs(np.subtract(drive.gain, 1.0)).max()), drive.slip, drive.delay_s]
        case "latency":
            return [changes.latency_s]
        case _:
            return [changes.period_factor]


@pytest.mark.parametrize("axis", [axis for axis in AXES if axis != "instruction"])
def test_a_higher_level_changes_more(axis: str) -> None:
    episodes = range(6)
    base = [drawn("corridor", episode) for episode in episodes]
    sums = [
        np.sum([_magnitudes(axis, drawn("corridor", n, f"{axis}={level}"), base[n]) for n in episodes], axis=0)
        for level in (0, *LEVELS)
    ]
    assert np.all(np.diff(sums, axis=0) > 0.0), sums


def test_levels_are_what_the_table_says() -> None:
    table = {row[0]: row[2:] for row in levels_table()}
    assert list(table) == list(AXES)
    base, world = drawn("corridor", 3), drawn("corridor", 3, "camera-pose=2+start-pose=1+latency=3+actuation=1")
    assert table["camera-pose"][1] == "5 cm, 6 deg, field of view ±6%"
    mount = world.conditions.mount
    assert math.hypot(*mount.offset_m) == pytest.approx(0.05)
    assert math.hypot(mount.yaw, mount.pitch, mount.roll) == pytest.approx(math.radians(6.0))
    assert abs(mount.fov_factor - 1.0) == pytest.approx(0.06)
    assert all(drawn("corridor", n, "camera-pose=3").conditions.mount.offset_m[0] >= 0.0 for n in range(6))
    assert table["start-pose"][0].startswith("shifted by 0.15 m")
    assert math.dist((world.start.x, world.start.y), (base.start.x, base.start.y)) == pytest.approx(0.15)
    assert _turned(world.start.yaw, base.start.yaw) == pytest.approx(math.radians(15.0))
    assert (table["latency"][2], world.conditions.latency_s) == ("0.5 s", 0.5)
    assert "gain errors up to ±10%" in table["actuation"][0]
    assert max(abs(gain - 1.0) for gain in world.conditions.actuation.gain) == pytest.approx(0.10)
