from __future__ import annotations

import subprocess
import sys

import numpy as np
import pybullet as p
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

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


DIRECTIONS = st.tuples(*[st.floats(-1.0, 1.0)] * 3).filter(lambda v: np.linalg.norm(v) > 0.1)
PLACES = st.tuples(*[st.floats(-20.0, 20.0)] * 3)


@st.composite
def views(draw: st.DrawFn) -> View:
    eye, ahead, up = draw(PLACES), draw(DIRECTIONS), draw(DIRECTIONS)
    assume(np.linalg.norm(np.cross(ahead, up)) > 0.01)
    near_m = draw(st.floats(0.01, 1.0))
    x, y, z = np.add(eye, ahead).tolist()
    return View(eye, (x, y, z), up, draw(st.floats(5.0, 150.0)), near_m, near_m + draw(st.floats(0.5, 50.0)))


@settings(max_examples=50)
@given(views())
def test_the_axes_are_orthonormal_and_right_handed(view: View) -> None:
    axes = np.array(view.axes())
    assert np.allclose(axes @ axes.T, np.eye(3), atol=1e-9)
    right, up, forward = axes
    assert np.allclose(np.cross(right, up), -forward)
    assert np.dot(up, view.up) > 0.0
    assert np.dot(forward, np.subtract(view.target, view.eye)) > 0.0


@settings(max_examples=50)
@given(views(), st.floats(0.5, 2.0))
def test_the_frustum_fills_the_clip_cube(view: View, aspect: float) -> None:
    """The field of view reaches the picture's edges, and the clipping planes the ends of the depth range."""
    right, up, forward = np.array(view.axes())
    matrix = view.projection_matrix(aspect) @ view.view_matrix()
    tangent = np.tan(np.radians(view.fov_deg) / 2.0)
    for distance, depth in ((view.near_m, -1.0), (view.far_m, 1.0)):
        for x, y in ((0, 0), (1, 0), (0, 1), (-1, -1)):
            point = view.eye + distance * (forward + tangent * (x * aspect * right + y * up))
            clip = matrix @ [*point, 1.0]
            assert np.allclose(clip[:3] / clip[3], (x, y, depth), atol=1e-5)


@settings(max_examples=50)
@given(views(), st.integers(0, 40), st.integers(0, 30), st.integers(1, 24), st.integers(1, 18))
def test_a_crop_shows_what_the_whole_picture_shows_there(view: View, left: int, top: int, wide: int, high: int) -> None:
    size, aspect = (64, 48), 64 / 48
    part = view.crop(size, left, top, wide, high)
    right, up, forward = np.array(view.axes())
    tangent = np.tan(np.radians(view.fov_deg) / 2.0)
    for x, y in ((0.0, 0.0), (0.9, -0.8), (-0.3, 0.7)):
        point = [*(view.eye + view.far_m * (forward + tangent * (x * aspect * right + y * up))), 1.0]
        clip = part.projection_matrix(wide / high) @ part.view_matrix() @ point
        in_part = (1.0 + clip[0] / clip[3]) / 2.0 * wide, (1.0 - clip[1] / clip[3]) / 2.0 * high
        whole = (1.0 + x) / 2.0 * size[0], (1.0 - y) / 2.0 * size[1]
        assert np.allclose(in_part, (whole[0] - left, whole[1] - top), atol=1e-3)
    again = view.crop(size, 8, 8, 32, 24).crop((32, 24), 4, 2, 10, 10)
    assert np.allclose(again.shift, view.crop(size, 12, 10, 10, 10).shift)
