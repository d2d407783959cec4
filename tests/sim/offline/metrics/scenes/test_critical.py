"""Laws of critical intervals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from driven_scenes import make_scene

from sim.offline.metrics.episode import PredictedEpisode
from sim.offline.metrics.scenes import critical
from sim.offline.metrics.scenes.scene import EpisodeScene


def turning(*wz, fps=10.0):
    labels = np.array([[0.5, 0.0, each] for each in wz])
    return PredictedEpisode(labels, labels + 0.1, fps)


def test_frames_beside_a_change_of_turn_are_critical_by_hand():
    wz = [0.5] * 10 + [0.09] * 3 + [-0.5] * 10  # at 2 frames a second: half a second is one frame
    mask = critical.select_changes(turning(*wz, fps=2.0))
    assert np.flatnonzero(mask).tolist() == [12, 13, 14]
    assert not critical.select_changes(turning(0.5, 0.0, 0.5)).any()


def test_near_bends_and_targets_are_told_from_the_scene():
    scene, _ = make_scene()
    clearance = scene.measure_clearance(scene.poses[:, :2], range(30))
    assert (critical.select_near(scene) == (clearance < 0.35)).all()
    ahead = critical.select_bends(scene)
    turned = EpisodeScene(scene.world, np.add(scene.poses, [0, 0, math.pi / 2]), scene.progress, scene.fps)
    assert critical.select_bends(turned).all()
    assert not ahead.all()
    x, y = scene.world.task.goal.pose.xy
    places = np.array([[x - 1.4, y, 0.0], [-50.0, 0.0, 0.0], *scene.poses[::10]])
    beside = EpisodeScene(scene.world, places, scene.progress[: len(places)], scene.fps)
    targets = [scene.world.task.goal, *scene.world.task.others]
    nearest = [min(math.dist(place[:2], target.pose.xy) for target in targets) for place in places.tolist()]
    assert critical.select_near_targets(beside).tolist() == [away < 1.5 for away in nearest]
    assert critical.select_near_targets(beside).tolist()[:2] == [True, False]


def test_a_choice_needs_the_goal_and_another_target_in_view():
    scene, _ = make_scene("lookalikes", frames=1)
    away = EpisodeScene(scene.world, np.add(scene.poses, [0, 0, math.pi]), scene.progress, scene.fps)
    assert critical.select_choices(scene).tolist() == [True]
    assert critical.select_choices(away).tolist() == [False]
    alone, _ = make_scene("corridor", frames=1)
    if not (alone.world.task.others or alone.world.task.decoys):
        assert not critical.select_choices(alone).any()


def test_only_critical_frames_count_by_hand():
    episode = PredictedEpisode(np.zeros((3, 3)), np.array([[0.3, 0, 0], [0.6, 0.6, 0.6], [9, 9, 9]]), 10.0)
    found = critical.measure_critical_mse(episode, np.array([True, True, False]))
    assert found == pytest.approx((0.09 + 3 * 0.36) / 6)
    assert math.isnan(critical.measure_critical_mse(episode, np.zeros(3, bool)))


def test_every_rule_counts_once():
    scene, actions = make_scene("doorway", frames=60)
    episode = PredictedEpisode(actions, actions, 10.0)
    of_scene = (critical.select_near, critical.select_bends, critical.select_near_targets, critical.select_choices)
    by_hand = sum(select(scene).astype(int) for select in of_scene) + critical.select_changes(episode)
    assert critical.count_rules(episode, scene).tolist() == by_hand.tolist()
    assert by_hand.max() > 1
