"""The expert: a privileged driver that sees the true map. Teacher, ceiling, and judge of every visited state."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from policies.policy import ACTION_SCALE, Batch, PolicySpec
from scenarios.occupancy import Hulls, moving_items
from scenarios.planner import Planner

TURN_GAIN = 1.8  # rad/s per rad of heading error, before scaling
SLOW_CLEARANCE_M = 0.30  # below this hull clearance it slows down, to SLOWEST at contact
CRUISE, SLOWEST = 0.95, 0.40  # share of full speed

# Among what moves, it looks ahead along the others' routes and takes the best of a few ways to go on.
LOOK_AHEAD_S = np.arange(0.2, 2.01, 0.2)
DETOURS_RAD = np.radians((0.0, 25.0, -25.0, 50.0, -50.0, 80.0, -80.0, 180.0))
PACES = (1.0, 0.5, 0.0)  # of the speed that it would drive at
WIDE_BERTH_M, HARD_BERTH_M = 0.45, 0.08  # hull clearance that it wants from movers, and needs from standing things
BERTH_COST = 6.0

# A goal that is to be held is followed at a distance, within these shares of its circle.
STANDOFF, RETREAT = 0.70, 0.55
FOLLOW_GAIN = 1.5  # share of full speed per metre beyond the standoff


def command(planner: Planner, pose: np.ndarray, progress: Sequence[float] = ()) -> np.ndarray:
    """What the expert does in a state: head for the point that its least-cost path leads to, and look there.

    Args:
        planner: Of the world that the robot is in.
        pose: (3,) x, y (m), yaw (rad) in the world's frame.
        progress: Metres along the route of each of the world's movers.

    Returns:
        (3,) float32 body-frame action in [-1, 1].
    """
    planner = planner.toward(progress)
    xy, yaw = pose[:2], float(pose[2])
    aim = planner.aim_from(xy) - xy
    turn = math.remainder(math.atan2(aim[1], aim[0]) - yaw, math.tau)
    room = float(np.clip(planner.clearance(xy) / SLOW_CLEARANCE_M, 0.0, 1.0))
    # Driving sideways is driving blind: slow down until the camera has turned.
    speed = (SLOWEST + (CRUISE - SLOWEST) * room) * max(0.35, math.cos(turn))
    heading = turn
    if planner.world.task.hold_s > 0.0:
        speed = min(speed, _following(planner, xy))
    if moving_items(planner.world, progress):
        speed, heading = _among_movers(planner, xy, yaw, progress, speed, turn)
    action = np.array([speed * math.cos(heading), speed * math.sin(heading), TURN_GAIN * turn])
    return np.clip(action, -1.0, 1.0).astype(np.float32)


def _following(planner: Planner, xy: np.ndarray) -> float:
    """The most speed towards a goal that is to be held: none at the standoff, backwards when it comes close."""
    radius = planner.world.task.goal.radius_m
    away = math.dist(xy, (planner.goal.x, planner.goal.y))
    if away < RETREAT * radius:
        return -FOLLOW_GAIN * (RETREAT * radius - away) - SLOWEST / 2
    return FOLLOW_GAIN * max(0.0, away - STANDOFF * radius)


def _among_movers(
    planner: Planner, xy: np.ndarray, yaw: float, progress: Sequence[float], speed: float, turn: float
) -> tuple[float, float]:
    """The best of a few speeds and headings (rad, body frame), each held while the movers walk on."""
    world = planner.world
    ahead = [
        Hulls(
            world,
            moving_items(
                world,
                [along + mover.route.speed_mps * s for mover, along in zip(world.movers, progress, strict=True)],
            ),
        )
        for s in LOOK_AHEAD_S
    ]
    ways = [(pace * speed, turn + detour) for pace in PACES for detour in DETOURS_RAD if pace > 0.0 or detour == 0.0]
    velocity = np.array([(v * math.cos(yaw + h), v * math.sin(yaw + h)) for v, h in ways]) * ACTION_SCALE  # (w, 2)
    places = xy + velocity[:, None] * LOOK_AHEAD_S[:, None]  # (w, s, 2)
    berth = np.stack([hulls.clearance(places[:, i]) for i, hulls in enumerate(ahead)], axis=1)  # (w, s)
    lack = np.clip(WIDE_BERTH_M - berth, 0.0, None) / WIDE_BERTH_M
    soon = 1.0 / (1.0 + LOOK_AHEAD_S)  # what is near in time is the surest
    cells = planner.grid.clearance_of(places[:, : len(LOOK_AHEAD_S) // 2])
    bumps = np.clip(HARD_BERTH_M - cells, 0.0, None).max(axis=1) > 0.0
    towards = np.array([math.cos(yaw + turn), math.sin(yaw + turn)])
    gain = velocity @ towards - BERTH_COST * (lack**2 * soon).max(axis=1) - 100.0 * bumps
    return ways[int(np.argmax(gain))]


class Expert:
    """The expert as a policy. It plans once per world, on the truth that its spec asks for."""

    spec = PolicySpec(name="expert", image_size=None, period_s=0.1, hold_action=(0.0, 0.0, 0.0), privileged=True)

    def __init__(self) -> None:
        self._planners: dict[int, Planner] = {}

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        for slot in slots:
            self._planners.pop(slot, None)

    def act(self, batch: Batch) -> np.ndarray:
        if batch.truth is None:
            raise ValueError("the expert sees the true world: a batch for it needs 'truth'")
        actions = np.zeros((len(batch.live), 3), np.float32)
        for slot in np.flatnonzero(batch.live).tolist():
            truth = batch.truth[slot]
            if slot not in self._planners:
                self._planners[slot] = Planner(truth.world)
            actions[slot] = command(self._planners[slot], truth.pose, truth.progress)
        return actions
