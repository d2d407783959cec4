"""A camera for any PyBullet world; it needs nothing else of this project."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import pybullet

from envs.camera.bodies.agreement import Difference, find_differences
from envs.camera.bodies.identity import BodyLooks, body_ids, find_all_bodies, read_looks
from envs.camera.renderers import check_renderer, make_renderer
from envs.camera.shot import CameraImage, Renderer, Shot
from envs.camera.tiny import TinyRenderer, restore_light
from envs.camera.view import Quaternion, Vector, View
from scenarios.common.errors import InputError
from scenarios.robot import IMAGE_SIZE
from scenarios.world import Light

_ALWAYS_COMPARED = 4  # pictures after a change; later ones at powers of two
_COMPARED_PIXELS = 320  # the longer side of the pictures that are compared with TinyRenderer's
_OUTLINE_REASON = (
    "PyBullet doesn't return all shapes (soft bodies, meshes in memory, limbs that MJCF gives by 'fromto', second "
    "sides of double-sided ones, centres of mass with useMaximalCoordinates), or two surfaces lie in one plane, or "
    "such a body is before it"
)
_COLOUR_REASON = (
    "PyBullet doesn't return textures applied by changeVisualShape (envs.camera.apply_texture does both), colours of "
    "single shapes of a link, or how a texture bends on capsules, cylinders and spheres"
)
_FINE_TEXTURE_REASON = "its texture is finer than the picture, so that single pixels show another one of its texels"
_FEW, _ABOUT_EQUAL = 0.05, 64.0  # share of pixels, and levels of the mean colour, that a fine texture explains


class Camera:
    """A camera that renders a PyBullet client, from a fixed pose or attached to a link.

    Args:
        client: A PyBullet client id, or a ``pybullet_utils.bullet_client.BulletClient``.
        width: Image width, pixels.
        height: Image height, pixels.
        fov_deg: Vertical field of view.
        near_m: Distance of the near clipping plane.
        far_m: Distance of the far clipping plane.
        light: The light; the default light if None.
        background: RGB in [0, 1].
        renderer: ``"auto"``, ``"gl"``, ``"gpu"``, ``"tiny"``, or an open renderer, which ``close`` then leaves open.
        high_quality: Antialiasing and soft shadows, for people rather than policies (``gl`` only).
        compare: Compare with TinyRenderer at the first four pictures of new bodies or looks, and at the eighth, the
            16th and so on, and warn of bodies that OpenGL draws otherwise, because PyBullet doesn't tell all.

    Raises:
        InputError: The renderer's name is unknown. The first picture raises it if the renderer is not available.

    Example:
        >>> camera = Camera(client).look_at(eye=(2, 0, 1), target=(0, 0, 0.5))
        >>> camera.render().rgb.shape
        (224, 224, 3)
    """

    def __init__(
        self,
        client: int | Any,
        *,
        width: int = IMAGE_SIZE[1],
        height: int = IMAGE_SIZE[0],
        fov_deg: float = 60.0,
        near_m: float = 0.05,
        far_m: float = 30.0,
        light: Light | None = None,
        background: tuple[float, float, float] = (1.0, 1.0, 1.0),
        renderer: str | Renderer = "auto",
        high_quality: bool = False,
        compare: bool = True,
    ) -> None:
        self.client = client if isinstance(client, int) else int(client._client)
        self.width, self.height = width, height
        self.light = light or Light()
        self.background = background
        self.high_quality = high_quality
        self._lens = (fov_deg, near_m, far_m)
        if isinstance(renderer, str):
            check_renderer(renderer)
        self._requested = renderer
        self._renderer = None if isinstance(renderer, str) else renderer
        self._compare = compare
        self._pictures = 0  # since the last refresh
        self._looks: tuple[BodyLooks, ...] | None = None
        self._mount: tuple[int, int, Vector, Quaternion] | None = None
        self.look_at((2.0, 2.0, 2.0), (0.0, 0.0, 0.0))

    def look_at(self, eye: Vector, target: Vector, up: Vector = (0.0, 0.0, 1.0)) -> Camera:
        """Place the camera at ``eye``, looking at ``target``; a camera that was attached is detached."""
        fov_deg, near_m, far_m = self._lens
        self._view = View(_vector(eye), _vector(target), _vector(up), fov_deg, near_m, far_m)
        self._mount = None
        return self

    def attach(
        self,
        body: int,
        link: int = -1,
        position: Vector = (0.0, 0.0, 0.0),
        orientation: Quaternion = (0.0, 0.0, 0.0, 1.0),
    ) -> Camera:
        """Attach the camera to a link: it looks along the mount's +x, with +z up, and moves with the link.

        Args:
            body: Body unique id.
            link: Link index; -1 for the base.
            position: Position of the mount in the link's frame, metres. A base's frame is that of its description
                file, not that of its centre of mass.
            orientation: Orientation of the mount in the link's frame.

        Raises:
            InputError: The body or the link does not exist.
        """
        if body not in body_ids(self.client):
            raise InputError(f"client {self.client} has no body {body} to attach a camera to")
        links = pybullet.getNumJoints(body, physicsClientId=self.client)
        if not -1 <= link < links:
            valid = f"-1 (the base) to {links - 1}" if links else "-1 (the base) only"
            raise InputError(f"body {body} has no link {link} to attach a camera to; its links are {valid}")
        self._mount = (body, link, position, orientation)
        return self

    @property
    def renderer(self) -> Renderer:
        """The renderer, opened at first use: OpenGL does not survive a fork, but a camera may."""
        if self._renderer is None:
            self._renderer = make_renderer(self._requested) if isinstance(self._requested, str) else self._requested
        return self._renderer

    @property
    def view(self) -> View:
        """The camera's current view."""
        if self._mount is None:
            return self._view
        body, link, position, orientation = self._mount
        eye, turn = pybullet.multiplyTransforms(*self._link_pose(body, link), position, orientation)
        m = pybullet.getMatrixFromQuaternion(turn)
        target = (eye[0] + m[0], eye[1] + m[3], eye[2] + m[6])
        return View(eye, target, (m[2], m[5], m[8]), *self._lens)

    def render(self, depth: bool = False, segmentation: bool = False) -> CameraImage:
        """Take a picture. What was added, removed, replaced or changed since the last one is noticed."""
        if read_looks(self.client) != self._looks:
            self.refresh()
        shot = Shot(self.client, self.view, self.width, self.height, self.light, self.background, self.high_quality)
        image = self.renderer.render([shot], depth, segmentation)[0]
        self._pictures += 1
        due = self._pictures <= _ALWAYS_COMPARED or self._pictures.bit_count() == 1
        if self._compare and due and self.renderer.name == "gl":
            self._warn_of_differences(shot)
        return image

    def _warn_of_differences(self, shot: Shot) -> None:
        """Draw a picture with both renderers and warn of bodies that differ."""
        shrink = min(1.0, _COMPARED_PIXELS / max(shot.width, shot.height))
        width, height = max(1, round(shrink * shot.width)), max(1, round(shrink * shot.height))
        shot = replace(shot, high_quality=False, width=width, height=height)
        ours = self.renderer.render([shot], segmentation=True)[0]
        theirs = TinyRenderer().render([shot], segmentation=True)[0]
        restore_light(shot.client)
        for difference in find_differences(ours, theirs):
            share, body = f"{difference.share:.0%}", difference.body
            warnings.warn(
                f"GL draws {share} of the pixels of body {body} of client {shot.client} unlike PyBullet: "
                f"{_explain(difference)}; renderer='tiny' draws it as PyBullet does",
                stacklevel=3,
            )

    def refresh(self) -> None:
        """Read all bodies, shapes and textures again, which ``render`` does where PyBullet tells that they changed."""
        find_all_bodies(self.client)
        self._looks = read_looks(self.client)
        self._pictures = 0
        if self._renderer is not None:
            self._renderer.refresh(self.client)

    def close(self) -> None:
        """Release what the renderer keeps for this client, and the renderer itself if the camera opened it."""
        if self._renderer is None:
            return
        self._renderer.forget(self.client)
        if isinstance(self._requested, str):
            self._renderer.close()

    def _link_pose(self, body: int, link: int) -> tuple[Vector, Quaternion]:
        if link >= 0:
            state = pybullet.getLinkState(body, link, 0, 1, self.client)
            return state[4], state[5]
        inertial = pybullet.getDynamicsInfo(body, -1, self.client)[3:5]
        pose = pybullet.getBasePositionAndOrientation(body, self.client)
        return pybullet.multiplyTransforms(*pose, *pybullet.invertTransform(*inertial))


def _explain(difference: Difference) -> str:
    """Return the likely reason why a body looks different."""
    if difference.outline > difference.share / 2:
        return _OUTLINE_REASON
    if difference.share < _FEW and difference.mean_levels < _ABOUT_EQUAL:
        return _FINE_TEXTURE_REASON
    return _COLOUR_REASON


def _vector(values: Any) -> Vector:
    x, y, z = (float(value) for value in values)
    return x, y, z
