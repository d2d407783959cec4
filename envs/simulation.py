"""One robot in one world: physics, contacts, and the verdict on the episode."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pybullet as p

from envs import scene
from envs.camera import View
from envs.robot import CAMERA_PITCH, CAMERA_POSITION, Robot
from scenarios.occupancy import Hulls
from scenarios.world import World

PHYSICS_HZ = 240
CONTROL_PERIOD_S = 0.1
DRIVE_HZ = 40  # how often the base's controller turns its command into the world's frame and contacts are looked at
CAMERA_FOV_DEG = 90.0
CAMERA_NEAR_M = 0.03
CAMERA_FAR_M = 25.0


@dataclass(frozen=True)
class State:
    """What one episode has come to after a control step.

    Attributes:
        agent_pos: (6,) float32: vx, vy (m/s), wz (rad/s) in the body frame; odometry x, y (m), yaw since the start.
        pose: (3,) x, y (m), yaw (rad) in the world's frame.
        status: None while the episode runs, else how it ended.
        touched: Name of the item that the robot hit, if that ended the episode.
        clearance_m: Between the robot's hull and the nearest thing to keep clear of.
    """

    agent_pos: np.ndarray
    pose: np.ndarray
    status: str | None
    touched: str | None
    clearance_m: float


class Simulation:
    """A PyBullet client of its own that holds one episode at a time.

    Every ``reset`` empties the client and builds the world anew, so that nothing leaks from one episode to the next.
    """

    def __init__(self) -> None:
        if not p.isNumpyEnabled():
            raise RuntimeError("this PyBullet was built without numpy: reinstall it from a wheel, pip install pybullet")
        self.client: int = p.connect(p.DIRECT)
        self.bodies: dict[str, int] = {}

    def reset(self, world: World) -> State:
        """Start an episode in this world."""
        p.resetSimulation(physicsClientId=self.client)
        p.setGravity(0.0, 0.0, -9.81, physicsClientId=self.client)
        # One call does several physics steps: a call costs as much as a step.
        p.setPhysicsEngineParameter(
            fixedTimeStep=1.0 / DRIVE_HZ, numSubSteps=PHYSICS_HZ // DRIVE_HZ, physicsClientId=self.client
        )
        self.world = world
        self.bodies = scene.build(world, self.client)
        self.robot = Robot(self.client, world.start)
        self._names = {body: name for name, body in self.bodies.items()}
        self._movable = [self.bodies[item.name] for item in world.items if item.mass_kg > 0.0]
        self._hulls = Hulls(world)
        self._steps = 0
        self._anchor, self._anchor_step = np.array([world.start.x, world.start.y]), 0
        return self._state(None)

    def step(self, action: np.ndarray) -> State:
        """Hold a body-frame command for one control period.

        Args:
            action: (3,) vx, vy, wz; clipped to [-1, 1].

        Raises:
            ValueError: If the action is not three finite numbers.
        """
        action = np.asarray(action, dtype=float)
        if action.shape != (3,) or not np.all(np.isfinite(action)):
            raise ValueError(f"an action is three finite numbers (vx, vy, wz), not {action!r}")
        action = np.clip(action, -1.0, 1.0)
        self._steps += 1
        for _ in range(round(CONTROL_PERIOD_S * DRIVE_HZ)):
            self.robot.drive(action)
            p.stepSimulation(physicsClientId=self.client)
            touched = self._touched()
            if touched:
                break
        self.robot.roll(CONTROL_PERIOD_S)
        return self._state(touched)

    def _touched(self) -> str | None:
        """The item that the robot's hull is in contact with, the deepest first."""
        contacts = p.getContactPoints(bodyA=self.robot.body, physicsClientId=self.client)
        hits = [(c[8], self._names[c[2]]) for c in contacts if c[8] <= 0.0 and c[2] in self._names]
        return min(hits)[1] if hits else None

    def _state(self, touched: str | None) -> State:
        pose, rate = self.robot.motion()
        pose[2] = math.remainder(pose[2], math.tau)
        start = self.world.start
        status = self._status(pose[:2], touched)
        velocity = _rotate(rate[:2], -pose[2])
        odometry = _rotate(pose[:2] - (start.x, start.y), -start.yaw)
        turned = math.remainder(pose[2] - start.yaw, math.tau)
        agent_pos = np.array([*velocity, rate[2], *odometry, turned], dtype=np.float32)
        return State(agent_pos, pose, status, touched, float(self._hulls.clearance(pose[:2])))

    def _status(self, xy: np.ndarray, touched: str | None) -> str | None:
        task = self.world.task
        if touched:
            return "collision"
        if math.dist(xy, (task.goal.pose.x, task.goal.pose.y)) <= task.goal.radius_m:
            return "success"
        if any(math.dist(xy, (other.pose.x, other.pose.y)) <= other.radius_m for other in task.others):
            return "wrong-target"
        if math.dist(xy, self._anchor) > task.stuck_radius_m:
            self._anchor, self._anchor_step = xy.copy(), self._steps
        if self._steps * CONTROL_PERIOD_S >= task.time_limit_s - 1e-9:
            return "timeout"
        if (self._steps - self._anchor_step) * CONTROL_PERIOD_S >= task.stuck_after_s - 1e-9:
            return "stuck"
        return None

    def snapshot(self) -> np.ndarray:
        """(6 + 7 m,) the robot's joints, then position and quaternion of every movable body: all that drawing needs."""
        poses = [np.concatenate(p.getBasePositionAndOrientation(b, physicsClientId=self.client)) for b in self._movable]
        return np.concatenate([self.robot.joints(), *poses])

    def place(self, snapshot: np.ndarray) -> None:
        """Put everything where a snapshot of this world says, for drawing; the episode's clock does not move."""
        self.robot.place(snapshot[:6])
        for body, pose in zip(self._movable, snapshot[6:].reshape(-1, 7), strict=True):
            p.resetBasePositionAndOrientation(body, pose[:3], pose[3:], physicsClientId=self.client)

    def onboard_view(self) -> View:
        """What the robot's own camera sees, from its mast."""
        (x, y, yaw), _ = self.robot.motion()
        forward = np.array([math.cos(yaw), math.sin(yaw), 0.0])
        eye = np.array([x, y, 0.0]) + CAMERA_POSITION[0] * forward + np.array([0.0, 0.0, CAMERA_POSITION[2]])
        gaze = math.cos(CAMERA_PITCH) * forward - np.array([0.0, 0.0, math.sin(CAMERA_PITCH)])
        up = math.sin(CAMERA_PITCH) * forward + np.array([0.0, 0.0, math.cos(CAMERA_PITCH)])
        return View(tuple(eye), tuple(eye + gaze), tuple(up), CAMERA_FOV_DEG, CAMERA_NEAR_M, CAMERA_FAR_M)

    def close(self) -> None:
        """Disconnect from the client; closing twice is harmless."""
        if self.client >= 0:
            p.disconnect(self.client)
            self.client = -1


def _rotate(vector: np.ndarray, angle: float) -> np.ndarray:
    cos, sin = math.cos(angle), math.sin(angle)
    return np.array([cos * vector[0] - sin * vector[1], sin * vector[0] + cos * vector[1]])
