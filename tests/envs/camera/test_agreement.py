"""The law of the camera: what PyBullet draws, OpenGL draws alike, or a warning names the body and why."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envs.camera.opengl.renderer import GlRenderer

from .random_worlds import draw

QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=12, deadline=None, suppress_health_check=QUIET)
@given(st.integers(0, 1 << 30))
def test_no_body_differs_silently_in_random_worlds(gl: GlRenderer, seed: int) -> None:
    outcome = draw(random.Random(seed), gl)
    assert outcome.pictures > 0
    assert not outcome.silent


@pytest.mark.slow
def test_many_random_worlds_differ_in_few_bodies(gl: GlRenderer) -> None:
    """Most of what is drawn agrees; the warnings are about what PyBullet doesn't return."""
    outcomes = [draw(random.Random(seed), gl) for seed in range(30)]
    assert not [words for outcome in outcomes for words in outcome.silent]
    assert sum(outcome.warned for outcome in outcomes) < sum(outcome.pictures for outcome in outcomes)
