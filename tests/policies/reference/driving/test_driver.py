from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from policies.reference.driving.cost_map import CostMap
from policies.reference.driving.driver import Driver
from policies.reference.driving.floor_map import FloorMap, find_cells
from policies.reference.driving.motion import Motion
from policies.reference.driving.tracks import Track
from policies.reference.panorama import RAYS
from policies.reference.vocabulary import COLOURS, KINDS, STANDING, Asked, read_instruction
from scenarios.registry import SCENARIOS
from scenarios.robot import CONTROL_PERIOD_S


@pytest.mark.parametrize("family", sorted(SCENARIOS))
def test_with_true_sight_it_succeeds_in_every_family(family: str, drive) -> None:
    driven = drive(family, 0)
    assert driven.status == "success"
    assert np.abs(driven.actions).max() <= 1.0


def test_it_finds_rooms_by_their_number(drive) -> None:
    """The target is hidden at the start, and others of its kind are in other rooms."""
    several = [
        episode
        for episode in range(40)
        if (room := read_instruction(SCENARIOS["rooms"].world(2302, episode).instruction).room) and room.number
    ]
    driven = drive("rooms", several[0])
    assert driven.status == "success"
    assert "driving down the hallway" in driven.doings
    assert driven.doings[-1] == "reaching"


def test_it_follows_a_target_that_moves(drive) -> None:
    driven = drive("pursuit", 1)
    assert driven.status == "success"
    assert driven.doings[-1] == "following"


def test_without_an_instruction_it_searches_and_reaches_nothing(see_truly) -> None:
    world = SCENARIOS["corridor"].world(2302, 0)
    driver, pose = Driver(Asked()), np.array([world.start.x, world.start.y, world.start.yaw])
    for _ in range(5):
        action = driver.step(np.zeros(3), see_truly(world, pose))
    assert driver.doing == "searching"
    assert action.shape == (3,)


def test_the_same_sightings_give_the_same_actions(drive) -> None:
    assert np.array_equal(drive("clutter", 2, 20).actions, drive("clutter", 2, 20).actions)


@pytest.mark.parametrize("place", [(50.0, 0.0), (-8.1, 0.0), (0.0, 11.1), (-50.0, -50.0), (1e6, -1e6)])
def test_beyond_its_map_it_stops(place, see_truly) -> None:
    world = SCENARIOS["corridor"].world(2302, 0)
    driver = Driver(read_instruction("go to the red ball"))
    sighting = see_truly(world, np.array([*world.start.xy, world.start.yaw]))
    driver.step(np.zeros(3), sighting)
    assert not driver.step(np.array([*place, 0.3]), sighting).any()
    assert driver.doing == "waiting beyond the map"
    assert driver.step(np.zeros(3), sighting).any()


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_without_odometry_it_goes_on_from_the_pose_before(bad: float, see_truly) -> None:
    world = SCENARIOS["corridor"].world(2302, 0)
    sighting = see_truly(world, np.array([*world.start.xy, world.start.yaw]))
    lost, still = Driver(read_instruction(world.instruction)), Driver(read_instruction(world.instruction))
    for pose in ([0.1, 0.0, 0.0], [bad, 0.0, 0.0], [0.1, 0.0, bad], [0.2, 0.0, 0.0]):
        pose = np.array(pose)
        found = lost.step(pose, sighting)
        assert np.array_equal(found, still.step(pose if np.isfinite(pose).all() else np.array([0.1, 0, 0]), sighting))


def test_one_look_at_something_near_does_not_end_a_hallway(see_truly) -> None:
    driver = Driver(read_instruction("find the red cone in the second room on the left"))
    world = SCENARIOS["rooms"].world(2302, 0)
    sighting = see_truly(world, np.array([*world.start.xy, world.start.yaw]))
    driver.step(np.zeros(3), sighting._replace(ranges=np.full(RAYS, 0.6), items=()))
    for _ in range(12):
        driver.step(np.zeros(3), sighting._replace(items=()))
    assert driver.doing in ("driving down the hallway", "entering")


def test_the_other_side_of_the_boxes_is_closed_across_the_hall_however_the_robot_starts(drive) -> None:
    """A start may be turned by more than 45 degrees to the hall."""
    scenario = SCENARIOS["box-detour"]
    turned = [e for e in range(60) if abs(scenario.world(2302, e).start.yaw) > math.radians(50.0)]
    driven = [drive("box-detour", episode) for episode in turned[:3]]
    for episode, each in zip(turned, driven, strict=False):
        axis = each.driver.axis.towards(each.driver._box) + scenario.world(2302, episode).start.yaw
        assert abs(math.remainder(axis, math.tau)) < math.radians(8.0)
    assert [each.status for each in driven] == ["success"] * 3


