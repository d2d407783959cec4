"""Every axis changes its own part of a world and nothing else, by what its level says, alone and with the others."""

from __future__ import annotations

import colorsys
import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.errors import InputError
from scenarios.halls import trace
from scenarios.occupancy import ROBOT_RADIUS_M, Grid, Hulls, reachable
from scenarios.palette import COLOURS, TARGET_COLOURS
from scenarios.perturbation import AXES, check_supported, levels_table, parse, perturbed, supports
from scenarios.perturbation.asks import others, plans, swaps
from scenarios.perturbation.layout import scaled
from scenarios.perturbation.lighting import BRIGHTER, COLDER_K, DIMMER, ELEVATION_DEG, WARMER_K, light_colour
from scenarios.perturbation.phrases import FAR_FRAMES, KINDS, NEAR_FRAMES, rephrasings
from scenarios.perturbation.textures import NEUTRAL_LOOKS
from scenarios.registry import SCENARIOS, Scenario, get_scenario
from scenarios.world import Box, Compound, Cylinder, Item, Part, Sphere, World, footprint, hull

SEED = 4
LEVELS = (1, 2, 3)
FRAMES = (*NEAR_FRAMES, *FAR_FRAMES)
scenarios = pytest.mark.parametrize("scenario", SCENARIOS)
axes = pytest.mark.parametrize("axis", AXES)


class _Kept(Scenario):
    """A scenario that draws each world once: the same for every perturbation of it."""

    @cache  # noqa: B019
    def world(self, suite_seed: int, episode: int) -> World:
        return super().world(suite_seed, episode)


@cache
def _scenario(name: str) -> Scenario:
    own = get_scenario(name)
    return _Kept(own.name, own.summary, own.spec, own.build)


@cache
def _world(scenario: str, episode: int, perturbation: str = "none") -> World:
    return perturbed(_scenario(scenario), SEED, episode, perturbation)


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
        world, instruction=base.instruction, task=base.task, clearance_m=base.clearance_m
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
    base = _world(scenario, 0)
    for level in LEVELS if scenario == "corridor" else (2,):
        world = _world(scenario, 0, f"{axis}={level}")
        assert world != base
        assert UNDO[axis](world, base) == base


@scenarios
def test_no_axis_moves_anothers_draw(scenario: str) -> None:
    levels = dict.fromkeys(AXES, 2)
    if supports(_scenario(scenario), "instruction=3"):
        levels["instruction"] = 3
    together = _world(scenario, 0, "+".join(f"{axis}={level}" for axis, level in levels.items()))
    for axis, level in levels.items():
        alone = _world(scenario, 0, f"{axis}={level}")
        assert PART[axis](together) == PART[axis](alone), axis


@axes
def test_equal_numbers_give_equal_perturbations_and_another_episode_another(axis: str) -> None:
    name, scenario = f"{axis}=2", get_scenario("corridor")
    assert perturbed(scenario, SEED, 0, name) == _world("corridor", 0, name)
    if axis not in ("latency", "control-rate"):  # nothing to draw
        parts = [PART[axis](_world("corridor", episode, name)) for episode in range(3)]
        assert all(one != other for one, other in pairwise(parts))


def test_level_0_and_none_are_the_scenarios_own_worlds() -> None:
    for name in ("none", "lighting=0", "layout=0,instruction=0"):
        assert _world("corridor", 2, name) == get_scenario("corridor").world(SEED, 2)


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
            return [sum(footprint(item) for item in world.items if item.role == "obstacle")]
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
    base = [_world("corridor", episode) for episode in episodes]
    sums = [
        np.sum([_magnitudes(axis, _world("corridor", n, f"{axis}={level}"), base[n]) for n in episodes], axis=0)
        for level in (0, *LEVELS)
    ]
    assert np.all(np.diff(sums, axis=0) > 0.0), sums


