"""Laws of the true scene of a recorded episode."""

from __future__ import annotations

import numpy as np
import pytest
from driven_scenes import make_scene

from sim.offline.metrics.scenes.scene import EpisodeScene


def test_the_demonstrator_stays_clear_and_comes_nearer():
    scene, _ = make_scene()
    assert (scene.measure_clearance(scene.poses[:, :2], range(30)) > 0.0).all()
    away = scene.states[:, 3]
    assert away[0] == pytest.approx(scene.planner.distance_to_goal(scene.poses[0, :2]))
    assert (np.diff(away) <= 0.051).all()
    assert away[-1] < away[0] - 1.0


def test_clearance_is_zero_at_contact_by_hand():
    scene, _ = make_scene()
    (wall,) = [item for item in scene.world.items if item.role == "wall"][:1]
    inside = np.array([[wall.pose.x, wall.pose.y]])
    assert scene.measure_clearance(inside, [0])[0] < 0.0


def test_a_mover_is_an_obstacle_where_it_is_at_that_frame():
    scene, _ = make_scene("crossing")
    mover = scene.world.movers[0]
    place = mover.route.pose_at(scene.progress[20, 0])
    there = np.array([[place.x, place.y]])
    assert scene.measure_clearance(there, [20])[0] < 0.0
    without = EpisodeScene(scene.world, scene.poses, scene.progress + 0.5 * mover.route.lap_m, scene.fps)
    assert without.measure_clearance(there, [20])[0] > scene.measure_clearance(there, [20])[0]


def test_beyond_the_last_frame_movers_stay():
    scene, _ = make_scene("crossing")
    assert scene.progress_at(1000) == scene.progress_at(29)
