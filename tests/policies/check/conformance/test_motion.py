"""Motion tells which of rate, actions and state is wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from policies.check.conformance.motion import ITEMS, collect_motion, judge_motion
from policies.check.findings import MATCH, MISMATCH, UNDECLARED, Conformity
from policies.dataset.demonstration import DemonstrationSignals
from scenarios.robot import ACTION_SCALE

FPS = 10.0


def drive(frames: int = 60, fps: float = FPS) -> DemonstrationSignals:
    """Drive by slowly changing actions that the robot follows within a frame."""
    times = np.arange(frames)[:, None] / fps
    actions = np.array([0.4, 0.3, 0.5]) * np.sin(times * (2.0, 3.1, 2.6) + (0.0, 1.0, 2.0)) + (0.3, 0.0, 0.0)
    velocities = np.concatenate([np.zeros((1, 3)), ACTION_SCALE * actions[:-1]])
    poses = np.zeros((frames, 3))
    for frame in range(1, frames):
        ahead, left, turn = velocities[frame] / fps
        yaw = poses[frame - 1, 2] + turn / 2.0
        step = (np.cos(yaw) * ahead - np.sin(yaw) * left, np.sin(yaw) * ahead + np.cos(yaw) * left, turn)
        poses[frame] = poses[frame - 1] + step
    state = np.concatenate([velocities, poses], axis=1).astype(np.float32)
    acted = actions.astype(np.float32)
    return DemonstrationSignals(None, "drive", True, "a test", state, acted, acted)


def judge(episode: DemonstrationSignals, fps: float = FPS) -> dict[str, Conformity]:
    found = judge_motion(collect_motion([episode, episode], fps), fps)
    assert tuple(each.item for each in found) == ITEMS
    return {each.item: each for each in found}


def mismatches(found: dict[str, Conformity]) -> set[str]:
    return {item for item, each in found.items() if each.verdict == MISMATCH}


def with_actions(episode: DemonstrationSignals, actions: np.ndarray) -> DemonstrationSignals:
    return replace(episode, actions=actions.astype(np.float32), executed=actions.astype(np.float32))


def test_a_sound_recording_matches_in_everything() -> None:
    assert {each.verdict for each in judge(drive()).values()} == {MATCH}


@pytest.mark.parametrize(("declared", "true"), [(5.0, "10 Hz"), (30.0, "10 Hz")])
def test_a_wrong_rate_is_named_with_the_true_one(declared: float, true: str) -> None:
    found = judge(drive(), declared)
    assert mismatches(found) == {"frame rate"}
    assert found["frame rate"].live.startswith(true)


def test_actions_in_metres_per_second_are_named() -> None:
    episode = drive()
    found = judge(with_actions(episode, episode.actions * ACTION_SCALE))
    assert mismatches(found) == {"unit of actions"}
    assert found["unit of actions"].declared == "1 is 1 m/s, rad/s: metres per second"


@pytest.mark.parametrize(
    ("columns", "signs", "said"),
    [
        ([0, 1, 2], [1, -1, 1], "vx, -vy, wz"),
        ([2, 0, 1], [1, 1, 1], "wz, vx, vy"),
        ([0, 2, 1], [1, 1, -1], "vx, wz, -vy"),
    ],
)
def test_exchanged_and_reversed_axes_are_named_and_do_not_look_like_a_wrong_unit(columns, signs, said) -> None:
    episode = drive()
    found = judge(with_actions(episode, episode.actions[:, columns] * signs))
    assert mismatches(found) == {"axes of actions"}
    assert found["axes of actions"].declared == said


def test_velocities_in_another_unit_are_told_from_a_wrong_rate() -> None:
    episode = drive()
    scaled = replace(episode, agent_pos=episode.agent_pos / np.float32([ACTION_SCALE] * 3 + [1] * 3))
    assert mismatches(judge(scaled)) == {"unit of the state"}


def test_nothing_is_told_where_nothing_moves_or_actions_explain_nothing() -> None:
    episode = drive()
    still = replace(episode, agent_pos=np.zeros_like(episode.agent_pos))
    assert {each.verdict for each in judge(still).values()} == {UNDECLARED}
    noise = np.random.default_rng(0).uniform(-1.0, 1.0, episode.actions.shape)
    found = judge(with_actions(episode, noise))
    assert found["unit of actions"].verdict == found["axes of actions"].verdict == UNDECLARED
    assert found["frame rate"].verdict == MATCH
    assert {each.verdict for each in judge(drive(frames=8)).values()} == {UNDECLARED}