def test_levels_are_what_the_table_says() -> None:
    table = {row[0]: row[2:] for row in levels_table()}
    assert list(table) == list(AXES)
    base, world = _world("corridor", 3), _world("corridor", 3, "camera-pose=2+start-pose=1+latency=3+actuation=1")
    assert table["camera-pose"][1] == "5 cm, 6 deg, field of view ±6%"
    mount = world.conditions.mount
    assert math.hypot(*mount.offset_m) == pytest.approx(0.05)
    assert math.hypot(mount.yaw, mount.pitch, mount.roll) == pytest.approx(math.radians(6.0))
    assert abs(mount.fov_factor - 1.0) == pytest.approx(0.06)
    assert all(_world("corridor", n, "camera-pose=3").conditions.mount.offset_m[0] >= 0.0 for n in range(6))
    assert table["start-pose"][0].startswith("0.15 m off")
    assert math.dist((world.start.x, world.start.y), (base.start.x, base.start.y)) == pytest.approx(0.15)
    assert _turned(world.start.yaw, base.start.yaw) == pytest.approx(math.radians(15.0))
    assert (table["latency"][2], world.conditions.latency_s) == ("0.5 s", 0.5)
    assert "gains up to ±10% off" in table["actuation"][0]
    assert max(abs(gain - 1.0) for gain in world.conditions.actuation.gain) == pytest.approx(0.10)


# ---- light and looks ---------------------------------------------------------------------------------------------


def _nearest_hue(rgb: np.ndarray) -> str:
    def apart(name: str) -> float:
        gap = abs(colorsys.rgb_to_hsv(*COLOURS[name])[0] - colorsys.rgb_to_hsv(*rgb.tolist())[0])
        return min(gap, 1.0 - gap)

    return min(TARGET_COLOURS, key=apart)


@pytest.mark.parametrize("level", LEVELS)
def test_no_light_turns_the_colour_of_a_target_into_another(level: int) -> None:
    for strength in (DIMMER[level], BRIGHTER[level]):
        for kelvin in (WARMER_K[level], COLDER_K[level]):
            for facing in (0.0, 0.5, 1.0):
                lamp = 0.78 + 0.38 * facing * np.array(light_colour(kelvin))
                for name in TARGET_COLOURS:
                    assert _nearest_hue(np.clip(np.array(COLOURS[name]) * strength * lamp, 0.0, 1.0)) == name


def test_a_warm_lamp_lacks_blue_and_a_cold_one_red() -> None:
    assert light_colour(6500.0) == pytest.approx((1.0, 1.0, 1.0))
    red, green, blue = light_colour(2700.0)
    assert red == 1.0 > green > blue
    red, green, blue = light_colour(18000.0)
    assert red < green < blue == 1.0


@scenarios
def test_no_scenarios_own_lamp_is_as_low_as_a_perturbed_one(scenario: str) -> None:
    x, y, z = _world(scenario, 0).light.direction
    assert math.degrees(math.atan2(z, math.hypot(x, y))) > ELEVATION_DEG[1]


def test_targets_keep_their_colours_and_boxes_their_colour_names() -> None:
    for episode in range(4):
        base, world = _world("corridor", episode), _world("corridor", episode, "textures=3")
        for before, now in zip(base.items, world.items, strict=True):
            if before.role in ("target", "obstacle"):
                assert now.rgba == before.rgba
            if before.role == "target":
                assert now == before
            elif before.role == "obstacle":
                assert now.texture in NEUTRAL_LOOKS
            elif before.role in ("floor", "wall"):
                assert now.texture != before.texture


def test_walls_that_matched_still_match() -> None:
    world = _world("corridor", 0, "textures=3")
    assert len({(item.rgba, item.texture) for item in world.items if item.role == "wall"}) == 1


# ---- start and layout --------------------------------------------------------------------------------------------


@scenarios
def test_all_that_could_be_asked_can_be_done_from_another_start_among_more_things(scenario: str) -> None:
    for episode in range(6 if scenario == "corridor" else 1):
        base = _world(scenario, episode)
        world = _world(scenario, episode, "start-pose=3+layout=3")
        assert reachable(world, base.clearance_m)
        assert float(Hulls(world).clearance(np.array([world.start.x, world.start.y]))) >= 0.0
        for ask in swaps(base):
            there = replace(ask.of(base), items=world.items, start=world.start)
            assert reachable(there, ask.clearance_m)


@scenarios
def test_a_region_holds_the_starts_that_are_reachable(scenario: str) -> None:
    base, rng = _world(scenario, 1), np.random.default_rng(0)
    x_min, y_min, x_max, y_max = base.bounds_m
    for plan in plans(base):
        world, inside = plan.ask.of(base), plan.region(plan.grid.clearance_m)
        grid = Grid.of(world)
        assert np.allclose(grid.clearance_m, plan.grid.clearance_m)
        for _ in range(5):
            x, y = float(rng.uniform(x_min, x_max)), float(rng.uniform(y_min, y_max))
            there = replace(world, start=replace(world.start, x=x, y=y))
            assert inside[grid.cell(np.array([x, y]))] == reachable(there, plan.ask.clearance_m, grid)