def test_it_inspects_one_doubtful_item_after_the_other(see_truly) -> None:
    """Both may be the goal, and nothing else is left to explore."""
    driver = Driver(read_instruction("go to the red cup"))
    unsure = Track(xy=np.zeros(2), kinds=np.zeros(len(KINDS)), colours=np.zeros(len(COLOURS)), seen_s=0.0, weight=1e3)
    unsure.kinds[: len(STANDING)] = 2.0
    places = np.array([[2.0, 0.5], [-2.0, 0.5]])
    driver.tracks.known = [replace(unsure, xy=place, count=50) for place in places]
    driver.map.seen[:] = True
    costs, pose, near = CostMap(driver.map, np.zeros(2)), np.zeros(3), []
    for _ in range(200):
        driver._pose = pose
        aim = driver._inspect(costs)
        if aim is None:
            break
        step = aim - pose[:2]
        pose = np.array([*(pose[:2] + 0.05 * step / np.hypot(*step)), 0.0])
        near.append(np.hypot(*(places - pose[:2]).T).round(2))
    assert aim is None
    assert (np.min(near, axis=0) < 1.1).all()


def red_cup(x: float, y: float) -> Track:
    """It may be a ball: from afar it is easily taken for a cup."""
    return Track(
        xy=np.array([x, y]),
        kinds=4.0 * (np.arange(len(KINDS)) == KINDS.index("cup")),
        colours=4.0 * (np.arange(len(COLOURS)) == COLOURS.index("red")),
        seen_s=0.0,
        weight=1e3,
        count=50,
    )


def search(driver: Driver, steps: int, speed_mps: float = 0.5) -> list[tuple[str, np.ndarray]]:
    """What it does and where it drives to, with a robot that drives straight there; held, if it has no speed."""
    found = []
    for _ in range(steps):
        driver._now_s += CONTROL_PERIOD_S
        aim = driver._search(CostMap(driver.map, driver._pose[:2]))
        way = np.zeros(2) if aim is None else aim - driver._pose[:2]
        step = way * min(1.0, speed_mps * CONTROL_PERIOD_S / max(float(np.hypot(*way)), 1e-6))
        found.append((driver.doing, np.full(2, np.nan) if aim is None else aim))
        driver._pose = driver._pose + np.array([*step, 0.0])
    return found


def test_an_item_of_the_right_colour_is_inspected_before_it_explores() -> None:
    driver = Driver(read_instruction("go to the red ball"))
    fill(driver.map, (-0.5, 3.0), (-2.0, 2.0))
    cup = red_cup(1.5, -1.5)
    driver.tracks.known = [replace(cup, colours=4.0 * (np.arange(len(COLOURS)) == COLOURS.index("blue")))]
    assert search(driver, 1)[0][0] == "searching"
    driver.tracks.known = [cup]
    ((doing, aim),) = search(driver, 1)
    assert doing == "inspecting"
    assert np.hypot(*(aim - cup.xy)) < np.hypot(*cup.xy)


def test_without_a_colour_it_explores_before_it_inspects() -> None:
    driver = Driver(read_instruction("go to the ball"))
    fill(driver.map, (-0.5, 3.0), (-2.0, 2.0))
    driver.tracks.known = [red_cup(1.5, -1.5)]
    assert search(driver, 1)[0][0] == "searching"


def test_it_keeps_to_the_item_that_it_inspects_though_the_other_becomes_likelier() -> None:
    """What it drives to becomes less likely with every look."""
    driver = Driver(read_instruction("go to the red ball"))
    fill(driver.map, (-0.5, 3.0), (-2.0, 2.0))
    driver.tracks.known = [red_cup(2.0, 1.7), red_cup(2.0, -1.7)]
    nearest = []
    for _ in range(80):
        search(driver, 1)
        if driver._inspected is not None:
            driver._inspected.kinds[KINDS.index("cup")] += 1.0
        nearest.append([float(np.hypot(*(cup.xy - driver._pose[:2]))) for cup in driver.tracks.known])
    assert (np.min(nearest, axis=0) < 1.1).all()


