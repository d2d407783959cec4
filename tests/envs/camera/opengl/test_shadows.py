from __future__ import annotations

from dataclasses import replace

import numpy as np
import pybullet as p
import pytest

from envs.camera import Shot, View
from envs.camera.opengl.renderer import GlRenderer
from scenarios.world import Light

from ..conftest import VIEWS, Builder


def floor_and_box(client: int) -> None:
    for extents, place, colour in (((4, 4, 0.1), (0, 0, -0.1), 0.8), ((0.3, 0.3, 0.3), (0, 0, 0.6), 0.5)):
        visual = p.createVisualShape(
            p.GEOM_BOX, halfExtents=extents, rgbaColor=(colour, colour, colour, 1), physicsClientId=client
        )
        p.createMultiBody(0, -1, visual, place, physicsClientId=client)


def test_things_cast_shadows_on_the_floor(gl: GlRenderer, client: int) -> None:
    floor_and_box(client)
    shot = Shot(client, View((0.0, 0.0, 5.0), (0.0, 0.0, 0.0), (0.0, 1.0, 0.0), fov_deg=50.0), 100, 100)
    plain, high_quality = gl.render([shot, replace(shot, high_quality=True)])
    # The light comes from +x, -y, so the shadow falls beside the box towards -x, +y.
    shadow, lit = (slice(38, 44), slice(36, 42)), (slice(56, 62), slice(58, 64))
    assert plain.rgb[shadow].mean() == plain.rgb[lit].mean()
    assert high_quality.rgb[shadow].mean() < 0.85 * high_quality.rgb[lit].mean()


def test_things_far_apart_all_cast_shadows(gl: GlRenderer, client: int) -> None:
    floor = p.createVisualShape(p.GEOM_BOX, halfExtents=(9, 9, 0.1), physicsClientId=client)
    p.createMultiBody(0, -1, floor, (0, 0, -0.1), physicsClientId=client)
    places = [(x, y) for x in (-4, 0, 4) for y in (-4, 0, 4)]
    visual = p.createVisualShape(p.GEOM_BOX, halfExtents=(0.3, 0.3, 0.1), physicsClientId=client)
    for x, y in places:
        p.createMultiBody(0, -1, visual, (x, y, 1.0), physicsClientId=client)
    light = Light((0.0, 0.0, 1.0))
    for x, y in places:  # seen from the side, below the box
        view = View((x + 2.0, y, 0.8), (x, y, 0.0), fov_deg=10.0)
        under, beside = (
            gl.render([Shot(client, replace(view, target=(x, y + aside, 0.0)), 9, 9, light, high_quality=True)])[0].rgb
            for aside in (0.0, 1.2)
        )
        assert under[4, 4].mean() < 0.85 * beside[4, 4].mean()


def test_edges_are_smooth(gl: GlRenderer, client: int) -> None:
    floor_and_box(client)
    shot = Shot(client, View((1.5, 2.0, 1.7), (0.0, 0.0, 0.3), fov_deg=50.0), 120, 120, background=(0.0, 0.0, 0.0))
    plain, high_quality = gl.render([shot, replace(shot, high_quality=True)])
    assert len(np.unique(high_quality.rgb.reshape(-1, 3), axis=0)) > 5 * len(
        np.unique(plain.rgb.reshape(-1, 3), axis=0)
    )


def test_solids_that_the_near_plane_cuts_look_filled(gl: GlRenderer, client: int) -> None:
    floor_and_box(client)
    view = View((0.0, 0.0, 5.0), (0.0, 0.0, 0.0), (0.0, 1.0, 0.0), fov_deg=50.0, near_m=4.4)
    middle = gl.render([Shot(client, view, 100, 100, high_quality=True)])[0].rgb[50, 50]
    assert np.abs(middle.astype(int) - (61, 66, 76)).max() <= 1


def test_high_quality_pictures_repeat_bit_by_bit_and_do_not_change_others(
    gl: GlRenderer, client: int, build: Builder
) -> None:
    build(client)
    shots = [Shot(client, VIEWS["ahead"], 160, 90, high_quality=True), Shot(client, VIEWS["ahead"])]
    first = gl.render(shots, segmentation=True)
    second = gl.render(shots[::-1])[::-1]
    for one, two in zip(first, second, strict=True):
        assert np.array_equal(one.rgb, two.rgb)
    assert first[0].segmentation is not None


def test_a_crop_is_a_part_of_the_whole_picture(gl: GlRenderer, client: int, build: Builder) -> None:
    build(client)
    whole = Shot(client, VIEWS["ahead"], 160, 90, background=(0.5, 0.6, 0.7), high_quality=True)
    part = replace(whole, view=whole.view.crop((160, 90), 40, 20, 64, 48), width=64, height=48)
    for quality, margin in ((True, 16), (False, 0)):  # edges near the margin are smoothed with less to look at
        one, other = (
            shot.rgb.astype(int) for shot in gl.render([replace(s, high_quality=quality) for s in (whole, part)])
        )
        differences = np.abs(one[20:68, 40:104] - other).max(axis=2)[margin : 48 - margin, margin : 64 - margin]
        assert np.mean(differences > 8) < 0.01


def test_a_gpu_s_four_samples_and_smoothed_edges_look_alike(
    client: int, build: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(client)
    shot = Shot(client, VIEWS["ahead"], 160, 90, high_quality=True)
    pictures = []
    for software in (True, False):
        gl = GlRenderer()
        monkeypatch.setattr(gl, "_software", software)
        pictures.append(gl.render([shot])[0].rgb.astype(int))
        gl.close()
    assert np.abs(pictures[0] - pictures[1]).mean() < 1.5
    assert np.mean(np.abs(pictures[0] - pictures[1]).max(axis=2) > 40) < 0.02


def test_of_two_surfaces_in_one_plane_the_same_is_seen_from_everywhere(gl: GlRenderer, client: int) -> None:
    for extents, place, colour in (
        ((0.02, 3.0, 0.2), (0.0, 0.0, 0.2), (1.0, 0.0, 0.0, 1.0)),
        ((0.02, 0.4, 0.9), (0.0, 0.3, 0.9), (0.0, 0.0, 1.0, 1.0)),
    ):
        visual = p.createVisualShape(p.GEOM_BOX, halfExtents=extents, rgbaColor=colour, physicsClientId=client)
        p.createMultiBody(0, -1, visual, place, physicsClientId=client)
    for number in range(12):
        view = View((1.0 + 0.37 * number, 0.71 * number - 4.0, 1.3), (0.0, 0.3, 0.2), fov_deg=14.0 - number)
        rgb = gl.render([Shot(client, view, 33, 33, high_quality=True)])[0].rgb
        assert rgb[16, 16, 2] > rgb[16, 16, 0] + 50