def _outline(item: Item) -> np.ndarray:
    """(k, 2) points around what an item stands on."""
    shape, around = hull(item.shape), np.linspace(0.0, math.tau, 32)
    unit = np.stack([np.cos(around), np.sin(around)], axis=-1)
    if isinstance(shape, Box):
        rim = unit / np.abs(unit).max(axis=1, keepdims=True) * shape.size_m[:2] / 2  # out to the edges of a square
        cos, sin = math.cos(item.pose.yaw), math.sin(item.pose.yaw)
        rim = rim @ np.array([[cos, sin], [-sin, cos]])
    else:
        rim = unit * shape.radius_m
    return np.array([item.pose.x, item.pose.y]) + rim


@scenarios
def test_more_things_stand_by_themselves_off_targets_routes_and_sides(scenario: str) -> None:
    base, world = _world(scenario, 0), _world(scenario, 0, "layout=3")
    more = [item for item in world.items if item.name.startswith("more-")]
    if scenario in ("corridor", "crossing", "pursuit", "box-detour"):
        assert len(more) >= 3
    assert len({item.name for item in world.items}) == len(world.items)
    task, x_min, y_min, x_max, y_max = base.task, *base.bounds_m
    for item in more:
        alone = Hulls(world, [item])
        assert x_min + footprint(item) <= item.pose.x <= x_max - footprint(item)
        assert y_min + footprint(item) <= item.pose.y <= y_max - footprint(item)
        for target in (task.goal, *task.others):
            gap = float(alone.clearance(np.array([target.pose.x, target.pose.y]))) + ROBOT_RADIUS_M
            assert gap > footprint(base.item(target.name))
        for mover in base.movers:
            passing = alone.clearance(trace(mover.route)).min() + ROBOT_RADIUS_M
            assert passing > footprint(base.item(mover.name))
        if task.side is not None:
            for line in (task.side.asked, task.side.other):
                assert alone.clearance(np.linspace(*line, 40)).min() >= -0.01
        for other in world.items:
            if other.role in ("wall", "obstacle", "target") and other.name != item.name:
                assert Hulls(world, [other]).clearance(_outline(item)).min() + ROBOT_RADIUS_M > 0.0


def test_layouts_are_outside_of_what_corridors_draw() -> None:
    worlds = [_world("corridor", episode, "layout=3") for episode in range(12)]
    boxes = [[item for item in world.items if item.role == "obstacle"] for world in worlds]
    assert max(map(len, boxes)) > 4  # corridors draw one to four
    shapes = [item.shape for items in boxes for item in items]
    assert all(isinstance(shape, Box) for shape in shapes)
    assert any(shape.size_m[1] > 0.90 or shape.size_m[2] > 1.10 for shape in shapes if isinstance(shape, Box))


def test_copies_wear_what_their_patterns_wear() -> None:
    world = _world("corridor", 1, "layout=3+textures=3")
    drawn = {(item.rgba, item.texture) for item in world.items if item.name.startswith("box-")}
    assert {(item.rgba, item.texture) for item in world.items if item.name.startswith("more-")} <= drawn


def test_scaling_keeps_a_compounds_parts_within_its_hull() -> None:
    body = Compound((Part(Sphere(0.2), (0.1, 0.0, 0.3)), Part(Box((0.4, 0.2, 0.6)), (0, 0, -0.2))), Cylinder(0.3, 1.0))
    for plan, height in ((1.5, 1.5), (1.5, 1 / 1.5)):
        larger = scaled(body, plan, height)
        assert isinstance(larger, Compound)
        assert larger.hull == Cylinder(0.3 * plan, height)
        ball, box = larger.parts
        assert ball.offset_m == pytest.approx((0.1 * plan, 0.0, 0.3 * height))
        assert ball.offset_m[2] + ball.shape.height_m / 2 <= larger.height_m / 2 + 1e-9
        assert box.shape == Box((0.4 * plan, 0.2 * plan, 0.6 * height))


# ---- instructions ------------------------------------------------------------------------------------------------


def _says(text: str, *words: str) -> bool:
    return all(word.lower() in text.lower() for word in words)


def _facts(world: World) -> list[str]:
    """What an instruction of this world must not lose."""
    target, side = world.task.goal.description, world.task.side
    facts = [target if target in world.instruction else f"target {target.split()[-1]}"]
    return facts if side is None else [*facts, side.name, "single box" if "single" in world.instruction else "box obst"]


