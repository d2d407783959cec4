"""Simulation of one robot in one world: physics, contacts and moving items."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pybullet as p

from envs.camera import View
from envs.simulation.actuation import Actuator
from envs.simulation.command import Command
from envs.simulation.robot import Robot, turn_vector
from envs.simulation.task_monitor import TaskMonitor
from envs.simulation.world_builder import build_world
from scenarios.common.errors import InputError
from scenarios.common.requirements import PYBULLET_WITHOUT_NUMPY
from scenarios.geometry import Point, Pose2D
from scenarios.navigation.clearance_grid import MovingOutlines, ObstacleOutlines
from scenarios.robot import (
    CAMERA_FOV_DEG,
    CAMERA_PITCH_RAD,
    CAMERA_POSITION_M,
    CONTROL_PERIOD_S,
    DRIVE_HZ,
    DRIVE_TICKS,
    PHYSICS_HZ,
    ROBOT_RADIUS_M,
)
from scenarios.world import Actuation, Item, World, footprint_radius

CAMERA_NEAR_M = 0.03
CAMERA_FAR_M = 25.0
STANDSTILL_MPS = 0.15  # a robot slower than this counts as standing still, and yielding movers wait for it
YIELD_GAP_M = 0.25
PATIENCE_S = 3.0  # a mover that has waited this long turns back, so that two of them can't hold a robot for ever


@dataclass(frozen=True)
class EpisodeState:
    """The state of one episode after a control step.

    Attributes:
        agent_pos: (6,) float32: vx, vy (m/s), wz (rad/s) in the body frame; odometry x, y (m), yaw since the start.
        pose: (3,) x, y (m), yaw (rad) in the world's frame.
        status: None while the episode runs, then how it ended.
        touched: Name of the item that the robot hit, if that ended the episode.
        clearance_m: Distance between the robot's hull and the nearest obstacle.
        progress: Distance along the route of each of the world's movers, metres.
        held_s: Time that the robot has spent in the goal's circle without a break.
        held_m: Distance that a moving goal has travelled meanwhile.
    """

    agent_pos: np.ndarray
    pose: np.ndarray
    status: str | None
    touched: str | None
    clearance_m: float
    progress: tuple[float, ...] = ()
    held_s: float = 0.0
    held_m: float = 0.0


class Simulation:
    """A PyBullet client that simulates one episode at a time.

    Every ``reset`` clears the client and rebuilds the world, so that nothing leaks from one episode to the next.
    """

    def __init__(self) -> None:
        if not p.isNumpyEnabled():
            raise InputError(PYBULLET_WITHOUT_NUMPY)
        self.client: int = p.connect(p.DIRECT)
        self.bodies: dict[str, int] = {}

    def reset(self, world: World) -> EpisodeState:
        """Start an episode in a world."""
        p.resetSimulation(physicsClientId=self.client)
        p.setGravity(0.0, 0.0, -9.81, physicsClientId=self.client)
        # One call does several physics steps: a call costs as much as a step.
        p.setPhysicsEngineParameter(
            fixedTimeStep=1.0 / DRIVE_HZ, numSubSteps=PHYSICS_HZ // DRIVE_HZ, physicsClientId=self.client
        )
        self.world = world
        self.bodies = build_world(world, self.client)
        self.robot = Robot(self.client, world.start)
        self._names = {body: name for name, body in self.bodies.items()}
        moving = {mover.name for mover in world.movers}
        self._movable = [self.bodies[item.name] for item in world.items if item.mass_kg > 0.0 or item.name in moving]
        self._moving = [world.item(mover.name) for mover in world.movers]
        self._progress = [mover.route.start_m for mover in world.movers]
        self._directions = [1.0] * len(world.movers)  # -1: backwards along the route
        self._waited_ticks = [0] * len(world.movers)
        actuation = world.conditions.actuation
        self._actuator = None if actuation == Actuation() else Actuator(actuation, 1.0 / DRIVE_HZ)
        self._outlines, self._moving_outlines = ObstacleOutlines(world), MovingOutlines(world)
        self._touched: str | None = None
        self._monitor = TaskMonitor(
            world.task, self.robot.position(), self.goal_xy(), CONTROL_PERIOD_S, world.decoys_at(self._progress)
        )
        return self.state()

    def step(self, command: Command) -> EpisodeState:
        """Simulate a command for one control period, or for less if the episode ends within it."""
        if self._actuator is not None:
            self._actuator.begin_step()
        for tick in range(DRIVE_TICKS):
            action = command.at(tick)
            self.robot.drive(action if self._actuator is None else self._actuator.apply(action))
            self._advance_movers()
            p.stepSimulation(physicsClientId=self.client)
            self.robot.read_joints()
            self._touched = self._find_collision()
            # Stop at once, so that a fast robot doesn't run into the goal that it has reached.
            position = self.robot.position()
            if self._touched or self._monitor.ends_on_arrival(position, self.goal_xy()):
                break
        self.robot.update_wheels(CONTROL_PERIOD_S)
        self._monitor.update(position, self.goal_xy(), self._touched, self.world.decoys_at(self._progress))
        return self.state()

    def _advance_movers(self) -> None:
        """Move every mover by one tick along its route."""
        if not self._moving:
            return
        robot = self.robot.position()
        for number, (mover, item) in enumerate(zip(self.world.movers, self._moving, strict=True)):
            direction = self._directions[number]
            along = mover.route.advance(self._progress[number], direction / DRIVE_HZ)
            place = mover.route.pose_at(along)
            if direction < 0.0:
                place = Pose2D(place.x, place.y, place.yaw + math.pi)
            if mover.yields and self._is_in_the_way(robot, item, place):
                self._wait(number)
                continue
            self._waited_ticks[number] = 0
            self._progress[number] = along
            turn = p.getQuaternionFromEuler((0.0, 0.0, place.yaw))
            p.resetBasePositionAndOrientation(
                self.bodies[mover.name], (place.x, place.y, item.z_m), turn, physicsClientId=self.client
            )

    def _wait(self, number: int) -> None:
        """Let a mover wait for one tick; when its patience is over, it turns back."""
        self._waited_ticks[number] += 1
        if self._waited_ticks[number] < PATIENCE_S * DRIVE_HZ:
            return
        self._waited_ticks[number] = 0
        route = self.world.movers[number].route
        if route.closed:
            self._directions[number] *= -1.0
        else:  # the same place, on the way back
            self._progress[number] = route.lap_m - self._progress[number] % route.lap_m

    def _is_in_the_way(self, robot: Point, item: Item, place: Pose2D) -> bool:
        """Return whether the robot stands still close ahead of a place that a mover is about to move to."""
        dx, dy = robot[0] - place.x, robot[1] - place.y
        if math.hypot(dx, dy) - footprint_radius(item) - ROBOT_RADIUS_M >= YIELD_GAP_M:
            return False
        ahead = math.cos(place.yaw) * dx + math.sin(place.yaw) * dy > 0.0
        vx, vy, _ = self.robot.pose_and_rates()[1]
        return ahead and math.hypot(vx, vy) < STANDSTILL_MPS

    def _find_collision(self) -> str | None:
        """Return the item in deepest contact with the robot's hull; None without contact."""
        contacts = p.getContactPoints(bodyA=self.robot.body, physicsClientId=self.client)
        hits = [(c[8], self._names[c[2]]) for c in contacts if c[8] <= 0.0 and c[2] in self._names]
        return min(hits)[1] if hits else None

    def state(self) -> EpisodeState:
        """Return the current state of the episode, without changing it."""
        pose, rate = self.robot.pose_and_rates()
        pose[2] = math.remainder(pose[2], math.tau)
        start = self.world.start
        progress = tuple(self._progress)
        (x, y, yaw), (vx, vy, wz) = pose.tolist(), rate.tolist()
        velocity = turn_vector(vx, vy, -yaw)
        odometry = turn_vector(x - start.x, y - start.y, -start.yaw)
        turned = math.remainder(yaw - start.yaw, math.tau)
        agent_pos = np.array([*velocity, wz, *odometry, turned], dtype=np.float32)
        clearance = float(self._outlines.clearance(pose[:2]))
        if self._moving_outlines:
            clearance = min(clearance, float(self._moving_outlines.place(progress).clearance(pose[:2])))
        watched = self._monitor
        return EpisodeState(
            agent_pos, pose, watched.status, self._touched, clearance, progress, watched.held_s, watched.held_m
        )

    def goal_xy(self) -> Point:
        """Return the goal's current position."""
        return self.world.goal_at(self._progress).xy

    def snapshot(self) -> np.ndarray:
        """Return the robot's joints and the poses of all m movable bodies, (6 + 7 m,), for rendering."""
        poses = [np.concatenate(p.getBasePositionAndOrientation(b, physicsClientId=self.client)) for b in self._movable]
        return np.concatenate([self.robot.joint_positions(), *poses])

    def restore_snapshot(self, snapshot: np.ndarray) -> None:
        """Restore all poses of a snapshot of this world, for rendering; the episode's time doesn't change."""
        self.robot.set_joints(snapshot[:6])
        for body, pose in zip(self._movable, snapshot[6:].reshape(-1, 7), strict=True):
            p.resetBasePositionAndOrientation(body, pose[:3], pose[3:], physicsClientId=self.client)

    def place(self, pose: np.ndarray, progress: Sequence[float]) -> None:
        """Put the robot and everything that moves elsewhere, for rendering; the episode's time doesn't change.

        Args:
            pose: (3,) x m, y m, yaw rad of the robot.
            progress: Metres along the route of each of the world's movers.
        """
        self.robot.set_joints(np.concatenate([pose, self.robot.joint_positions()[3:]]))
        for mover, item, along in zip(self.world.movers, self._moving, progress, strict=True):
            at = mover.route.pose_at(along)
            turn = (0.0, 0.0, math.sin(at.yaw / 2), math.cos(at.yaw / 2))
            p.resetBasePositionAndOrientation(
                self.bodies[mover.name], (at.x, at.y, item.z_m), turn, physicsClientId=self.client
            )

    def robot_camera_view(self) -> View:
        """Return the view of the robot's own camera on its mast."""
        mount = self.world.conditions.mount
        x, y, yaw = self.robot.pose_and_rates()[0].tolist()
        ahead, left, high = (at + offset for at, offset in zip(CAMERA_POSITION_M, mount.offset_m, strict=True))
        cos, sin = math.cos(yaw), math.sin(yaw)
        eye = (x + cos * ahead - sin * left, y + sin * ahead + cos * left, high)
        facing, pitch = yaw + mount.yaw, CAMERA_PITCH_RAD + mount.pitch
        forward_x, forward_y = math.cos(facing), math.sin(facing)  # and to the right: (forward_y, -forward_x)
        level, down, cos_roll, sin_roll = math.cos(pitch), math.sin(pitch), math.cos(mount.roll), math.sin(mount.roll)
        target = (eye[0] + level * forward_x, eye[1] + level * forward_y, eye[2] - down)
        up = (
            cos_roll * down * forward_x + sin_roll * forward_y,
            cos_roll * down * forward_y - sin_roll * forward_x,
            cos_roll * level,
        )
        return View(eye, target, up, CAMERA_FOV_DEG * mount.fov_factor, CAMERA_NEAR_M, CAMERA_FAR_M)

    def close(self) -> None:
        """Disconnect from the client; repeated calls have no effect."""
        if self.client >= 0:
            p.disconnect(self.client)
            self.client = -1
