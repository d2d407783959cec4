"""The law of the camera: what PyBullet draws, OpenGL draws alike, or a warning names the body and why."""

from __future__ import annotations

import random
import warnings

import pybullet as p
import pybullet_data
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envs.camera import Camera, Renderer
from envs.camera.bodies.agreement import find_differences
from envs.camera.opengl.renderer import GlRenderer

from .random_worlds import draw

QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=12, deadline=None, suppress_health_check=QUIET)
@given(st.integers(0, 1 << 30))
def test_no_body_differs_silently_in_random_worlds(gl: GlRenderer, seed: int) -> None:
    outcome = draw(random.Random(seed), gl)
    assert outcome.pictures > 0
    assert not outcome.silent


@pytest.mark.parametrize("moved", [False, True])
@pytest.mark.parametrize("name", ["half_cheetah", "ant", "hopper", "walker2d"])
def test_models_of_mjcf_agree_at_any_place_and_pose(
    name: str, moved: bool, gl: GlRenderer, tiny: Renderer, client: int
) -> None:
    body = p.loadMJCF(f"{pybullet_data.getDataPath()}/mjcf/{name}.xml", physicsClientId=client)[0]
    if moved:
        p.resetBasePositionAndOrientation(body, (0.4, 0.2, 0.1), (0.2, -0.1, 0.4, 0.8), client)
        for joint in range(p.getNumJoints(body, client)):
            p.resetJointState(body, joint, 0.3, physicsClientId=client)
    cameras = (Camera(client, width=320, height=240, renderer=each, compare=False) for each in (gl, tiny))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ours, theirs = (camera.look_at((2, -2, 1.5), (0, 0, 0.6)).render(segmentation=True) for camera in cameras)
    assert theirs.segmentation is not None
    assert (theirs.segmentation >= 0).sum() > 500
    assert not find_differences(ours, theirs)


def test_a_model_of_which_not_all_can_be_told_is_warned_of_by_name(gl: GlRenderer, client: int) -> None:
    p.loadMJCF(f"{pybullet_data.getDataPath()}/mjcf/humanoid.xml", physicsClientId=client)
    with pytest.warns(UserWarning, match="is drawn upright") as said:
        Camera(client, width=16, height=12, renderer=gl, compare=False).look_at((2, -2, 1.5), (0, 0, 1)).render()
    words = {str(each.message).split(" of client")[0] for each in said}
    assert words == {"body 1 link -1", "body 1 link 13", "body 1 link 22"}  # with two limbs each: trunk and feet


@pytest.mark.slow
def test_many_random_worlds_differ_in_few_bodies(gl: GlRenderer) -> None:
    """Most of what is drawn agrees; the warnings are about what PyBullet doesn't return."""
    outcomes = [draw(random.Random(seed), gl) for seed in range(30)]
    assert not [words for outcome in outcomes for words in outcome.silent]
    assert sum(outcome.warned for outcome in outcomes) < sum(outcome.pictures for outcome in outcomes)
