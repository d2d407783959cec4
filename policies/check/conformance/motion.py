"""What recorded motion says about rates, units and axes: actions, velocities and odometry of one robot must agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from policies.check.findings import MATCH, MISMATCH, UNDECLARED, Conformity
from policies.dataset.demonstration import DemonstrationSignals
from scenarios.robot import ACTION_SCALE, AXIS_NAMES

TOLERANCE = 0.08  # of a slope
LEAST_SPREAD = 0.02  # standard deviation below which an axis hardly moves, m/s and rad/s
LEAST_CORRELATION = 0.8  # below which one value doesn't explain the other
LEAST_FRAMES = 20
ITEMS = ("frame rate", "unit of actions", "axes of actions", "unit of the state")


@dataclass(frozen=True)
class Motion:
    """Motion from each frame of some episodes to the next.

    Attributes:
        actions: (m, 3) the executed actions.
        velocities: (m, 3) the velocities of the state in the next frame.
        moved: (m, 3) what the odometry moved in the body frame, per second of the declared rate: m/s and rad/s.
    """

    actions: np.ndarray
    velocities: np.ndarray
    moved: np.ndarray


def collect_motion(episodes: Sequence[DemonstrationSignals], fps: float) -> Motion:
    """Collect the motion of episodes at a declared frame rate."""
    actions = [episode.executed[:-1].astype(np.float64) for episode in episodes]
    velocities = [episode.agent_pos[1:, :3].astype(np.float64) for episode in episodes]
    moved = [_differentiate(episode.agent_pos[:, 3:].astype(np.float64)) * fps for episode in episodes]
    return Motion(*(np.concatenate(parts) for parts in (actions, velocities, moved)))


def _differentiate(poses: np.ndarray) -> np.ndarray:
    """Return the motion (t - 1, 3) between poses (t, 3) in the body frame half-way between them."""
    step = np.diff(poses, axis=0)
    turn = np.arctan2(np.sin(step[:, 2]), np.cos(step[:, 2]))
    yaw = poses[:-1, 2] + turn / 2.0
    ahead = np.cos(yaw) * step[:, 0] + np.sin(yaw) * step[:, 1]
    left = -np.sin(yaw) * step[:, 0] + np.cos(yaw) * step[:, 1]
    return np.stack([ahead, left, turn], axis=1)


def judge_motion(motion: Motion, fps: float) -> list[Conformity]:
    """Compare the motion with what the rate, the unit of actions and that of the state should make of it.

    Each of the three may be wrong: of the slopes of moved over velocities, of velocities over actions and of moved over
    actions, a wrong one changes two.
    """
    if len(motion.actions) < LEAST_FRAMES:
        return leave_motion_open(f"only {len(motion.actions)} frames")
    axes = find_axes(motion)
    actions = motion.actions if axes is None else _put_in_order(motion.actions, axes)
    by_velocity = measure_slope(motion.velocities, motion.moved)  # 1 if rate and state agree
    of_velocity = measure_slope(actions, motion.velocities)  # full speed if state and actions agree
    by_action = measure_slope(actions, motion.moved)  # full speed if rate and actions agree
    state_wrong = not _is_near(by_velocity, 1.0) and _is_near(by_action, ACTION_SCALE)
    return [
        _judge_rate(1.0 if state_wrong else by_velocity, fps),
        _judge_action_unit(by_action if state_wrong else of_velocity),
        _judge_axes(axes),
        _judge_state_unit(by_velocity, state_wrong),
    ]


def leave_motion_open(reason: str) -> list[Conformity]:
    """Return the items of motion where nothing can be told."""
    return [Conformity(item, "-", "", UNDECLARED, reason) for item in ITEMS]


def find_axes(motion: Motion) -> tuple[tuple[int, int], ...] | None:
    """Find the axis that each column of the actions moves, and its sign; None where actions don't explain the motion.

    A column that hardly changes counts as what it should be.
    """
    moves, asks = motion.moved.std(axis=0) > LEAST_SPREAD, motion.actions.std(axis=0) > LEAST_SPREAD
    if not moves.any() or not asks.any():
        return None
    found = []
    for column in range(3):
        if not asks[column]:
            found.append((column, 1))
            continue
        along = [
            _correlate(motion.actions[:, column], motion.moved[:, axis]) if moves[axis] else 0.0 for axis in range(3)
        ]
        axis = int(np.argmax(np.abs(along)))
        if abs(along[axis]) < LEAST_CORRELATION:
            return None
        found.append((axis, -1 if along[axis] < 0.0 else 1))
    return tuple(found)


def _put_in_order(actions: np.ndarray, axes: Sequence[tuple[int, int]]) -> np.ndarray:
    ordered = np.zeros_like(actions)
    for column, (axis, sign) in enumerate(axes):
        ordered[:, axis] = sign * actions[:, column]
    return ordered


def measure_slope(x: np.ndarray, y: np.ndarray) -> float | None:
    """Return the common slope through the origin of y (m, 3) over x (m, 3), or None if x doesn't explain y."""
    moving = x.std(axis=0) > LEAST_SPREAD
    a, b = x[:, moving].ravel(), y[:, moving].ravel()
    size = float(np.sqrt(np.sum(a * a) * np.sum(b * b)))
    if size == 0.0 or np.sum(a * b) / size < LEAST_CORRELATION:
        return None
    return float(np.sum(a * b) / np.sum(a * a))


