"""Renderers by name, and the law that both draw the same picture, so that a policy need not know which one drew it."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pybullet as p
import pytest

from envs.camera import RENDERERS, CameraImage, Renderer, Shot, View, apply_texture, load_texture, make_renderer
from envs.camera.opengl import context as context_module
from envs.camera.opengl.renderer import GlRenderer
from envs.camera.renderers import check_renderer
from scenarios.common.errors import InputError
from scenarios.world import Light

from .conftest import VIEWS, Builder


@pytest.fixture
def without_gl(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise OSError("libEGL.so not loaded")

    monkeypatch.setattr(context_module.moderngl, "create_standalone_context", fail)


@pytest.mark.usefixtures("without_gl")
def test_auto_falls_back_to_tiny_and_says_why() -> None:
    renderer = make_renderer("auto")
    assert (renderer.name, renderer.device) == ("tiny", "TinyRenderer")
    assert "libEGL.so not loaded" in renderer.reason


@pytest.mark.usefixtures("without_gl")
def test_gl_that_is_not_available_is_an_input_error() -> None:
    with pytest.raises(InputError, match=r"renderer 'gl' is not available here .*libEGL.*'tiny' always is"):
        make_renderer("gl")


def test_a_gpu_that_is_not_there_is_an_input_error_that_names_the_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    software = context_module.EglDevice(0, "software renderer", True)
    monkeypatch.setattr(context_module, "list_egl_devices", lambda: [software])
    with pytest.raises(
        InputError, match=r"renderer 'gpu' is not available here .*0 is a software renderer.*let 'auto' take"
    ):
        make_renderer("gpu")


@pytest.mark.gpu
def test_a_gpu_draws_what_every_other_renderer_draws(tiny: Renderer, client: int, build: Builder) -> None:
    try:
        gpu = make_renderer("gpu")
    except InputError as missing:
        pytest.skip(str(missing))
    build(client)
    shot = Shot(client, VIEWS["ahead"], 224, 224, background=BACKGROUND)
    assert "llvmpipe" not in gpu.device
    assert_alike(*both(gpu, tiny, shot))
    many = gpu.render_rgb([shot] * 300)  # more than are drawn at a time
    assert (many == many[0]).all()
    gpu.close()


def test_a_misspelt_renderer_gets_its_nearest_name() -> None:
    with pytest.raises(InputError, match="did you mean 'tiny'"):
        make_renderer("tinny")


def test_gl_names_its_device(gl: GlRenderer) -> None:
    assert gl.name == "gl"
    assert gl.reason == ""
    assert gl.device


def test_a_name_is_checked_without_opening_a_renderer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context_module.moderngl, "create_standalone_context", None)
    for name in RENDERERS:
        check_renderer(name)
    with pytest.raises(InputError, match="did you mean 'auto'"):
        check_renderer("autto")


BACKGROUND = (0.75, 0.82, 0.90)


def both(gl: GlRenderer, tiny: Renderer, shot: Shot) -> tuple[CameraImage, CameraImage]:
    (ours,), (theirs,) = (renderer.render([shot], depth=True, segmentation=True) for renderer in (gl, tiny))
    return ours, theirs


def assert_alike(ours: CameraImage, theirs: CameraImage, near: float = 0.995, mean: float = 0.5) -> None:
    difference = np.abs(ours.rgb.astype(int) - theirs.rgb)
    assert (difference.max(axis=-1) <= 16).mean() >= near
    assert difference.mean() <= mean
    assert ours.segmentation is not None
    assert ours.depth_m is not None
    same = ours.segmentation == theirs.segmentation
    assert same.mean() >= near
    assert np.abs(ours.depth_m - theirs.depth_m)[same].max() < 0.02


@pytest.mark.parametrize("name", VIEWS)
def test_a_furnished_corridor_looks_the_same(
    name: str, gl: GlRenderer, tiny: Renderer, client: int, build: Builder
) -> None:
    build(client)
    light = Light(direction=(0.3, -0.5, 0.8), colour=(1.0, 0.9, 0.7), ambient=0.5, diffuse=0.6)
    assert_alike(*both(gl, tiny, Shot(client, VIEWS[name], 224, 224, light, BACKGROUND)))


@pytest.mark.parametrize("size", [(64, 48), (97, 131), (320, 200)])
def test_any_picture_size_looks_the_same(
    size: tuple[int, int], gl: GlRenderer, tiny: Renderer, client: int, build: Builder
) -> None:
    build(client)
    assert_alike(*both(gl, tiny, Shot(client, VIEWS["ahead"], *size, background=BACKGROUND)))


SHAPES = {
    "box": {"shapeType": p.GEOM_BOX, "halfExtents": (0.4, 0.3, 0.2)},
    "sphere": {"shapeType": p.GEOM_SPHERE, "radius": 0.4},
    "cylinder": {"shapeType": p.GEOM_CYLINDER, "radius": 0.3, "length": 0.6},
    "rod": {"shapeType": p.GEOM_CYLINDER, "radius": 0.03, "length": 0.9},
    "capsule": {"shapeType": p.GEOM_CAPSULE, "radius": 0.2, "length": 0.5},
    "mesh": {"shapeType": p.GEOM_MESH, "meshScale": (0.4, 0.3, 0.7)},
}


@pytest.mark.parametrize("textured", [False, True])
@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_looks_the_same(
    name: str, textured: bool, gl: GlRenderer, tiny: Renderer, client: int, files: Path
) -> None:
    shape = dict(SHAPES[name])
    if name == "mesh":
        shape["fileName"] = str(files / "cone.obj")
    visual = p.createVisualShape(rgbaColor=(0.9, 0.6, 0.3, 1), physicsClientId=client, **shape)
    turn = p.getQuaternionFromEuler((0.3, 0.2, 0.5))
    body = p.createMultiBody(1, -1, visual, (0, 0, 0.2), turn, (0.1, 0.05, 0.2), physicsClientId=client)
    if textured:
        apply_texture(client, body, load_texture(client, files / "floor.png"))
    view = View((1.2, -1.5, 1.1), (0.0, 0.0, 0.2), fov_deg=40.0)
    ours, theirs = both(gl, tiny, Shot(client, view, 224, 224, background=BACKGROUND))
    assert (ours.segmentation == body).mean() > 0.005
    # Hulls of equal corners may differ in the diagonals of their sides, along which a texture bends.
    assert_alike(ours, theirs, near=0.99 if textured else 0.999)


@pytest.mark.parametrize("normal", [(0.0, 0.0, 1.0), (0.3, 0.0, 0.954), (0.9, 0.3, 0.316), (0.0, -0.6, -0.8)])
def test_an_infinite_plane_looks_the_same(
    normal: tuple[float, float, float], gl: GlRenderer, tiny: Renderer, client: int
) -> None:
    plane = p.createCollisionShape(p.GEOM_PLANE, planeNormal=normal, physicsClientId=client)
    p.createMultiBody(0, plane, physicsClientId=client)
    below = -1.2 if normal[2] < 0.0 else 1.2  # planes are drawn level, and seen from one side
    view = View((0.0, 0.0, below), (3.0, 0.0, 0.0), far_m=100.0)
    ours, theirs = both(gl, tiny, Shot(client, view))
    assert len(np.unique(ours.rgb.reshape(-1, 3), axis=0)) >= 2  # the checker, not one flat colour
    assert np.array_equal(ours.rgb, theirs.rgb) or (np.abs(ours.rgb.astype(int) - theirs.rgb) <= 16).mean() > 0.995


def _box(client: int, rgba: tuple[float, float, float, float] = (1, 1, 1, 1)) -> int:
    visual = p.createVisualShape(p.GEOM_BOX, halfExtents=(0.4, 0.4, 0.4), rgbaColor=rgba, physicsClientId=client)
    return int(p.createMultiBody(0, -1, visual, physicsClientId=client))


CORNER = View((1.2, -1.5, 1.1), (0.0, 0.0, 0.0), fov_deg=50.0)


@pytest.mark.parametrize("rgba", [(1.5, 0.5, 0.5, 1), (-0.25, 3.0, 1.001, 1), (1e6, -1e6, 0.3, 1), (0.2, 0.3, 0.4, -1)])
def test_colours_out_of_range_look_the_same(
    rgba: tuple[float, float, float, float], gl: GlRenderer, tiny: Renderer, client: int
) -> None:
    body = _box(client, rgba)
    ours, theirs = both(gl, tiny, Shot(client, CORNER, background=BACKGROUND))
    assert (theirs.segmentation == body).any()
    assert_alike(ours, theirs)


def test_a_texture_that_is_taken_away_is_gone_in_both(gl: GlRenderer, tiny: Renderer, client: int, files: Path) -> None:
    body = _box(client)
    shot = Shot(client, CORNER, background=BACKGROUND)
    apply_texture(client, body, load_texture(client, files / "floor.png"))
    before = gl.render([shot])[0].rgb
    apply_texture(client, body, -1)
    gl.refresh(client)
    ours, theirs = both(gl, tiny, shot)
    assert (ours.rgb != before).any()
    assert_alike(ours, theirs)


def test_triangles_without_normals_are_black_in_both(
    gl: GlRenderer, tiny: Renderer, client: int, tmp_path: Path
) -> None:
    lines = [f"v {x} {y} 0" for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    (tmp_path / "m.obj").write_text(
        "\n".join([*lines, "vn 0 0 1", "vn 0 0 0", "f 1//1 2//1 3//1", "f 1//1 3//2 4//1\n"])
    )
    visual = p.createVisualShape(p.GEOM_MESH, fileName=str(tmp_path / "m.obj"), physicsClientId=client)
    p.createMultiBody(0, -1, visual, physicsClientId=client)
    ours, theirs = both(gl, tiny, Shot(client, CORNER, background=BACKGROUND))
    assert (ours.rgb == 0).all(axis=-1).any()
    assert_alike(ours, theirs)


def test_moving_links_are_drawn_where_physics_moved_them(
    gl: GlRenderer, tiny: Renderer, client: int, build: Builder
) -> None:
    robot = build(client)
    p.setGravity(0, 0, -9.81, physicsClientId=client)
    shot = Shot(client, View((0.7, -0.6, 0.7), (1.5, 0.2, 0.3), fov_deg=50.0), background=BACKGROUND)
    before = gl.render([shot])[0].rgb
    p.resetBaseVelocity(robot, (0.4, 0.2, 0.5), (0.0, 0.5, 2.0), physicsClientId=client)
    for _ in range(40):
        p.stepSimulation(physicsClientId=client)
    ours, theirs = both(gl, tiny, shot)
    assert (ours.rgb != before).mean() > 0.05
    assert_alike(ours, theirs)


def test_the_near_plane_cuts_away_what_is_above_it(gl: GlRenderer, tiny: Renderer, client: int, build: Builder) -> None:
    build(client)
    ceiling = p.createVisualShape(p.GEOM_BOX, halfExtents=(6, 1.5, 0.05), physicsClientId=client)
    lid = p.createMultiBody(0, -1, ceiling, (5, 0, 2.0), physicsClientId=client)
    for near_m, hidden in ((0.05, True), (4.5, False)):
        view = View((3.0, 0.0, 6.0), (3.0, 0.0, 0.0), (1.0, 0.0, 0.0), near_m=near_m)
        ours, theirs = both(gl, tiny, Shot(client, view, background=BACKGROUND))
        assert (ours.segmentation == lid).any() == hidden
        assert_alike(ours, theirs)


def test_depth_is_metres_along_the_axis_in_both(gl: GlRenderer, tiny: Renderer, client: int) -> None:
    wall = p.createVisualShape(p.GEOM_BOX, halfExtents=(0.5, 5, 5), physicsClientId=client)
    p.createMultiBody(0, -1, wall, (4, 0, 0), physicsClientId=client)
    shot = Shot(client, View((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), fov_deg=80.0, far_m=17.0), 64, 64)
    for renderer in (gl, tiny):
        depth_m = renderer.render([shot], depth=True)[0].depth_m
        assert depth_m is not None
        assert depth_m == pytest.approx(np.full((64, 64), 3.5), abs=1e-3)
    away = Shot(client, View((0.0, 0.0, 0.0), (-1.0, 0.0, 0.0), far_m=17.0), 64, 64)
    for renderer in (gl, tiny):
        depth_m = renderer.render([away], depth=True)[0].depth_m
        assert depth_m is not None
        assert (depth_m == 17.0).all()


def test_segmentation_names_body_and_link(gl: GlRenderer, tiny: Renderer, client: int, build: Builder) -> None:
    robot = build(client)
    shot = Shot(client, View((0.7, -0.6, 0.7), (1.5, 0.2, 0.3), fov_deg=50.0))
    for renderer in (gl, tiny):
        ids = renderer.render([shot], segmentation=True)[0].segmentation
        assert ids is not None
        assert {robot, robot + (1 << 24)} <= set(np.unique(ids).tolist())


def test_pixels_without_a_body_have_the_background_in_both(gl: GlRenderer, tiny: Renderer, client: int) -> None:
    shot = Shot(client, VIEWS["ahead"], 32, 16, background=(0.2, 0.5, 0.999))
    for renderer in (gl, tiny):
        frame = renderer.render([shot], depth=True, segmentation=True)[0]
        assert (frame.rgb == (51, 128, 255)).all()
        assert (frame.segmentation == -1).all()


def test_invisible_shapes_are_omitted_and_transparent_ones_are_opaque_in_both(
    gl: GlRenderer, tiny: Renderer, client: int
) -> None:
    for x, alpha in ((2.0, 0.0), (3.0, 0.4)):
        visual = p.createVisualShape(
            p.GEOM_BOX, halfExtents=(0.1, 0.5, 0.5), rgbaColor=(1, 0, 0, alpha), physicsClientId=client
        )
        p.createMultiBody(0, -1, visual, (x, 0, 0), physicsClientId=client)
    ours, theirs = both(gl, tiny, Shot(client, View((0.0, 0.0, 0.0), (1.0, 0.0, 0.0))))
    assert set(np.unique(ours.segmentation).tolist()) == {-1, 1}
    assert_alike(ours, theirs)


def test_light_settings_do_not_stick_between_shots(gl: GlRenderer, tiny: Renderer, client: int, build: Builder) -> None:
    build(client)
    plain = Shot(client, VIEWS["ahead"])
    odd = Shot(client, VIEWS["ahead"], light=Light((-1.0, 0.2, 0.3), (0.2, 1.0, 0.1), ambient=0.1, diffuse=0.9))
    for renderer in (gl, tiny):
        first = renderer.render([plain])[0].rgb
        renderer.render([odd])
        assert np.array_equal(renderer.render([plain])[0].rgb, first)


def test_lighting_follows_the_published_formula(gl: GlRenderer, tiny: Renderer, client: int) -> None:
    colour, light = (0.8, 0.5, 0.25), Light((1.0, 0.0, 1.0), (1.0, 0.5, 0.25), ambient=0.4, diffuse=0.7)
    visual = p.createVisualShape(p.GEOM_BOX, halfExtents=(1, 1, 0.1), rgbaColor=(*colour, 1), physicsClientId=client)
    p.createMultiBody(0, -1, visual, physicsClientId=client)
    base = [int(255 * np.float32(value)) for value in colour]
    wanted = [int(b * (0.4 + 0.7 * math.sqrt(0.5) * lamp)) for b, lamp in zip(base, light.colour, strict=True)]
    shot = Shot(client, View((0.0, 0.0, 2.0), (0.0, 0.0, 0.0), (0.0, 1.0, 0.0), fov_deg=30.0), 8, 8, light)
    for renderer in (gl, tiny):
        assert np.abs(renderer.render([shot])[0].rgb.astype(int) - wanted).max() <= 1
