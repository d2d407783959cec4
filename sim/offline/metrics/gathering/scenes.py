"""Rebuilds the true scenes of recorded episodes."""

from __future__ import annotations

import numpy as np

from policies.dataset.demonstration import DemonstrationSignals
from policies.dataset.episodes import EpisodeDataset
from policies.dataset.mapping.mapping import FROM_ACTIONS
from scenarios.lookup import get_scenario
from scenarios.navigation.odometry import pose_from_odometry
from sim.offline.metrics.evidence import Evidence
from sim.offline.metrics.gathering.subject import NotAvailableError, Subject
from sim.offline.metrics.scenes.scene import EpisodeScene

ODOMETRY = ("x", "y", "yaw")


def rebuild_scenes(subject: Subject, evidence: Evidence) -> tuple[EpisodeScene, ...]:
    """Rebuild the scene of every episode, with the poses that the odometry tells."""
    if any(signals.scene is None for signals in subject.signals):
        raise NotAvailableError("the data set doesn't name the scenes that it was recorded in")
    if not has_odometry(subject.recording):
        raise NotAvailableError("the data set has no odometry, which tells where the robot was")
    return tuple(_rebuild(signals, subject.recording.fps) for signals in subject.signals)


def has_odometry(recording: EpisodeDataset) -> bool:
    """Return whether a data set's state has the odometry."""
    state = recording.mapping.state
    return state == FROM_ACTIONS if isinstance(state, str) else all(axis in state.columns for axis in ODOMETRY)


def _rebuild(signals: DemonstrationSignals, fps: float) -> EpisodeScene:
    scene = signals.scene
    assert scene is not None  # checked for all
    world = get_scenario(scene.scenario).world(scene.suite_seed, scene.episode)
    poses = np.array([pose_from_odometry(world, row) for row in signals.agent_pos])
    routes = [mover.route for mover in world.movers]
    progress = [[route.advance(route.start_m, frame / fps) for route in routes] for frame in range(signals.length)]
    return EpisodeScene(world, poses, np.array(progress, np.float64).reshape(signals.length, len(routes)), fps)
