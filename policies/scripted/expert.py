"""The expert: a privileged policy that sees the true map. It labels demonstrations and is the upper bound."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from policies.policy import ObservationBatch, PolicySpec
from scenarios.geometry import dot
from scenarios.navigation.planner import Planner
from scenarios.robot import ACTION_SCALE
from scenarios.world import World

TURN_GAIN = 1.8  # rad/s per rad of heading error, before scaling
SLOW_CLEARANCE_M = 0.30  # below this hull clearance it slows down, to SLOWEST at contact
CRUISE_SHARE, SLOWEST_SHARE = 0.95, 0.40  # share of full speed

# Near movers, it predicts their positions along their routes and chooses the best of a few velocities.
LOOK_AHEAD_S = np.arange(0.2, 2.01, 0.2)
DETOURS_RAD = np.radians((0.0, 25.0, -25.0, 50.0, -50.0, 80.0, -80.0, 115.0, -115.0, 150.0, -150.0, 180.0))
SPEED_SHARES = (1.0, 0.5, 0.0)  # of its speed without movers
COMFORT_CLEARANCE_M, MIN_CLEARANCE_M = (
    0.45,
    0.08,
)  # hull clearance that it prefers from movers, and needs from static obstacles
CLEARANCE_COST = 6.0

# A goal that must be held is followed at a distance: with the goal's velocity, corrected towards the standoff.
STANDOFF_SHARE, FOLLOW_SHARE = (
    0.78,
    1.4,
)  # of the goal's radius: the standoff, and the distance at which it starts to follow
FOLLOW_GAIN = 1.6  # m/s per metre off the standoff
HEADING_PROBE_S = 0.1  # along the goal's route, to find its velocity
CLEARANCE_HORIZON_S = 0.4  # how far ahead it checks for clearance when it gives way


def compute_expert_action(planner: Planner, pose: np.ndarray, progress: Sequence[float] = ()) -> np.ndarray:
    """Compute the expert's action: drive towards a point ahead on the least-cost path, and turn to face it.

    Args:
        planner: The planner of the robot's world.
        pose: (3,) x, y (m), yaw (rad) in the world's frame.
        progress: Metres along the route of each of the world's movers.

    Returns:
        (3,) float32 body-frame action in [-1, 1].
    """
    planner = planner.at_progress(progress)
    xy, yaw = pose[:2], float(pose[2])
    aim = planner.aim_from(xy) - xy
    turn = math.remainder(math.atan2(aim[1], aim[0]) - yaw, math.tau)
    room = float(np.clip(planner.clearance(xy) / SLOW_CLEARANCE_M, 0.0, 1.0))
    # The camera doesn't see sideways: slow down until it has turned.
    speed = (SLOWEST_SHARE + (CRUISE_SHARE - SLOWEST_SHARE) * room) * max(0.35, math.cos(turn))
    heading = turn
    if planner.world.task.must_stay:
        place, going = _locate_goal(planner.world, progress)
        if math.dist(xy, place) < FOLLOW_SHARE * planner.world.task.goal.radius_m:
            return _follow_goal(planner, pose, place, going)
    if planner.movers:
        speed, heading = _avoid_movers(planner, xy, yaw, progress, speed, turn)
    action = np.array([speed * math.cos(heading), speed * math.sin(heading), TURN_GAIN * turn])
    return np.clip(action, -1.0, 1.0).astype(np.float32)


def _locate_goal(world: World, progress: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Return the goal's position (2,), m, and velocity (2,), m/s."""
    place = np.array(world.goal_at(progress).xy)
    if world.goal_mover is None or world.goal_index is None:
        return place, np.zeros(2)
    route = world.goal_mover.route
    soon = route.pose_at(route.advance(progress[world.goal_index], HEADING_PROBE_S))
    return place, (np.array(soon.xy) - place) / HEADING_PROBE_S


