"""Critical intervals: the frames in which a mistake matters, told from the true scene instead of by people."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from scenarios.world import Target, World
from sim.metrics.visibility import is_goal_visible
from sim.offline.metrics.episode import PredictedEpisode
from sim.offline.metrics.scenes.scene import EpisodeScene

NEAR_M = 0.35  # clearance
BEND_RAD = math.radians(25.0)  # bearing of the point of the path to head for
TARGET_M = 1.5
CHANGE_S = 0.5  # on each side of a change of the turn's sign
TURNING_WZ = 0.1


def count_rules(episode: PredictedEpisode, scene: EpisodeScene) -> np.ndarray:
    """Count the rules by which each frame (t,) is critical: near, bend, target, choice, change of turn."""
    found = (
        select_near(scene),
        select_bends(scene),
        select_near_targets(scene),
        select_choices(scene),
        select_changes(episode),
    )
    return np.sum(found, axis=0)


def select_near(scene: EpisodeScene) -> np.ndarray:
    """Select the frames with less than ``NEAR_M`` of clearance."""
    mask: np.ndarray = scene.measure_clearance(scene.poses[:, :2], range(len(scene.poses))) < NEAR_M
    return mask


def select_bends(scene: EpisodeScene) -> np.ndarray:
    """Select the frames in which the path leads off by more than ``BEND_RAD`` from where the robot looks."""
    bearings = []
    for frame, (x, y, yaw) in enumerate(scene.poses.tolist()):
        aim = scene.planner.at_progress(scene.progress_at(frame)).aim_from(np.array([x, y]))
        bearings.append(math.remainder(math.atan2(aim[1] - y, aim[0] - x) - yaw, math.tau))
    return np.abs(np.array(bearings)) > BEND_RAD


def select_near_targets(scene: EpisodeScene) -> np.ndarray:
    """Select the frames within ``TARGET_M`` of any target, right or wrong."""
    away = [np.linalg.norm(_locate(scene, target) - scene.poses[:, :2], axis=1) for target in _targets(scene.world)]
    return np.asarray(np.min(away, axis=0) < TARGET_M)


def select_choices(scene: EpisodeScene) -> np.ndarray:
    """Select the frames in which the goal and another target are in view."""
    seen = [
        is_goal_visible(_ask_for(scene.world, target), scene.poses, scene.progress) for target in _targets(scene.world)
    ]
    return np.asarray(seen[0] & np.any(seen[1:], axis=0)) if len(seen) > 1 else np.zeros(len(scene.poses), bool)


def select_changes(episode: PredictedEpisode) -> np.ndarray:
    """Select the frames within ``CHANGE_S`` of one at which the demonstrator's turn changes its direction."""
    side = np.where(np.abs(episode.label("wz")) > TURNING_WZ, np.sign(episode.label("wz")), 0.0)
    turning = np.flatnonzero(side)
    changes = turning[1:][side[turning[1:]] != side[turning[:-1]]]
    away = np.abs(np.arange(len(side))[:, None] - changes[None])  # (t, c)
    return np.asarray((away <= episode.count_frames(CHANGE_S)).any(axis=1))


def measure_critical_mse(episode: PredictedEpisode, critical: np.ndarray) -> float:
    """Compute the mean squared error over the critical frames (t,) bool; NaN if there are none."""
    return float(np.square(episode.errors[critical]).mean()) if critical.any() else math.nan


def _targets(world: World) -> tuple[Target, ...]:
    return world.task.goal, *world.task.others, *world.task.decoys


def _ask_for(world: World, target: Target) -> World:
    """The world with a task to reach this target."""
    return replace(world, task=replace(world.task, goal=target))


def _locate(scene: EpisodeScene, target: Target) -> np.ndarray:
    """The positions (t, 2) of a target, which may move."""
    asked = _ask_for(scene.world, target)
    return np.array([asked.goal_at(along).xy for along in scene.progress.tolist()])
