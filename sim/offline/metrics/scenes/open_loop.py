"""The open-loop driving score: predictions rolled in the true scene, rated as a drive would be.

After NAVSIM (arXiv 2406.15349): NC (5 TTC + 5 EP + 2 C) / 12. A term that the demonstrator's own labels fail, rolled
alike, counts as fulfilled, as in its second version (arXiv 2506.04218).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.offline.metrics.episode import PredictedEpisode
from sim.offline.metrics.kinematics import roll_actions
from sim.offline.metrics.scenes.scene import EpisodeScene

HORIZON_S, SHORTEST_S, ANCHOR_EVERY_S = 4.0, 1.0, 1.0
LOOK_AHEAD_S = np.arange(0.2, 1.01, 0.2)  # at which a pose is continued with its velocity, for the time to collision
LEAST_PROGRESS_M = 0.1  # of the demonstrator; with less, progress isn't rated
COMFORT_STEP = 0.5  # of any axis from one action to the next
COLLISION_WEIGHT, PROGRESS_WEIGHT, COMFORT_WEIGHT = 5.0, 5.0, 2.0


class RolledActions(NamedTuple):
    """Actions rolled from a frame on."""

    frame: int
    """The frame at which they begin."""
    actions: np.ndarray  # (h, 3)
    poses: np.ndarray  # (h + 1, 3)
    period_s: float


class Terms(NamedTuple):
    """Which rules rolled actions keep, and how far they lead."""

    no_contact: bool
    no_near_contact: bool
    comfortable: bool
    progress_m: float


class RollScore(NamedTuple):
    """The score of a policy's rolled actions, given the demonstrator's from the same pose."""

    score: float
    """0 to 1; 0 with a contact."""
    contact: bool
    """Whether the policy's lead to a contact and the demonstrator's don't."""
    progress: float
    """The policy's progress over the demonstrator's, 0 to 1."""


def score_episode(episode: PredictedEpisode, scene: EpisodeScene) -> tuple[RollScore, ...]:
    """Score the predictions rolled from every second's frame; empty if the episode is too short."""
    return tuple(score_from(episode, scene, frame) for frame in list_anchors(episode))


def measure_open_loop_score(rolls: Sequence[RollScore]) -> float:
    """Compute the mean score of an episode's rolls; NaN without any."""
    return float(np.mean([roll.score for roll in rolls])) if rolls else math.nan


def measure_contacts(rolls: Sequence[RollScore]) -> float:
    """Compute the share of an episode's rolls with a contact; NaN without any."""
    return float(np.mean([roll.contact for roll in rolls])) if rolls else math.nan


def measure_rolled_progress(rolls: Sequence[RollScore]) -> float:
    """Compute the mean progress of an episode's rolls, over the demonstrator's; NaN without any."""
    return float(np.mean([roll.progress for roll in rolls])) if rolls else math.nan


def list_anchors(episode: PredictedEpisode) -> range:
    """List the frames from which predictions are rolled: one a second, as long as ``SHORTEST_S`` are left."""
    last = len(episode.labels) - episode.count_frames(SHORTEST_S)
    return range(0, last + 1, episode.count_frames(ANCHOR_EVERY_S))


def score_from(episode: PredictedEpisode, scene: EpisodeScene, frame: int) -> RollScore:
    """Score the predictions from a frame on, over ``HORIZON_S`` or until the episode ends."""
    steps = slice(frame, frame + episode.count_frames(HORIZON_S))
    period_s = 1.0 / episode.fps
    given, wanted = (
        roll_from(actions[steps], scene.poses[frame], frame, period_s)
        for actions in (episode.predictions, episode.labels)
    )
    return score_rolls(given, wanted, scene)


def roll_from(actions: np.ndarray, pose: np.ndarray, frame: int, period_s: float) -> RolledActions:
    """Roll actions (h, 3) from a pose at a frame."""
    return RolledActions(frame, actions, roll_actions(actions, pose, period_s), period_s)


def score_rolls(given: RolledActions, wanted: RolledActions, scene: EpisodeScene) -> RollScore:
    """Score a policy's rolled actions, given the demonstrator's from the same pose."""
    own, expert = rate_roll(given, scene), rate_roll(wanted, scene)
    contact, progress = expert.no_contact and not own.no_contact, 1.0
    if expert.progress_m >= LEAST_PROGRESS_M:
        progress = min(1.0, max(0.0, own.progress_m / expert.progress_m))
    kept = (
        COLLISION_WEIGHT * (own.no_near_contact or not expert.no_near_contact)
        + PROGRESS_WEIGHT * progress
        + COMFORT_WEIGHT * (own.comfortable or not expert.comfortable)
    )
    score = 0.0 if contact else kept / (COLLISION_WEIGHT + PROGRESS_WEIGHT + COMFORT_WEIGHT)
    return RollScore(score, contact, progress)


def rate_roll(rolled: RolledActions, scene: EpisodeScene) -> Terms:
    """Rate rolled actions in the true scene; movers don't react."""
    xy = rolled.poses[:, :2]
    frames = range(rolled.frame + 1, rolled.frame + len(xy))
    speed = np.diff(xy, axis=0) / rolled.period_s  # (h, 2) m/s
    ahead = xy[1:, None] + LOOK_AHEAD_S[:, None] * speed[:, None]  # (h, s, 2)
    return Terms(
        no_contact=bool((scene.measure_clearance(xy[1:], frames) > 0.0).all()),
        no_near_contact=bool((scene.measure_clearance(ahead, frames) > 0.0).all()),
        comfortable=bool((np.abs(np.diff(rolled.actions, axis=0)) <= COMFORT_STEP).all()),
        progress_m=scene.distance_to_goal(xy[0], rolled.frame) - scene.distance_to_goal(xy[-1], rolled.frame),
    )
