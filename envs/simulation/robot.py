"""The holonomic three-wheel robot: planar joints with force-limited velocity motors, and visible wheels."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pybullet as p

from scenarios.geometry import Point, Pose2D
from scenarios.robot import ACTION_SCALE

URDF = Path(__file__).parents[1] / "assets" / "robot.urdf"
MAX_FORCE_N = 70.0  # 9.3 kg: full speed from rest in about 0.15 s, and too weak to push a wall
MAX_TORQUE_NM = 4.0
WHEEL_RADIUS_M = 0.055
WHEEL_MOUNTS = ((0.085, 0.147), (0.085, -0.147), (-0.170, 0.0))  # x, y of the wheels on the chassis, m
PLANAR_JOINTS = [0, 1, 2]
WHEEL_JOINTS = [3, 4, 5]


class Robot:
    """The robot in one PyBullet client.

    Its joints are x, y and yaw in the world's frame, so commands in the body frame are rotated at every drive tick, as
    the controller of a real base does.
    """

    def __init__(self, client: int, start: Pose2D) -> None:
        self.client = client
        self.body = p.loadURDF(str(URDF), useFixedBase=True, physicsClientId=client)
        for joint in range(p.getNumJoints(self.body, physicsClientId=client)):
            p.changeDynamics(
                self.body, joint, linearDamping=0.0, angularDamping=0.0, jointDamping=0.0, physicsClientId=client
            )
        for joint in WHEEL_JOINTS:  # free to be set; they carry nothing
            p.setJointMotorControl2(self.body, joint, p.VELOCITY_CONTROL, force=0.0, physicsClientId=client)
        self._wheel_angles = np.zeros(3)
        self.set_joints(np.array([start.x, start.y, start.yaw, 0.0, 0.0, 0.0]))

    def set_joints(self, joints: np.ndarray) -> None:
        """Set all joints, with zero velocity: (6,) x, y (m), yaw, three wheel angles (rad)."""
        for joint, value in enumerate(joints):
            p.resetJointState(self.body, joint, float(value), 0.0, physicsClientId=self.client)
        self._wheel_angles = np.array(joints[3:], dtype=float)

    def joint_positions(self) -> np.ndarray:
        """Return the joint positions (6,), in the order of ``set_joints``."""
        return np.concatenate([self.pose_and_rates()[0], self._wheel_angles])

    def pose_and_rates(self) -> tuple[np.ndarray, np.ndarray]:
        """Return x, y, yaw (3,) and their rates (3,) in the world's frame, in metres, radians and seconds."""
        states = p.getJointStates(self.body, PLANAR_JOINTS, physicsClientId=self.client)
        return np.array([s[0] for s in states]), np.array([s[1] for s in states])

    def position(self) -> Point:
        """Return x and y in the world's frame, m."""
        (x, *_), (y, *_) = p.getJointStates(self.body, PLANAR_JOINTS[:2], physicsClientId=self.client)
        return x, y

    def drive(self, action: np.ndarray) -> None:
        """Set the motors for the next physics step to a body-frame command (3,), 1.0 being top speed."""
        vx, vy, wz = (float(v) * ACTION_SCALE for v in action)
        yaw = p.getJointState(self.body, 2, physicsClientId=self.client)[0]
        p.setJointMotorControlArray(
            self.body,
            PLANAR_JOINTS,
            p.VELOCITY_CONTROL,
            targetVelocities=[*_turn(vx, vy, yaw), wz],
            forces=[MAX_FORCE_N, MAX_FORCE_N, MAX_TORQUE_NM],
            physicsClientId=self.client,
        )

    def update_wheels(self, period_s: float) -> None:
        """Turn the visible wheels by the base's motion in this period."""
        (_, _, yaw), (vx, vy, wz) = self.pose_and_rates()
        body_x, body_y = _turn(float(vx), float(vy), -float(yaw))
        for number, (mx, my) in enumerate(WHEEL_MOUNTS):
            radius = math.hypot(mx, my)
            tangent = (-my / radius, mx / radius)  # the direction in which this wheel rolls
            speed = tangent[0] * body_x + tangent[1] * body_y + radius * float(wz)
            angle = math.remainder(float(self._wheel_angles[number]) + speed / WHEEL_RADIUS_M * period_s, math.tau)
            self._wheel_angles[number] = angle
            p.resetJointState(self.body, WHEEL_JOINTS[number], angle, 0.0, physicsClientId=self.client)


def _turn(x: float, y: float, yaw: float) -> Point:
    """Turn one vector, as ``scenarios.geometry.rotate`` turns many."""
    cos, sin = math.cos(yaw), math.sin(yaw)
    return cos * x - sin * y, sin * x + cos * y
