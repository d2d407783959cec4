"""A data set that the camera or the robot of this simulator can't have made is told from one that it has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from envs.simulation.command import Command
from envs.simulation.lockstep import Lockstep
from policies.check.conformance.conformance import compare_with_dataset
from policies.check.findings import MISMATCH, UNDECLARED
from policies.dataset import DatasetWriter, Demonstration, SceneRef
from policies.dataset.episodes import open_dataset
from policies.formats.action_format import ActionFormat
from policies.formats.normalisation import Normalisation
from policies.policy import PolicySpec
from scenarios.lookup import get_scenario
from scenarios.robot import ACTION_SCALE, CAMERA_FOV_DEG
from scenarios.world import CameraOffset, Conditions
from sim.start_frames import render_starts

FAMILIES = ("corridor", "rooms", "lookalikes", "box-detour")
FRAMES = 16
SPEC = PolicySpec("tested", (224, 224), 0.1, (0.0, 0.0, 0.0))


def record(conditions: Conditions) -> list[Demonstration]:
    """Drive an episode of each family by slowly changing commands."""
    scenes = [SceneRef(family, 4100, number) for number, family in enumerate(FAMILIES)]
    worlds = [get_scenario(scene.scenario).world(scene.suite_seed, scene.episode) for scene in scenes]
    lockstep = Lockstep(len(scenes))
    try:
        steps = [lockstep.reset([replace(world, conditions=conditions) for world in worlds])]
        times = np.arange(FRAMES)[:, None, None] + 5.0 * np.arange(len(scenes))[:, None]
        actions = np.array([0.3, 0.15, 0.3]) * np.sin(times * (0.5, 0.8, 0.6)) + (0.2, 0.0, 0.0)  # (t, n, 3)
        for action in actions[:-1]:
            steps.append(lockstep.step(Command.hold(action), np.ones(len(scenes), bool)))
    finally:
        lockstep.close()
    return [
        Demonstration(
            scene=scene,
            instruction=worlds[slot].instruction,
            success=True,
            source="a test",
            pixels=np.stack([step.pixels[slot] for step in steps]),
            agent_pos=np.stack([step.states[slot].agent_pos for step in steps]).astype(np.float32),
            actions=actions[:, slot].astype(np.float32),
            executed=actions[:, slot].astype(np.float32),
        )
        for slot, scene in enumerate(scenes)
    ]


@pytest.fixture(scope="module")
def recorded() -> list[Demonstration]:
    return record(Conditions())


def find_mismatches(
    episodes: Sequence[Demonstration], folder: Path, fps: int = 10, spec: PolicySpec = SPEC
) -> set[str]:
    """Write a data set, video and all, and return the items that differ, but for the sum of the pictures' items."""
    with DatasetWriter(folder, fps=Fraction(fps)) as writer:
        for episode in episodes:
            writer.add(episode)
    found = compare_with_dataset(spec, open_dataset(folder), render_starts)
    return {each.item for each in found if each.verdict == MISMATCH} - {"start frame"}


def change_pixels(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[Demonstration], Demonstration]:
    """Make a change of a demonstration from one of its frames (t, H, W, 3)."""
    return lambda episode: replace(episode, pixels=np.clip(change(episode.pixels), 0, 255).astype(np.uint8))


def change_actions(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[Demonstration], Demonstration]:
    """Make a change of a demonstration from one of its actions (t, 3)."""
    return lambda e: replace(e, actions=change(e.actions), executed=change(e.executed))


