"""Asks a policy about rendered views from poses around those of recorded episodes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

import numpy as np

from envs.camera import make_renderer
from envs.simulation.lockstep import BatchedStep
from envs.simulation.simulation import EpisodeState
from policies.scripted.expert import compute_expert_action
from scenarios.common.seeding import make_generator
from scenarios.robot import IMAGE_SIZE
from sim.offline.metrics.evidence import Evidence
from sim.offline.metrics.gathering.pose_camera import PoseCamera
from sim.offline.metrics.gathering.subject import NotAvailableError, Subject
from sim.offline.metrics.gathering.watched_policy import WatchedPolicy
from sim.offline.metrics.scenes.offset_views import LATER_S, OffsetViews
from sim.offline.metrics.scenes.scene import EpisodeScene
from sim.offline.predictions import OFFLINE_BATCH
from sim.rollout.frame_history import FrameHistory
from sim.rollout.policy_calls import make_observation

ANCHOR_EVERY_S = 2.0
VIEWS = 8  # of each anchor
ASIDE_M, TURNED_RAD, PACE = (
    0.25,
    math.radians(15.0),
    0.15,
)  # standard deviations; the last of a factor on the way driven
LEAST_CLEARANCE_M = 0.05
WAY_POINTS = 12  # on the way aside, nearer to each other than a robot is wide up to 4 m
TRIES = 10 * VIEWS
CONTEXT = 4  # steps that lead to a view, for policies with a memory


class ViewPose(NamedTuple):
    """A pose to look from."""

    anchor: int
    """The frame that stage 1 begins at."""
    frame: int
    """The frame at which the view is taken."""
    time: float
    """Of the demonstrator's path that the pose lies beside, in frames."""
    aside_m: float
    turned_rad: float


def ask_on_views(subject: Subject, evidence: Evidence) -> tuple[OffsetViews, ...]:
    """Return a policy's and the expert's actions in poses around each demonstration.

    The poses depend on the scenes alone, so that all policies are shown the same views. A policy with a memory sees
    the ``CONTEXT`` steps that lead to a pose along the demonstrator's path; others see the view alone.
    """
    if subject.policy.spec.privileged:
        raise NotAvailableError("the policy is privileged: it sees the true world, not the camera's views")
    renderer = make_renderer("auto")
    camera = PoseCamera(renderer, subject.policy.spec.image_size or IMAGE_SIZE)
    watched = WatchedPolicy(subject.policy)
    try:
        return tuple(
            _ask_episode(subject, watched, camera, number, scene) for number, scene in enumerate(evidence.scenes)
        )
    finally:
        subject.meter.frames += watched.frames
        camera.close()
        renderer.close()


def _ask_episode(
    subject: Subject, watched: WatchedPolicy, camera: PoseCamera, number: int, scene: EpisodeScene
) -> OffsetViews:
    views = choose_poses(subject, number, scene)
    answers = [
        _ask_batch(subject, watched, camera, number, scene, views[first : first + OFFLINE_BATCH])
        for first in range(0, len(views), OFFLINE_BATCH)
    ]
    poses = [locate_view(scene, view) for view in views]
    labels = [
        compute_expert_action(scene.planner, pose, scene.progress_at(view.frame))
        for pose, view in zip(poses, views, strict=True)
    ]
    return OffsetViews(
        anchors=np.array([view.anchor for view in views], int),
        frames=np.array([view.frame for view in views], int),
        poses=np.array(poses, np.float64).reshape(-1, 3),
        labels=np.array(labels, np.float64).reshape(-1, 3),
        predictions=np.concatenate([np.zeros((0, 3)), *answers]),
    )


def choose_poses(subject: Subject, number: int, scene: EpisodeScene) -> list[ViewPose]:
    """Draw ``VIEWS`` free poses around the demonstrator's, ``LATER_S`` after each anchor."""
    fps, told = subject.recording.fps, subject.signals[number].scene
    later = max(1, round(LATER_S * fps))
    found: list[ViewPose] = []
    for anchor in range(0, len(scene.poses) - later, max(1, round(ANCHOR_EVERY_S * fps))):
        rng = make_generator(0, f"views/{told}/{anchor}")
        drawn = (_draw_pose(rng, anchor, later) for _ in range(TRIES))
        free = (view for view in drawn if is_free(scene, view))
        found += islice(free, VIEWS)
    return found


def _draw_pose(rng: np.random.Generator, anchor: int, later: int) -> ViewPose:
    pace, aside, turned = rng.standard_normal(3)
    return ViewPose(
        anchor, anchor + later, anchor + later * (1.0 + PACE * pace), float(ASIDE_M * aside), float(TURNED_RAD * turned)
    )