def _judge_rate(factor: float | None, fps: float) -> Conformity:
    if factor is None:
        return Conformity(ITEMS[0], "-", f"{fps:g} Hz", UNDECLARED, "velocities don't explain the odometry")
    true_fps = fps / factor
    verdict = MATCH if _is_near(factor, 1.0) else MISMATCH
    evidence = f"odometry moves {factor:.2f} times as fast as the velocities say at the declared rate"
    return Conformity(ITEMS[0], f"{true_fps:.3g} Hz by its motion", f"{fps:g} Hz", verdict, evidence)


def _judge_action_unit(slope: float | None) -> Conformity:
    live = f"1 is {ACTION_SCALE:g} m/s, rad/s"
    if slope is None:
        return Conformity(ITEMS[1], live, "", UNDECLARED, "actions don't explain the motion")
    said = f"1 is {slope:.3g} m/s, rad/s" + (": metres per second" if _is_near(slope, 1.0, 0.05) else "")
    verdict = MATCH if _is_near(slope, ACTION_SCALE, 0.05) else MISMATCH
    return Conformity(ITEMS[1], live, said, verdict, "by the motion that follows each action")


def _judge_axes(axes: Sequence[tuple[int, int]] | None) -> Conformity:
    live = ", ".join(AXIS_NAMES)
    if axes is None:
        return Conformity(ITEMS[2], live, "", UNDECLARED, "actions don't explain the motion")
    said = ", ".join(f"{'-' if sign < 0 else ''}{AXIS_NAMES[axis]}" for axis, sign in axes)
    return Conformity(
        ITEMS[2], live, said, MATCH if said == live else MISMATCH, "by the motion that follows each action"
    )


def _judge_state_unit(slope: float | None, is_wrong: bool) -> Conformity:
    live = "m/s, rad/s; m, rad"
    if slope is None:
        return Conformity(ITEMS[3], live, "", UNDECLARED, "velocities don't explain the odometry")
    if not is_wrong:
        return Conformity(ITEMS[3], live, live, MATCH, "velocities and odometry agree")
    evidence = f"odometry moves {slope:.2f} times as far as the velocities say, and as far as the actions say"
    return Conformity(ITEMS[3], live, f"1 is {slope:.3g} m/s, rad/s", MISMATCH, evidence)


def _correlate(x: np.ndarray, y: np.ndarray) -> float:
    return float(np.corrcoef(x, y)[0, 1])


def _is_near(value: float | None, wanted: float, tolerance: float = TOLERANCE) -> bool:
    return value is not None and abs(value / wanted - 1.0) <= tolerance
