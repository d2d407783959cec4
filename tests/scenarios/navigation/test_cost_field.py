from __future__ import annotations

import math

import numpy as np
import pytest

from scenarios.lookup import get_scenario
from scenarios.navigation.clearance_grid import CELL_M
from scenarios.navigation.cost_field import INSIDE_COST, CostField, CostMaps


@pytest.fixture
def at_goal() -> np.ndarray:
    cells = np.zeros((30, 40), bool)
    cells[10:15, 20:26] = True
    return cells


def test_in_an_empty_plan_the_cost_is_the_length_of_a_path_in_eight_directions(at_goal: np.ndarray) -> None:
    field = CostField(np.ones(at_goal.shape), at_goal)
    for i, j in np.ndindex(at_goal.shape):
        across, along = max(10 - i, i - 14, 0), max(20 - j, j - 25, 0)
        steps = abs(across - along) + math.sqrt(2.0) * min(across, along)
        assert field.costs[i, j] == pytest.approx(CELL_M * steps)


def test_a_path_leads_from_the_goal_to_the_cell_in_steps_to_neighbours(at_goal: np.ndarray) -> None:
    field = CostField(np.random.default_rng(0).uniform(1.0, 9.0, at_goal.shape), at_goal)
    for cell in ((0, 0), (29, 39), (12, 22), (14, 26)):
        path = np.array(field.cells_from(cell))
        assert at_goal[tuple(path[0])]
        assert tuple(path[-1]) == cell
        assert (np.abs(np.diff(path, axis=0)).max(axis=1, initial=1) == 1).all()
        assert not at_goal[tuple(path[1:].T)].any()


def test_costs_of_a_world_are_high_where_no_path_leads_and_lowest_far_from_obstacles() -> None:
    world = get_scenario("lookalikes").world(7, 0)
    maps = CostMaps(world)
    assert (maps.shortest[maps.free] == 1.0).all()
    assert (maps.shortest[~maps.free] == INSIDE_COST).all()
    assert (maps.comfortable[maps.inside] == INSIDE_COST).all()
    assert maps.inside[~maps.free].all()
    assert (maps.inside & maps.free).any()  # the circles of the other targets
    assert maps.comfortable.min() == 1.0