def is_free(scene: EpisodeScene, view: ViewPose) -> bool:
    """Return whether a robot can be there: clear of obstacles, as is the way from the demonstrator's path, and not
    where the episode would have ended.
    """
    pose, on_path = locate_view(scene, view), locate_view(scene, view._replace(aside_m=0.0))
    between = on_path[:2] + np.linspace(0.0, 1.0, WAY_POINTS)[:, None] * (pose[:2] - on_path[:2])
    clear = bool((scene.measure_clearance(between[None], [view.frame]) > LEAST_CLEARANCE_M).all())
    task = scene.world.task
    goal = scene.world.goal_at(scene.progress_at(view.frame))
    return clear and (task.must_stay or math.dist(goal.xy, pose[:2]) > task.goal.radius_m)


def locate_view(scene: EpisodeScene, view: ViewPose, before: float = 0.0) -> np.ndarray:
    """Return the pose (3,) of a view, or that ``before`` frames earlier, beside the demonstrator's path."""
    time = min(max(view.time - before, 0.0), len(scene.poses) - 1.0)
    place = int(min(time, len(scene.poses) - 2)) if len(scene.poses) > 1 else 0
    share = time - place
    here, there = scene.poses[place], scene.poses[min(place + 1, len(scene.poses) - 1)]
    x, y = (1.0 - share) * here[:2] + share * there[:2]
    yaw = here[2] + share * math.remainder(there[2] - here[2], math.tau)
    return np.array(
        [x - math.sin(yaw) * view.aside_m, y + math.cos(yaw) * view.aside_m, yaw + view.turned_rad], np.float64
    )


def _ask_batch(
    subject: Subject,
    watched: WatchedPolicy,
    camera: PoseCamera,
    number: int,
    scene: EpisodeScene,
    views: list[ViewPose],
) -> np.ndarray:
    """The policy's actions (n, 3) on at most ``OFFLINE_BATCH`` views."""
    spec, worlds = watched.spec, [scene.world] * OFFLINE_BATCH
    live = np.arange(OFFLINE_BATCH) < len(views)
    frames = FrameHistory(spec.observation.frames)
    watched.reset(range(OFFLINE_BATCH), [subject.signals[number].instruction] * OFFLINE_BATCH)
    answer = np.zeros((OFFLINE_BATCH, 1, 3), np.float32)
    for before in _list_steps(subject):
        step = _look(subject, camera, number, scene, views, before)
        frames.add(step.pixels)
        if before == 0 or spec.executed_actions == 1:
            answer = watched.act(make_observation(spec, step, worlds, live, frames))
    return np.clip(answer[: len(views), 0].astype(np.float64), -1.0, 1.0)


def _list_steps(subject: Subject) -> Iterator[int]:
    """Steps before each view that a policy is shown, the view itself last."""
    spec = subject.policy.spec
    remembers = spec.history != 1 or spec.observation.frames > 1
    return reversed(range(CONTEXT if remembers else 1))


def _look(
    subject: Subject, camera: PoseCamera, number: int, scene: EpisodeScene, views: list[ViewPose], before: int
) -> BatchedStep:
    """What a robot sees and measures at each view, or some policy steps earlier; padded to ``OFFLINE_BATCH``."""
    earlier = before * subject.policy.spec.period_s * subject.recording.fps  # frames
    states = [_make_state(subject, number, scene, view, earlier) for view in views]
    pixels = [np.zeros((0, 0, 3), np.uint8)] * len(views)
    if subject.policy.spec.image_size is not None:
        pixels = [camera.render(scene.world, state.pose, state.progress) for state in states]
        subject.meter.renders += len(pixels)
    missing = OFFLINE_BATCH - len(views)
    return BatchedStep(np.stack([*pixels, *[pixels[0]] * missing]), (*states, *[states[0]] * missing))


def _make_state(subject: Subject, number: int, scene: EpisodeScene, view: ViewPose, earlier: float) -> EpisodeState:
    pose, start = locate_view(scene, view, earlier), scene.world.start
    frame = max(0, round(view.frame - earlier))
    velocity = subject.signals[number].agent_pos[frame, :3]
    turned = math.remainder(pose[2] - start.yaw, math.tau)
    agent_pos = np.array([*velocity, *start.to_local(pose[:2]), turned], np.float32)
    return EpisodeState(agent_pos, pose, None, None, math.inf, scene.progress_at(frame))
