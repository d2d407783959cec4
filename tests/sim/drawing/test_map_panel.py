"""Laws of the map that is drawn again only where something has moved."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envs.simulation.lockstep import Lockstep
from envs.simulation.views import Occupied
from scenarios.lookup import get_scenario
from scenarios.world import Light
from sim.drawing.map_overlay import MapOverlay
from sim.drawing.map_panel import MapPanel, bounding_points, merge_overlapping
from sim.drawing.style import Rect

PANEL = Rect(0, 0, 300, 160)
NOWHERE = np.zeros((0, 2))
PARTS = st.builds(Rect, *[st.integers(0, 60)] * 2, *[st.integers(1, 30)] * 2)


@pytest.fixture(scope="module")
def lockstep():
    lockstep = Lockstep(1)
    yield lockstep
    lockstep.close()


def overlay_of(world, path):
    goal = world.task.goal
    return MapOverlay(
        driven=np.array(path), reference=NOWHERE, goal=((goal.pose.x, goal.pose.y), 0.5), others=(), trail=NOWHERE
    )


@pytest.mark.parametrize("family", ["corridor", "crossing"])
def test_a_map_that_follows_what_moves_looks_like_one_drawn_anew(lockstep, family):
    world = get_scenario(family).world(7, 0)
    lockstep.reset([world])
    simulation = lockstep.simulations[0]
    following = MapPanel(simulation, lockstep.renderer, world, PANEL)
    still = simulation.snapshot()
    first = following.draw(overlay_of(world, NOWHERE)).copy()
    path = [(still[0], still[1])]
    for step in range(1, 7):
        moved = still.copy()
        moved[:3] += (0.15 * step, 0.05 * step, 0.2 * step)
        moved[6:].reshape(-1, 7)[:, 0] += 0.1 * step  # everything that can be pushed, or moves by itself
        simulation.restore_snapshot(moved)
        path.append((moved[0], moved[1]))
        picture = following.draw(overlay_of(world, path))
    anew = MapPanel(simulation, lockstep.renderer, world, PANEL).draw(overlay_of(world, path))
    differences = np.abs(picture.astype(int) - anew).max(axis=2)
    assert (np.abs(first.astype(int) - anew).max(axis=2) > 24).sum() > 200
    assert (differences > 24).sum() <= 0.02 * (np.abs(first.astype(int) - anew).max(axis=2) > 24).sum()


def test_the_circle_of_a_wrong_target_that_moves_leaves_nothing_behind(lockstep):
    world = get_scenario("corridor").world(7, 0)
    lockstep.reset([world])
    start = world.start
    at = [replace(overlay_of(world, NOWHERE), others=(((start.x + x, start.y), 0.4),)) for x in (0.6, 1.2)]
    following = MapPanel(lockstep.simulations[0], lockstep.renderer, world, PANEL)
    first = following.draw(at[0]).copy()
    second = following.draw(at[1])
    anew = MapPanel(lockstep.simulations[0], lockstep.renderer, world, PANEL).draw(at[1])
    assert (np.abs(first.astype(int) - anew).max(axis=2) > 24).sum() > 50
    assert (np.abs(second.astype(int) - anew).max(axis=2) > 24).sum() <= 2


def test_where_nothing_moves_nothing_is_rendered(lockstep):
    world = get_scenario("corridor").world(7, 0)
    lockstep.reset([world])

    class Counting:
        shots = 0

        def render(self, shots):
            self.shots += len(shots)
            return lockstep.renderer.render(shots)

    renderer = Counting()
    panel = MapPanel(lockstep.simulations[0], renderer, world, PANEL)
    one = panel.draw(overlay_of(world, NOWHERE)).copy()
    assert np.array_equal(panel.draw(overlay_of(world, NOWHERE)), one)
    assert renderer.shots == 1


def test_a_part_that_reaches_beyond_the_map_is_cut_off(lockstep):
    world = get_scenario("corridor").world(7, 0)
    lockstep.reset([world])
    simulation = lockstep.simulations[0]
    panel = MapPanel(simulation, lockstep.renderer, world, PANEL)
    panel.draw(overlay_of(world, NOWHERE))
    for x in (-40.0, world.bounds_m.x_min, world.bounds_m.x_max, 40.0):
        moved = simulation.snapshot()
        moved[0] = x
        simulation.restore_snapshot(moved)
        assert panel.draw(overlay_of(world, NOWHERE)).shape == (PANEL.height, PANEL.width, 3)


@given(st.lists(PARTS, max_size=8))
def test_merged_parts_cover_all_parts_and_do_not_overlap(parts):
    counts, wanted = np.zeros((100, 100), int), np.zeros((100, 100), bool)
    for part in merge_overlapping(parts):
        counts[part.y : part.y + part.height, part.x : part.x + part.width] += 1
    for part in parts:
        wanted[part.y : part.y + part.height, part.x : part.x + part.width] = True
    assert (counts <= 1).all()
    assert (counts[wanted] == 1).all()


def test_the_corners_contain_the_shadow_of_the_top():
    place = Occupied(1.0, 2.0, 0.5, 2.0)
    low, high = (
        bounding_points(place, Light((0.5, -1.0, 1.0))).min(axis=1),
        bounding_points(place, Light((0.5, -1.0, 1.0))).max(axis=1),
    )
    assert low.tolist() == [-0.5, 1.5, 0.0]  # the shadow falls away from the light, by the height at 45 degrees
    assert high.tolist() == [1.5, 4.5, 2.0]