def _follow_goal(planner: Planner, pose: np.ndarray, place: np.ndarray, going: np.ndarray) -> np.ndarray:
    """Stay with a goal, facing it, also while it moves.

    Args:
        planner: The planner to the goal.
        pose: (3,) pose of the robot.
        place: (2,) position of the goal, m.
        going: (2,) velocity of the goal, m/s.

    Returns:
        (3,) float32 action. If static obstacles block the preferred direction, the nearest free one is chosen.
    """
    xy, yaw = pose[:2], float(pose[2])
    line = place - xy
    away = float(np.hypot(*line))
    off = away - STANDOFF_SHARE * planner.world.task.goal.radius_m
    velocity = (going + FOLLOW_GAIN * off * line / max(away, 1e-6)) / ACTION_SCALE  # world frame, of full speed
    speed = min(CRUISE_SHARE, float(np.hypot(*velocity)))
    heading = math.atan2(velocity[1], velocity[0])
    ways = np.array([(math.cos(heading + detour), math.sin(heading + detour)) for detour in DETOURS_RAD[:-1]])  # (w, 2)
    reach = speed * ACTION_SCALE * np.linspace(CLEARANCE_HORIZON_S / 4, CLEARANCE_HORIZON_S, 4)
    room = planner.grid.clearance_at(xy + ways[:, None] * reach[:, None]).min(axis=1)  # (w,)
    free = np.flatnonzero(room >= min(MIN_CLEARANCE_M, planner.clearance(xy)))
    chosen = ways[free[0] if len(free) else int(room.argmax())]
    forward = np.array([math.cos(yaw), math.sin(yaw)])
    turn = math.remainder(math.atan2(line[1], line[0]) - yaw, math.tau)
    action = np.array(
        [speed * dot(chosen, forward), speed * (forward[0] * chosen[1] - forward[1] * chosen[0]), TURN_GAIN * turn]
    )
    return np.clip(action, -1.0, 1.0).astype(np.float32)


def _avoid_movers(
    planner: Planner, xy: np.ndarray, yaw: float, progress: Sequence[float], speed: float, turn: float
) -> tuple[float, float]:
    """Choose the best of a few speeds and headings (rad, body frame), each held while the movers continue."""
    movers = planner.world.movers
    ahead = [
        planner.movers.place([mover.route.advance(along, s) for mover, along in zip(movers, progress, strict=True)])
        for s in LOOK_AHEAD_S.tolist()
    ]
    ways = [
        (pace * speed, turn + detour) for pace in SPEED_SHARES for detour in DETOURS_RAD if pace > 0.0 or detour == 0.0
    ]
    velocity = np.array([(v * math.cos(yaw + h), v * math.sin(yaw + h)) for v, h in ways]) * ACTION_SCALE  # (w, 2)
    places = xy + velocity[:, None] * LOOK_AHEAD_S[:, None]  # (w, s, 2)
    berth = np.stack([hulls.clearance(places[:, i]) for i, hulls in enumerate(ahead)], axis=1)  # (w, s)
    lack = np.clip(COMFORT_CLEARANCE_M - berth, 0.0, None) / COMFORT_CLEARANCE_M
    soon = 1.0 / (1.0 + LOOK_AHEAD_S)  # predictions are most certain in the near future
    cells = planner.grid.clearance_at(places[:, : len(LOOK_AHEAD_S) // 2])
    bumps = np.clip(MIN_CLEARANCE_M - cells, 0.0, None).max(axis=1) > 0.0
    towards = np.array([math.cos(yaw + turn), math.sin(yaw + turn)])
    gain = dot(velocity, towards) - CLEARANCE_COST * (lack**2 * soon).max(axis=1) - 100.0 * bumps
    return ways[int(np.argmax(gain))]


class ExpertPolicy:
    """The expert as a policy. It plans once per world, from the privileged state."""

    spec = PolicySpec(name="expert", image_size=None, period_s=0.1, hold_action=(0.0, 0.0, 0.0), privileged=True)

    def __init__(self) -> None:
        self._planners: dict[int, Planner] = {}

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        for slot in slots:
            self._planners.pop(slot, None)

    def act(self, batch: ObservationBatch) -> np.ndarray:
        if batch.truth is None:
            raise ValueError("the expert sees the true world: a batch for it needs 'truth'")
        actions = np.zeros((len(batch.live), 3), np.float32)
        for slot in np.flatnonzero(batch.live).tolist():
            truth = batch.truth[slot]
            if slot not in self._planners:
                self._planners[slot] = Planner(truth.world)
            actions[slot] = compute_expert_action(self._planners[slot], truth.pose, truth.progress)
        return actions