def test_an_item_that_it_can_not_get_nearer_to_is_given_up() -> None:
    driver = Driver(read_instruction("go to the red ball"))
    fill(driver.map, (-0.5, 3.0), (-2.0, 2.0))
    driver.tracks.known = [red_cup(2.5, 1.0)]
    doings = [doing for doing, _ in search(driver, 60, speed_mps=0.0)]
    assert doings[0] == "inspecting"
    assert doings[-1] == "searching"


def test_an_edge_behind_a_wall_is_given_up_for_another() -> None:
    """All around is closed, as if by errors of the map: behind it lie several edges."""
    driver = Driver(read_instruction("go to the red ball"))
    fill(driver.map, (-1.0, 1.0), (-1.0, 1.0))
    for x, y in (((1.2, 2.5), (-1.0, 1.0)), ((-1.0, 1.0), (1.2, 2.5))):
        fill(driver.map, x, y)
    ring = np.stack(np.meshgrid(np.arange(-1.2, 1.21, 0.02), np.arange(-1.2, 1.21, 0.02), indexing="ij"), axis=-1)
    rows, columns = find_cells(ring[np.abs(ring).max(axis=-1) > 1.0])
    driver.map.seen[rows, columns], driver.map.log_odds[rows, columns] = True, 3.0
    search(driver, 60, speed_mps=0.0)
    assert driver._given_up


def test_time_with_something_else_to_do_is_not_held_against_an_edge() -> None:
    driver = Driver(read_instruction("go to the red ball"))
    fill(driver.map, (-0.5, 3.0), (-2.0, 2.0))
    search(driver, 5, speed_mps=0.0)
    driver._now_s += 4.0  # it turned to a goal that proved none
    search(driver, 5, speed_mps=0.0)
    assert not driver._given_up


def test_when_all_edges_are_given_up_they_have_another_chance() -> None:
    driver = Driver(read_instruction("go to the red ball"))
    fill(driver.map, (-0.5, 1.0), (-0.5, 0.5))
    found = search(driver, 400, speed_mps=0.0)
    assert any(np.isfinite(aim).all() for _, aim in found[-60:])


def test_floor_that_is_known_badly_is_an_edge() -> None:
    """Far away, sightings say too little: such cells lie between the free and the unseen ones."""
    driver = Driver(read_instruction("go to the red ball"))
    fill(driver.map, (-0.5, 3.0), (-1.0, 1.0))
    driver.map.seen[:] = True
    assert driver._explore(CostMap(driver.map, np.zeros(2))) is not None


def test_it_gives_way_only_to_where_it_has_looked() -> None:
    """A person comes from the left; on its right, the robot has never looked."""
    driver = Driver(read_instruction("go to the red ball"))
    driver.map.seen[:] = True
    rows, columns = find_cells(np.stack(np.meshgrid(np.arange(-3, 3, 0.02), np.arange(-3, -0.25, 0.02)), axis=-1))
    driver.map.seen[rows, columns] = False
    place, unknown = np.array([0.6, 0.5]), (np.zeros(len(KINDS)), np.zeros(len(COLOURS)))
    person = Track(place, *unknown, 0.0, 1.0, Motion(place, np.eye(2)), np.array([0.0, -0.5]), count=9)
    driver.tracks.known = [person]
    aside = driver._drive_to(np.array([3.0, 0.0]), CostMap(driver.map, np.zeros(2)))[1]
    driver.map.seen[:] = True
    assert driver._drive_to(np.array([3.0, 0.0]), CostMap(driver.map, np.zeros(2)))[1] < -0.2 < aside


def test_an_edge_that_it_can_not_get_nearer_to_is_given_up() -> None:
    """The robot is held, as by an obstacle that isn't on the map: it goes on to the next edge."""
    driver = Driver(read_instruction("go to the red cup"))
    fill(driver.map, (-0.5, 3.0), (-2.0, 2.0))
    edges = []
    for step in range(90):
        driver._now_s = 0.1 * step
        driver._explore(CostMap(driver.map, np.zeros(2)))
        edges.append(driver._edge)
    first = edges[0]
    assert first is not None
    assert all(edge is None or np.hypot(*(edge - first)) > 0.5 for edge in edges[40:])
    assert any(edge is not None for edge in edges[40:])


def fill(floor_map: FloorMap, x: tuple[float, float], y: tuple[float, float]) -> None:
    """Free floor that was seen."""
    places = np.stack(np.meshgrid(np.arange(*x, 0.02), np.arange(*y, 0.02), indexing="ij"), axis=-1)
    floor_map.log_odds[find_cells(places)] = -2.0
    floor_map.seen[find_cells(places)] = True
