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
_RADII = [math.hypot(x, y) for x, y in WHEEL_MOUNTS]  # of the wheels' circles on the chassis
_ROLLING = [(-y / radius, x / radius, radius) for (x, y), radius in zip(WHEEL_MOUNTS, _RADII, strict=True)]
"""Of each wheel: the direction in which it rolls, and its distance from the middle, m."""


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
        self.set_joints(np.array([start.x, start.y, start.yaw, 0.0, 0.0, 0.0]))

    def set_joints(self, joints: np.ndarray) -> None:
        """Set all joints, with zero velocity: (6,) x, y (m), yaw, three wheel angles (rad)."""
        for joint, value in enumerate(joints):
            p.resetJointState(self.body, joint, float(value), 0.0, physicsClientId=self.client)
        self._wheel_angles = [float(value) for value in joints[3:]]
        self.read_joints()

    def read_joints(self) -> None:
        """Read where the base is and how it moves; call this after every physics step."""
        self._planar = p.getJointStates(self.body, PLANAR_JOINTS, physicsClientId=self.client)

    def joint_positions(self) -> np.ndarray:
        """Return the joint positions (6,), in the order of ``set_joints``."""
        return np.concatenate([self.pose_and_rates()[0], self._wheel_angles])

    def pose_and_rates(self) -> tuple[np.ndarray, np.ndarray]:
        """Return x, y, yaw (3,) and their rates (3,) in the world's frame, in metres, radians and seconds."""
        x, y, yaw = self._planar
        return np.array([x[0], y[0], yaw[0]]), np.array([x[1], y[1], yaw[1]])

    def position(self) -> Point:
        """Return x and y in the world's frame, m."""
        return self._planar[0][0], self._planar[1][0]

    def drive(self, action: np.ndarray) -> None:
        """Set the motors for the next physics step to a body-frame command (3,), 1.0 being top speed."""
        vx, vy, wz = [value * ACTION_SCALE for value in action.tolist()]
        yaw = self._planar[2][0]
        p.setJointMotorControlArray(
            self.body,
            PLANAR_JOINTS,
            p.VELOCITY_CONTROL,
            targetVelocities=[*turn_vector(vx, vy, yaw), wz],
            forces=[MAX_FORCE_N, MAX_FORCE_N, MAX_TORQUE_NM],
            physicsClientId=self.client,
        )

    def update_wheels(self, period_s: float) -> None:
        """Turn the visible wheels by the base's motion in this period."""
        (_, vx, *_), (_, vy, *_), (yaw, wz, *_) = self._planar
        body_x, body_y = turn_vector(vx, vy, -yaw)
        for number, (along, across, radius) in enumerate(_ROLLING):
            speed = along * body_x + across * body_y + radius * wz
            angle = math.remainder(self._wheel_angles[number] + speed / WHEEL_RADIUS_M * period_s, math.tau)
            self._wheel_angles[number] = angle
            p.resetJointState(self.body, WHEEL_JOINTS[number], angle, 0.0, physicsClientId=self.client)


def turn_vector(x: float, y: float, yaw: float) -> Point:
    """Turn one vector, as ``scenarios.geometry.rotate`` turns many."""
    cos, sin = math.cos(yaw), math.sin(yaw)
    return cos * x - sin * y, sin * x + cos * y
