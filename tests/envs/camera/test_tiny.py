from __future__ import annotations

from dataclasses import replace

import numpy as np
import pybullet as p
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envs.camera import Renderer, Shot, View
from envs.camera.tiny import TinyRenderer, background_bytes
from scenarios.common.errors import InputError

from .conftest import VIEWS, Builder


@given(st.tuples(*[st.floats(0.0, 1.0)] * 3))
def test_a_background_is_rounded_to_the_nearest_byte(colour: tuple[float, float, float]) -> None:
    assert np.abs(background_bytes(colour) - 255.0 * np.array(colour)).max() <= 0.5


def test_a_background_outside_its_range_is_clipped() -> None:
    assert background_bytes((-0.5, 0.5, 1.5)).tolist() == [0, 128, 255]


def test_render_rgb_gives_the_pictures_of_render(tiny: Renderer, client: int, build: Builder) -> None:
    build(client)
    shots = [Shot(client, view, 40, 30) for view in VIEWS.values()]
    expected = np.stack([image.rgb for image in tiny.render(shots)])
    out = np.zeros((5, 30, 40, 3), np.uint8)
    assert tiny.render_rgb(shots, out[1:4]).base is out
    assert np.array_equal(out[1:4], expected)
    assert np.array_equal(tiny.render_rgb(shots), expected)
    assert not out[[0, 4]].any()


def test_depth_and_segmentation_are_given_only_on_request(tiny: Renderer, client: int, build: Builder) -> None:
    build(client)
    shot = Shot(client, VIEWS["ahead"], 32, 24)
    plain, full = tiny.render([shot])[0], tiny.render([shot], depth=True, segmentation=True)[0]
    assert plain.depth_m is None
    assert plain.segmentation is None
    assert np.array_equal(plain.rgb, full.rgb)
    assert full.depth_m is not None
    assert full.depth_m.shape == full.segmentation.shape == (24, 32)  # type: ignore[union-attr]


def test_high_quality_changes_nothing(tiny: Renderer, client: int, build: Builder) -> None:
    build(client)
    shot = Shot(client, VIEWS["ahead"], 32, 32)
    assert np.array_equal(tiny.render([shot])[0].rgb, tiny.render([replace(shot, high_quality=True)])[0].rgb)


def test_a_new_body_is_drawn_without_refresh(tiny: Renderer, client: int) -> None:
    shot = Shot(client, View((0.0, 0.0, 0.0), (1.0, 0.0, 0.0)), 9, 9)
    assert (tiny.render([shot])[0].rgb == 255).all()
    visual = p.createVisualShape(p.GEOM_BOX, halfExtents=(1, 1, 1), rgbaColor=(1, 0, 0, 1), physicsClientId=client)
    p.createMultiBody(0, -1, visual, (3, 0, 0), physicsClientId=client)
    assert (tiny.render([shot])[0].rgb[4, 4, 1:] == 0).all()


def test_a_pybullet_without_numpy_is_refused_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(p, "isNumpyEnabled", lambda: 0)
    with pytest.raises(InputError, match=r"without NumPy.*pip install numpy setuptools wheel"):
        TinyRenderer()
