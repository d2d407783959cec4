"""Laws of the golden suite: what is in it, and that its stages see what they are named for."""

from __future__ import annotations

import numpy as np
import pytest

from envs.camera.shot import Shot
from envs.camera.view import View
from scenarios.registry import SCENARIOS
from sim.benchmark.golden import suite
from sim.benchmark.golden.suite import (
    CASES,
    POLICIES,
    BlankRenderer,
    case_name,
    drive_cases,
    sample_cases,
)


def test_every_family_and_some_disturbances_are_in_it_once() -> None:
    names = [case_name(*case) for case in CASES]
    assert names[: len(SCENARIOS)] == list(SCENARIOS)
    assert len(set(names)) == len(names) > len(SCENARIOS)
    assert list(sample_cases()) == names
    assert {"straight", "expert"} <= set(POLICIES)


def test_a_blank_picture_has_the_size_that_was_asked_for() -> None:
    view = View((0.0, 0.0, 1.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
    shots = [Shot(0, view, 4, 3)] * 2
    assert BlankRenderer().render_rgb(shots).shape == (2, 3, 4, 3)
    out = np.zeros((2, 3, 4, 3), np.uint8)
    assert BlankRenderer().render_rgb(shots, out) is out
    assert (out == 255).all()
    assert BlankRenderer().render(shots)[0].rgb.shape == (3, 4, 3)


@pytest.mark.slow
def test_a_drive_without_pictures_depends_on_the_policy_and_repeats(monkeypatch: pytest.MonkeyPatch) -> None:
    case = [("corridor", "none")]
    straight, again, random = (
        drive_cases(policy, case, BlankRenderer())["corridor"].row.digest
        for policy in ("straight", "straight", "random")
    )
    assert straight == again != random
    monkeypatch.setattr(suite, "SEED", suite.SEED + 1)
    assert drive_cases("straight", case, BlankRenderer())["corridor"].row.digest != straight
