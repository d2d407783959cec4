"""Pseudo-simulation: rendered views from poses around the demonstrator's, labelled by the expert.

After "Pseudo-Simulation for Autonomous Driving" (arXiv 2506.04218). Stage 1 rolls the policy's predictions on recorded
frames; stage 2 asks it about views from poses around the one that the demonstrator reached 2 s later. The nearer a pose
is to where the policy's own roll led, the more it weighs.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.offline.metrics.episode import PredictedEpisode
from sim.offline.metrics.scenes.open_loop import roll_from, score_from, score_rolls
from sim.offline.metrics.scenes.scene import EpisodeScene

LATER_S = 2.0  # from an anchor frame to the views
HELD_S = 1.0  # for which the answer to a view is held
NEARNESS_M = 0.5  # standard deviation of the weights


class OffsetViews(NamedTuple):
    """Views from k poses around those of an episode's demonstrator."""

    anchors: np.ndarray  # (k,) the frame that each view's stage 1 begins at
    frames: np.ndarray  # (k,) the frame at which the view is taken
    poses: np.ndarray  # (k, 3) x m, y m, yaw rad
    labels: np.ndarray  # (k, 3) the expert's action in each pose
    predictions: np.ndarray  # (k, 3) the policy's


def measure_offset_error(views: OffsetViews) -> float:
    """Compute the mean absolute error over all views: how well the policy finds back; NaN without any."""
    return float(np.abs(views.predictions - views.labels).mean()) if len(views.labels) else math.nan


def measure_led_error(episode: PredictedEpisode, scene: EpisodeScene, views: OffsetViews) -> float:
    """Compute the mean absolute error over views, weighted by where the policy's own predictions lead."""
    errors = np.abs(views.predictions - views.labels).mean(axis=1)
    by_anchor = [float(weigh_views(episode, scene, views, chosen) @ errors[chosen]) for chosen in _groups(views)]
    return float(np.mean(by_anchor)) if by_anchor else math.nan


def measure_pseudo_simulation(episode: PredictedEpisode, scene: EpisodeScene, views: OffsetViews) -> float:
    """Compute the mean over anchors of the open-loop score there times the weighted score of the views after it."""
    scores = []
    for chosen in _groups(views):
        second = np.array([_score_view(scene, views, view, 1.0 / episode.fps) for view in chosen.tolist()])
        first = score_from(episode, scene, int(views.anchors[chosen[0]])).score
        scores.append(first * float(weigh_views(episode, scene, views, chosen) @ second))
    return float(np.mean(scores)) if scores else math.nan


def weigh_views(episode: PredictedEpisode, scene: EpisodeScene, views: OffsetViews, chosen: np.ndarray) -> np.ndarray:
    """Weigh the views of one anchor: exp(-d² / 2σ²) of the distance d to the end of the policy's roll; sum 1.

    Args:
        episode: The policy's predictions.
        scene: The scene.
        views: All views of the episode.
        chosen: (c,) numbers of the anchor's views.
    """
    frame = int(views.anchors[chosen[0]])
    steps = slice(frame, frame + episode.count_frames(LATER_S))
    end = roll_from(episode.predictions[steps], scene.poses[frame], frame, 1.0 / episode.fps).poses[-1]
    squares = np.square(views.poses[chosen, :2] - end[:2]).sum(axis=1)
    weights = np.exp(-(squares - squares.min()) / (2.0 * NEARNESS_M**2))
    found: np.ndarray = weights / weights.sum()
    return found


def _groups(views: OffsetViews) -> list[np.ndarray]:
    """The numbers of each anchor's views."""
    return [np.flatnonzero(views.anchors == anchor) for anchor in np.unique(views.anchors)]


def _score_view(scene: EpisodeScene, views: OffsetViews, view: int, period_s: float) -> float:
    """Score the answer to a view, held for ``HELD_S``, against the expert's held alike."""
    steps = max(1, round(HELD_S / period_s))
    frame = int(views.frames[view])
    given, wanted = (
        roll_from(np.tile(actions[view], (steps, 1)), views.poses[view], frame, period_s)
        for actions in (views.predictions, views.labels)
    )
    return score_rolls(given, wanted, scene).score
