"""Failure kinds of episodes: the status that ended an episode, refined by rules on its trace.

Four statuses are precise and stay as they are: ``collision`` (``touched`` names the object that was hit),
``wrong-target``, ``wrong-side`` and ``policy-fault``. The other two only say that the goal was not reached, ``timeout``
after ``Task.time_limit_s`` and ``stuck`` after ``Task.stuck_after_s`` within ``Task.stuck_radius_m``, and are refined.
Only the end of the episode counts, that is, its last 8 s:

``oscillating``
    The robot moved to and fro. It turned back at least four times, two full to-and-fros, by at least 0.10 m along the
    main direction of its motion or by at least 15 degrees of yaw, and made no progress: it ended within 0.5 m of where
    the 8 s began, or no farther from there than a third of the distance that it drove. Driving in circles is not
    driving to and fro: the motion across its main direction must be at most half as wide.
``lost``
    The robot moved without seeing its goal. ``sim.metrics.visibility`` computes when the goal was visible. A timeout is
    ``lost`` if the goal was not visible for more than 60 % of the 8 s or of the whole episode, unless the path to it
    became shorter by at least 0.5 m within the 8 s (a robot that drives round a corner is not lost; this exception
    doesn't apply to a goal that moves, which may come nearer by itself). A stuck robot is ``lost`` if it looked around,
    turning by at least half a turn in all, with the goal not visible for more than 60 % of that time, as when a robot
    spins on the spot with a field of view of 90 degrees; one that stands and looks away is ``stuck``.

If both rules apply, the kind is ``oscillating``. The rules and numbers are ours; 8 s is the time after which a task
calls a robot stuck, in which it could have driven 9 m.
"""

from __future__ import annotations

import math

import numpy as np

from scenarios.robot import CONTROL_PERIOD_S
from scenarios.world import World
from sim.metrics.visibility import is_goal_visible
from sim.rollout.episode import POLICY_FAULT, Outcome
from sim.rollout.trace import EpisodeTrace

FAILURES = (
    *("collision", "wrong-target", "wrong-side", "timeout", "stuck", "oscillating", "lost"),
    POLICY_FAULT,
)

WINDOW_S = 8.0
MIN_REVERSALS = 4
SWING_M, SWING_RAD = 0.10, math.radians(15.0)
ROUND_MOTION_RATIO = 0.5  # from this ratio of widths on, motion is round rather than to and fro
NO_PROGRESS_M, NO_PROGRESS_SHARE = 0.5, 1.0 / 3.0
UNSEEN_SHARE = 0.6
LOOK_AROUND_RAD = math.pi


def classify_failure(trace: EpisodeTrace, world: World, outcome: Outcome) -> str | None:
    """Return the failure kind of an episode, one of ``FAILURES``; None if it succeeded."""
    if outcome.status == "success":
        return None
    if outcome.status not in ("timeout", "stuck"):
        return outcome.status
    window_s = WINDOW_S if outcome.status == "timeout" else min(WINDOW_S, world.task.stuck_after_s)
    first = max(0, trace.steps - round(window_s / CONTROL_PERIOD_S))
    if is_oscillating(trace.poses[first:]):
        return "oscillating"
    seen = is_goal_visible(world, trace.poses, trace.progress)
    if outcome.status == "timeout":
        arriving = world.goal_mover is None and trace.to_goal_m[first] - trace.to_goal_m[-1] >= NO_PROGRESS_M
        unseen = max(_share(~seen[first:]), _share(~seen))
        return "lost" if unseen > UNSEEN_SHARE and not arriving else "timeout"
    turned = float(np.abs(np.diff(np.unwrap(trace.poses[first:, 2]))).sum())
    return "lost" if turned >= LOOK_AROUND_RAD and _share(~seen[first:]) > UNSEEN_SHARE else "stuck"


def find_collided_item(trace: EpisodeTrace, world: World) -> str | None:
    """Return the label of the item that the robot hit; None if it hit nothing."""
    return None if trace.touched is None else world.item(trace.touched).label


def is_oscillating(poses: np.ndarray) -> bool:
    """Return whether poses (k, 3) x m, y m, yaw rad go to and fro, or turn left and right, without progress."""
    xy, yaw = poses[:, :2], np.unwrap(poses[:, 2])
    driven = float(np.linalg.norm(np.diff(xy, axis=0), axis=1).sum())
    if math.dist(xy[0], xy[-1]) > max(NO_PROGRESS_M, NO_PROGRESS_SHARE * driven):
        return False
    if count_reversals(yaw, SWING_RAD) >= MIN_REVERSALS:
        return True
    offset = xy - xy.mean(axis=0)
    spread, axes = np.linalg.eigh(offset.T @ offset)  # squares of the widths, ascending
    to_and_fro = spread[0] <= ROUND_MOTION_RATIO**2 * spread[1]
    return bool(to_and_fro and count_reversals(offset @ axes[:, 1], SWING_M) >= MIN_REVERSALS)


def count_reversals(signal: np.ndarray, swing: float) -> int:
    """Count the reversals of a signal (k,), only those between swings of at least ``swing`` each."""
    turns, direction = 0, 0
    low = high = float(signal[0])  # of the present swing
    for value in signal.tolist():
        low, high = min(low, value), max(high, value)
        if direction >= 0 and high - value >= swing:
            turns, direction, low = turns + (direction > 0), -1, value
        elif direction <= 0 and value - low >= swing:
            turns, direction, high = turns + (direction < 0), 1, value
    return turns


def _share(flags: np.ndarray) -> float:
    return float(np.mean(flags))
