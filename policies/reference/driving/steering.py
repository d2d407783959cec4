"""Commands that follow a way, give way to movers, and stay beside one: as the expert does, on what was seen."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from policies.reference.driving.tracks import Track
from policies.scripted.expert import (
    CLEARANCE_COST,
    COMFORT_CLEARANCE_M,
    CRUISE_SHARE,
    DETOURS_RAD,
    FOLLOW_GAIN,
    LOOK_AHEAD_S,
    SLOW_CLEARANCE_M,
    SLOWEST_SHARE,
    SPEED_SHARES,
    STANDOFF_SHARE,
    TURN_GAIN,
)
from scenarios.robot import ACTION_SCALE, ROBOT_RADIUS_M

LEAST_TURN_SHARE = 0.35  # of the speed, while it turns to where it drives
FAR_ASIDE_RAD, ASIDE_SHARE = 1.2, 0.15  # it hardly drives towards what the camera can't see yet
SOON_S = np.linspace(0.1, 0.4, 4)  # when a command's clearance is looked at
LEAST_CLEARANCE_M, FOLLOWING_CLEARANCE_M, FREED_M = 0.02, 0.08, 0.02  # and how much wider a way out gets
WAYS, FOLLOWING_WAYS = 9, 11  # of ``DETOURS_RAD`` that are tried
BLOCKED_SHARE = 0.3  # of full speed, where no direction is free
MOVER_RADIUS_M = 0.26
ESCAPE_WAYS, ESCAPE_SHARE = slice(5, None), 0.6  # detours and share of full speed, to get out of a mover's way
TIGHT_M, TIGHT_COST, CONTACT_COST = 0.05, 3.0, 100.0  # of clearance within 1 s, and for each metre inside an obstacle
FOLLOWED_RADIUS_M = 1.0  # of the circle around a target that moves
PASSED_S = 0.3  # how far ahead it looks at others while it follows
TARGET_BERTH_M, MOVER_BERTH_M = 0.57, 0.56  # to the middle of others, while it follows

ClearanceAt = Callable[[np.ndarray], np.ndarray]
"""Returns the hull clearance (...), m, at points (..., 2)."""


def drive_to(
    aim: np.ndarray, pose: np.ndarray, clearance_at: ClearanceAt, movers: Sequence[Track], now_s: float
) -> np.ndarray:
    """Return the action (3,) that drives towards a point (2,), and turns to face it.

    Args:
        pose: (3,) of the robot.
        clearance_at: From what stands.
        movers: To give way to.
        now_s: The time.
    """
    x, y = (aim - pose[:2]).tolist()
    turn = math.remainder(math.atan2(y, x) - float(pose[2]), math.tau)
    here = float(clearance_at(pose[:2]))
    room = min(max(here / SLOW_CLEARANCE_M, 0.0), 1.0)
    speed = (SLOWEST_SHARE + (CRUISE_SHARE - SLOWEST_SHARE) * room) * max(LEAST_TURN_SHARE, math.cos(turn))
    if abs(turn) > FAR_ASIDE_RAD:
        speed = min(speed, ASIDE_SHARE)
    if movers:
        speed, heading = _give_way(pose, speed, turn, clearance_at, movers, now_s)
    else:
        speed, heading = _keep_clear(pose, speed, turn, clearance_at, here)
    return _make_action(speed, heading, turn)


def _keep_clear(
    pose: np.ndarray, speed: float, turn: float, clearance_at: ClearanceAt, here: float
) -> tuple[float, float]:
    """Return the speed and the nearest heading, rad in the body frame, that soon has clearance left."""
    headings = turn + DETOURS_RAD[:WAYS]
    points = pose[:2] + _directions(float(pose[2]) + headings)[:, None] * (speed * ACTION_SCALE * SOON_S)[:, None]
    room = clearance_at(points).min(axis=1)
    free = np.flatnonzero(room >= min(LEAST_CLEARANCE_M, here))
    if len(free):
        return speed, float(headings[free[0]])
    return min(speed, BLOCKED_SHARE), float(headings[int(room.argmax())])


def _give_way(
    pose: np.ndarray, speed: float, turn: float, clearance_at: ClearanceAt, movers: Sequence[Track], now_s: float
) -> tuple[float, float]:
    """Choose the best of a few speeds and headings, rad in the body frame, each held while the movers go on."""
    ways = [
        (pace * speed, turn + detour) for pace in SPEED_SHARES for detour in DETOURS_RAD if pace > 0.0 or detour == 0.0
    ]
    ways += [(max(speed, ESCAPE_SHARE), turn + detour) for detour in DETOURS_RAD[ESCAPE_WAYS]]
    speeds, headings = np.array(ways).T
    velocity = ACTION_SCALE * speeds[:, None] * _directions(float(pose[2]) + headings)  # (w, 2)
    places = pose[:2] + velocity[:, None] * LOOK_AHEAD_S[:, None]  # (w, s, 2)
    berth = np.full(places.shape[:2], np.inf)
    for mover in movers:
        ahead = mover.locate(now_s) + mover.velocity * LOOK_AHEAD_S[:, None]
        away = np.hypot(places[..., 0] - ahead[:, 0], places[..., 1] - ahead[:, 1])
        berth = np.minimum(berth, away - ROBOT_RADIUS_M - MOVER_RADIUS_M)
    lack = np.clip(COMFORT_CLEARANCE_M - berth, 0.0, None) / COMFORT_CLEARANCE_M
    soon = 1.0 / (1.0 + LOOK_AHEAD_S)
    room = clearance_at(places[:, : len(LOOK_AHEAD_S) // 2])  # (w, s / 2)
    towards = _directions(np.array([float(pose[2]) + turn]))[0]
    gain = velocity @ towards - CLEARANCE_COST * (lack**2 * soon).max(axis=1)
    gain -= TIGHT_COST * (room < TIGHT_M).any(axis=1) + CONTACT_COST * np.clip(-room[:, :2], 0.0, None).max(axis=1)
    return ways[int(gain.argmax())]


def follow_target(
    target: Track, pose: np.ndarray, clearance_at: ClearanceAt, others: Sequence[Track], now_s: float
) -> np.ndarray:
    """Return the action (3,) that stays beside a target and faces it, also while it moves.

    Args:
        pose: (3,) of the robot.
        clearance_at: From what stands, and from what was never seen.
        others: To stay away from.
        now_s: The time.
    """
    line = target.locate(now_s) - pose[:2]
    away = float(np.hypot(*line))
    off = away - STANDOFF_SHARE * FOLLOWED_RADIUS_M
    velocity = (target.velocity + FOLLOW_GAIN * off * line / max(away, 1e-6)) / ACTION_SCALE
    speed = min(CRUISE_SHARE, float(np.hypot(*velocity)))
    angles = math.atan2(velocity[1], velocity[0]) + DETOURS_RAD[:FOLLOWING_WAYS]
    points = pose[:2] + _directions(angles)[:, None] * (speed * ACTION_SCALE * SOON_S)[:, None]
    room = clearance_at(points).min(axis=1)
    for other in others:
        place = other.locate(now_s) + PASSED_S * other.velocity
        berth = TARGET_BERTH_M if other.stands else MOVER_BERTH_M
        room = np.minimum(room, np.hypot(points[..., 0] - place[0], points[..., 1] - place[1]).min(axis=1) - berth)
    free = np.flatnonzero(room >= min(FOLLOWING_CLEARANCE_M, float(clearance_at(pose[:2])) + FREED_M))
    angle = float(angles[free[0] if len(free) else int(room.argmax())])
    turn = math.remainder(math.atan2(line[1], line[0]) - float(pose[2]), math.tau)
    return _make_action(speed, angle - float(pose[2]), turn)


def turn_on_the_spot(way_round: float) -> np.ndarray:
    """Return the action (3,) that looks around: to the left, or to the right if ``way_round`` is negative."""
    return np.array([0.0, 0.0, way_round], np.float32)


def _directions(angles: np.ndarray) -> np.ndarray:
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1)


def _make_action(speed: float, heading: float, turn: float) -> np.ndarray:
    """Return the action (3,) of a speed, a heading in the body frame, and an angle to turn by."""
    action = np.array([speed * math.cos(heading), speed * math.sin(heading), TURN_GAIN * turn])
    return np.clip(action, -1.0, 1.0).astype(np.float32)
