from __future__ import annotations

import subprocess
import sys

import numpy as np
import pybullet as p
import pytest

from envs.camera import View
from scenarios.common.errors import InputError

VIEW = View((1.0, 2.0, 3.0), (-2.0, 0.5, 0.1), (0.1, 0.2, 1.0), fov_deg=47.0, near_m=0.07, far_m=21.0)


def test_the_matrices_are_those_that_pybullet_computes() -> None:
    theirs = p.computeViewMatrix(VIEW.eye, VIEW.target, VIEW.up)
    assert np.allclose(VIEW.view_matrix().T.ravel(), theirs, atol=1e-5)
    theirs = p.computeProjectionMatrixFOV(VIEW.fov_deg, 1.6, VIEW.near_m, VIEW.far_m)
    assert np.allclose(VIEW.projection_matrix(1.6).T.ravel(), theirs, atol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"target": (1.0, 2.0, 3.0)}, "differ"),
        ({"up": (-3.0, -1.5, -2.9)}, "parallel"),
        ({"fov_deg": 180.0}, "fov_deg"),
        ({"near_m": 0.0}, "near_m"),
        ({"near_m": 5.0, "far_m": 4.0}, "far_m"),
    ],
)
def test_an_impossible_view_is_refused(arguments: dict[str, object], word: str) -> None:
    with pytest.raises(InputError, match=word):
        View(**{"eye": (1.0, 2.0, 3.0), "target": (-2.0, 0.5, 0.1), **arguments})  # type: ignore[arg-type]


def test_a_view_costs_neither_pybullet_nor_opengl() -> None:
    """Judged by what importing it adds, because the package above it may register environments."""
    code = "import envs, sys; before = set(sys.modules); import envs.camera.view; print(*set(sys.modules) - before)"
    added = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "envs.camera.view" in added
    assert not {"pybullet", "moderngl"} & set(added)