SEEDED: dict[str, tuple[Callable[[Demonstration], Demonstration], set[str]]] = {
    "nothing": (lambda episode: episode, set()),
    "BGR": (change_pixels(lambda p: p[..., ::-1]), {"channel order"}),
    "mirrored": (change_pixels(lambda p: p[:, :, ::-1]), {"orientation"}),
    "upside down": (change_pixels(lambda p: p[:, ::-1]), {"orientation"}),
    "brighter": (change_pixels(lambda p: p * 1.3), {"brightness"}),
    "darker": (change_pixels(lambda p: p * 0.75), {"brightness"}),
    "shifted": (change_pixels(lambda p: np.roll(p, 8, axis=2)), {"position"}),
    "blurred": (change_pixels(lambda p: ndimage.gaussian_filter(p, (0, 1.5, 1.5, 0))), {"sharpness"}),
    "BGR and mirrored": (change_pixels(lambda p: p[:, :, ::-1, ::-1]), {"channel order", "orientation"}),
    "m/s": (change_actions(lambda a: a * np.float32(ACTION_SCALE)), {"unit of actions"}),
    "y to the right": (change_actions(lambda a: a * np.float32([1, -1, 1])), {"axes of actions"}),
    "wz first": (change_actions(lambda a: a[:, [2, 0, 1]]), {"axes of actions"}),
    "normalised state": (
        lambda e: replace(e, agent_pos=e.agent_pos / np.float32([ACTION_SCALE] * 3 + [1] * 3)),
        {"unit of the state"},
    ),
    "other scenes": (lambda e: replace(e, scene=replace(e.scene, suite_seed=4177)), set()),
}


@pytest.mark.parametrize("name", SEEDED)
def test_every_seeded_mismatch_is_named_and_nothing_else(
    name: str, recorded: list[Demonstration], tmp_path: Path
) -> None:
    change, expected = SEEDED[name]
    assert find_mismatches([change(episode) for episode in recorded], tmp_path / "set") == expected


def test_another_field_of_view_is_estimated(tmp_path: Path) -> None:
    narrow = record(Conditions(mount=CameraOffset(fov_factor=70.0 / CAMERA_FOV_DEG)))
    assert find_mismatches(narrow, tmp_path / "set") == {"field of view"}
    found = compare_with_dataset(SPEC, open_dataset(tmp_path / "set"), render_starts)
    assert next(each.declared for each in found if each.item == "field of view") == "70°"


def test_a_wrong_rate_is_told_by_the_motion(recorded: list[Demonstration], tmp_path: Path) -> None:
    slow = replace(SPEC, period_s=0.2)
    assert find_mismatches(recorded, tmp_path / "set", fps=5, spec=slow) == {"frame rate"}
    found = compare_with_dataset(slow, open_dataset(tmp_path / "set"), render_starts)
    assert next(each.live for each in found if each.item == "frame rate") == "10 Hz by its motion"


def test_scenes_that_look_otherwise_are_told_as_such(recorded: list[Demonstration], tmp_path: Path) -> None:
    change, _ = SEEDED["other scenes"]
    with DatasetWriter(tmp_path / "set", fps=Fraction(10)) as writer:
        for episode in recorded:
            writer.add(change(episode))
    found = {each.item: each for each in compare_with_dataset(SPEC, open_dataset(tmp_path / "set"), render_starts)}
    assert found["start frame"].verdict == MISMATCH
    assert "something else" in found["start frame"].evidence
    assert found["orientation"].verdict == UNDECLARED


def test_a_policy_that_wants_something_else_is_told(recorded: list[Demonstration], tmp_path: Path) -> None:
    wrong = Normalisation("mean-std", (0.0, 0.0, 0.0), (3.0, 3.0, 3.0))
    spec = replace(SPEC, image_size=(128, 128), period_s=0.25, action=ActionFormat(normalisation=wrong))
    assert find_mismatches(recorded, tmp_path / "set", spec=spec) == {"image size", "period", "action statistics"}


def test_the_statistics_of_the_set_match_themselves(recorded: list[Demonstration], tmp_path: Path) -> None:
    actions = np.concatenate([episode.actions for episode in recorded]) * ACTION_SCALE
    own = Normalisation("mean-std", tuple(actions.mean(axis=0).tolist()), tuple(actions.std(axis=0).tolist()))
    spec = replace(SPEC, action=ActionFormat(unit="si", normalisation=own))
    assert find_mismatches(recorded, tmp_path / "set", spec=spec) == set()


def test_sets_of_another_image_size_are_compared_at_their_size(recorded: list[Demonstration], tmp_path: Path) -> None:
    scenes = [episode.scene for episode in recorded]
    assert [frame.shape for frame in render_starts(scenes[:2], (96, 128))] == [(96, 128, 3)] * 2
