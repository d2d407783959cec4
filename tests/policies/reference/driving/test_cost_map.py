from __future__ import annotations

import numpy as np
import pytest

from policies.reference.driving.cost_map import Circle, CostMap
from policies.reference.driving.floor_map import FloorMap, find_cells
from scenarios.navigation.cost_field import INSIDE_COST
from scenarios.robot import ROBOT_RADIUS_M

ROBOT = np.zeros(2)
GOAL = np.array([4.0, 0.0])


def fill(floor_map: FloorMap, x: tuple[float, float], y: tuple[float, float], odds: float) -> None:
    places = np.stack(np.meshgrid(np.arange(*x, 0.02), np.arange(*y, 0.02), indexing="ij"), axis=-1)
    floor_map.log_odds[find_cells(places)] = odds
    floor_map.seen[find_cells(places)] = True


@pytest.fixture
def hall() -> FloorMap:
    """A hall of 6 m by 3 m with a wall across at x = 2, open from y = 0.6 on."""
    floor_map = FloorMap()
    fill(floor_map, (-1.0, 5.0), (-1.5, 1.5), -2.0)
    for y in ((-1.6, -1.5), (1.5, 1.6)):
        fill(floor_map, (-1.0, 5.0), y, 2.0)
    fill(floor_map, (2.0, 2.1), (-1.5, 0.3), 2.0)
    return floor_map


def way_to(costs: CostMap, goal: np.ndarray = GOAL) -> np.ndarray:
    way = costs.find_way(ROBOT, costs.measure_distance(goal) <= 0.2)
    assert way is not None
    return way


def test_the_way_leads_round_what_stands_there(hall) -> None:
    costs = CostMap(hall, ROBOT)
    way = way_to(costs)
    assert np.hypot(*(way[0] - ROBOT)) < 0.06
    assert np.hypot(*(way[-1] - GOAL)) <= 0.2
    assert costs.clearance_m[costs.find_index(way)].min() > 0.0
    assert way[np.abs(way[:, 0] - 2.05).argmin(), 1] > 0.5


def test_clearance_is_that_of_the_hull(hall) -> None:
    costs = CostMap(hall, ROBOT)
    beside = np.array([0.0, 1.5 - ROBOT_RADIUS_M - 0.3])
    assert costs.clearance_m[costs.find_index(beside)] == pytest.approx(0.3, abs=0.06)


def test_a_goal_among_obstacles_can_be_reached(hall) -> None:
    fill(hall, (3.85, 4.15), (-0.15, 0.15), 2.0)  # the goal itself
    with_goal, without = CostMap(hall, ROBOT, GOAL), CostMap(hall, ROBOT)
    at = with_goal.find_index(GOAL)
    assert with_goal.cost[at] < INSIDE_COST == without.cost[without.find_index(GOAL)]


def test_a_circle_is_kept_out_of(hall) -> None:
    at = np.array([3.0, 0.6])
    costs = CostMap(hall, ROBOT, GOAL, [Circle(at, 0.6)])
    assert np.hypot(*(way_to(costs) - at).T).min() > 0.55
    assert not costs.is_open[costs.find_index(at)]


def test_a_gap_that_seems_too_narrow_is_taken_only_without_another_way(hall) -> None:
    fill(hall, (2.0, 2.1), (0.66, 1.5), 2.0)  # 36 cm remain
    assert way_to(CostMap(hall, ROBOT))[-1] == pytest.approx(GOAL, abs=0.25)
    fill(hall, (2.0, 2.1), (-1.5, -0.6), -2.0)  # and now there is another
    costs = CostMap(hall, ROBOT)
    way = way_to(costs)
    assert way[np.abs(way[:, 0] - 2.05).argmin(), 1] < -0.5


def test_known_floor_is_preferred_to_the_unknown(hall) -> None:
    costs = CostMap(hall, ROBOT)
    seen, unseen = costs.find_index(np.array([0.0, 0.0])), costs.find_index(np.array([-1.3, 0.0]))
    assert costs.cost[unseen] > costs.cost[seen] == 1.0


def test_the_best_way_weighs_cost_against_worth(hall) -> None:
    costs = CostMap(hall, ROBOT)
    near, far = np.array([1.0, 0.0]), np.array([4.0, 0.0])
    ends = (costs.measure_distance(near) < 0.1) | (costs.measure_distance(far) < 0.1)
    nearest = costs.find_best_way(ROBOT, ends, np.zeros(ends.shape))
    worthiest = costs.find_best_way(ROBOT, ends, 10.0 * costs.xy[..., 0])
    assert nearest is not None
    assert worthiest is not None
    assert nearest[-1][0] < 1.2
    assert worthiest[-1][0] > 3.8
    assert costs.find_best_way(ROBOT, np.zeros(ends.shape, bool), np.zeros(ends.shape)) is None


def test_it_aims_as_far_as_a_straight_line_costs_no_more(hall) -> None:
    costs = CostMap(hall, ROBOT)
    aim = costs.aim_along(ROBOT, way_to(costs))
    assert 0.5 < np.hypot(*aim) <= 2.1
    assert aim[1] > 0.2  # towards the opening, not through the wall
    line = np.linspace(0.0, 1.0, 30)[:, None] * aim
    assert costs.clearance_m[costs.find_index(line)].min() > 0.0


def test_what_was_never_seen_counts_as_blocked_where_it_matters(hall) -> None:
    costs = CostMap(hall, ROBOT)
    edge = np.array([-0.9, 0.0])
    assert costs.measure_blind_clearance(0.2)[costs.find_index(edge)] < costs.clearance_m[costs.find_index(edge)]


def test_with_nothing_known_the_way_is_straight() -> None:
    costs = CostMap(FloorMap(), ROBOT, GOAL)
    way = way_to(costs)
    assert np.abs(way[:, 1]).max() < 0.1


def test_what_can_be_reached_without_touching_anything(hall) -> None:
    fill(hall, (2.0, 2.2), (-1.5, 1.5), 2.0)  # from wall to wall
    fill(hall, (-1.1, -1.0), (-1.6, 1.6), 2.0)
    costs = CostMap(hall, ROBOT)
    reachable = costs.find_reachable(ROBOT)
    assert reachable[costs.find_index(np.array([1.0, 0.5]))]
    assert not reachable[costs.find_index(np.array([3.5, 0.0]))]
    fill(hall, (2.0, 2.2), (-0.6, 0.6), -2.0)
    costs = CostMap(hall, ROBOT)
    assert costs.find_reachable(ROBOT)[costs.find_index(np.array([3.5, 0.0]))]
