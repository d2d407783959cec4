"""Scenes and demonstrations for tests: the expert, moved by kinematics alone."""

from __future__ import annotations

import numpy as np
from recorded import FakeSet

from policies.dataset import Demonstration, SceneRef
from policies.scripted.expert import compute_expert_action
from scenarios.lookup import get_scenario
from scenarios.navigation.planner import Planner
from sim.offline.metrics.gathering.subject import Subject
from sim.offline.metrics.kinematics import roll_actions
from sim.offline.metrics.scenes.scene import EpisodeScene

FPS = 10.0


def make_scene(scenario="corridor", seed=9000, number=0, frames=30):
    """The scene of a demonstration, and the expert's actions (t, 3) in it."""
    world = get_scenario(scenario).world(seed, number)
    planner, routes = Planner(world), [mover.route for mover in world.movers]
    poses, actions, progress = [np.array([world.start.x, world.start.y, world.start.yaw])], [], []
    for frame in range(frames):
        progress.append([route.advance(route.start_m, frame / FPS) for route in routes])
        actions.append(compute_expert_action(planner, poses[-1], tuple(progress[-1])))
        poses.append(roll_actions(actions[-1][None], poses[-1], 1.0 / FPS)[-1])
    return EpisodeScene(world, np.array(poses[:-1]), np.array(progress).reshape(frames, -1), FPS), np.array(actions)


def make_set(scenario="corridor", seed=9000, numbers=(0,), frames=30, size=32):
    """A data set of such demonstrations, with black frames."""
    return FakeSet(*(_demonstrate(scenario, seed, number, frames, size) for number in numbers))


def make_subject(policy, recording, retrains=()):
    return Subject(policy, recording, tuple(recording.signals(number) for number in range(len(recording))), retrains)


def _demonstrate(scenario, seed, number, frames, size):
    scene, actions = make_scene(scenario, seed, number, frames)
    start = scene.world.start
    odometry = np.column_stack([start.to_local(scene.poses[:, :2]), scene.poses[:, 2] - start.yaw])
    agent_pos = np.column_stack([np.zeros((frames, 3)), odometry]).astype(np.float32)
    told = SceneRef(scenario, seed, number)
    pixels = np.zeros((frames, size, size, 3), np.uint8)
    return Demonstration(told, scene.world.instruction, True, "expert", agent_pos, actions, actions, pixels=pixels)