@scenarios
def test_rephrasing_keeps_target_and_side_and_no_two_say_it_alike(scenario: str) -> None:
    for episode in range(3):
        world = _world(scenario, episode)
        for far in (False, True):
            sentences = rephrasings(world, far)
            assert len(set(sentences)) == len(sentences) >= 2
            assert world.instruction not in sentences
            assert not {frame.format(instruction=world.instruction) for frame in FRAMES} & set(sentences), (
                "unknown kind"
            )
            for sentence in sentences:
                assert _says(sentence, *_facts(world)), sentence
                assert not any(other.description in sentence for other in world.task.others)


def test_near_sentences_are_of_known_words_and_far_ones_of_others() -> None:
    known = frozenset[str]().union(*(kind.words for kind in KINDS))
    blank = {"target": "", "side": "", "boxes": ""}
    for kind in KINDS:
        for template in kind.near:
            assert set(template.format(**blank).lower().replace(":", "").split()) <= kind.words, template
        for template in kind.far:
            assert len(set(template.format(**blank).lower().split()) - known) >= 2, template


def test_a_sentence_of_unknown_words_is_kept_whole() -> None:
    world = _world("corridor", 0)
    target = world.task.goal.description
    odd = replace(world, instruction=f"drive to the {target} behind the second pillar")
    for far in (False, True):
        assert all(odd.instruction in sentence for sentence in rephrasings(odd, far))


@scenarios
def test_a_swap_asks_for_what_was_not_asked(scenario: str) -> None:
    if not supports(_scenario(scenario), "instruction=3"):
        pytest.skip("has no choice")
    for episode in range(2):
        base, world = _world(scenario, episode), _world(scenario, episode, "instruction=3")
        before, now = base.task, world.task
        assert world.instruction != base.instruction
        assert reachable(world, world.clearance_m)
        if now.goal.name != before.goal.name:
            assert now.goal.name in {other.name for other in before.others}
            assert now.goal.pose == next(other.pose for other in before.others if other.name == now.goal.name)
            assert _says(world.instruction, now.goal.description)
            assert not _says(world.instruction, before.goal.description)
            moves = before.goal.name in {mover.name for mover in base.movers}
            names = {other.name for other in before.others} - {now.goal.name}
            assert {other.name for other in now.others} == names | (set() if moves else {before.goal.name})
        else:
            assert before.side is not None
            assert now.side is not None
            assert (now.side.asked, now.side.other) == (before.side.other, before.side.asked)
            assert {before.side.name, now.side.name} == {"left", "right"}
            assert world.instruction == base.instruction.replace(before.side.name, now.side.name)


def test_a_world_without_a_choice_refuses_the_swap_before_anything_runs() -> None:
    corridor = get_scenario("corridor")

    def alone(spec: object, rng: np.random.Generator) -> World:
        world = corridor.build(spec, rng)
        return replace(world, scenario="alone", task=replace(world.task, others=()))

    scenario = Scenario("alone", "one target", corridor.spec, alone)
    assert others(scenario.world(0, 0)) == ()
    assert supports(scenario, "instruction=2")
    assert not supports(scenario, "lighting=1+instruction=3")
    with pytest.raises(InputError, match="'alone' can't have instruction=3: its worlds lack another target or side"):
        check_supported(scenario, "lighting=1+instruction=3")
    with pytest.raises(InputError, match="another target or side"):
        perturbed(scenario, 0, 0, "instruction=3")
    check_supported(corridor, "instruction=3")


# ---- names -------------------------------------------------------------------------------------------------------


@given(st.dictionaries(st.sampled_from(sorted(AXES)), st.integers(0, 3)), st.sampled_from([",", "+", " , "]))
def test_a_name_is_canonical_whatever_order_it_was_written_in(levels: dict[str, int], joint: str) -> None:
    text = joint.join(f"{axis}={level}" for axis, level in levels.items()) or "none"
    name = parse(text)
    assert parse(name) == name
    wanted = [f"{axis}={levels[axis]}" for axis in AXES if levels.get(axis)]
    assert name == ("+".join(wanted) or "none")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lightning=2", "did you mean 'lighting'"),
        ("lighting=4", "'4' is no level of lighting"),
        ("lighting=-1", "'-1' is no level"),
        ("lighting=1.5", "'1.5' is no level"),
        ("lighting", "write axis=level"),
        ("", "write axis=level"),
        ("lighting=1,", "write axis=level"),
        ("lighting=1,lighting=2", "names lighting twice"),
        ("none,lighting=1", "'none' is no perturbation"),
    ],
)
def test_a_wrong_name_is_told_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse(text)
