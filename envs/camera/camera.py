"""One camera for any PyBullet world, usable on its own."""

from __future__ import annotations

from typing import Any

import pybullet

from envs.camera.renderers import check_renderer, make_renderer
from envs.camera.scene import body_ids
from envs.camera.shot import CameraImage, Renderer, Shot
from envs.camera.view import Vector, View
from scenarios.common.errors import InputError
from scenarios.robot import IMAGE_SIZE
from scenarios.world import Light

Quaternion = tuple[float, float, float, float]  # x, y, z, w


class Camera:
    """Takes pictures of a PyBullet client, from a fixed place or from a link that it is attached to.

    Args:
        client: A PyBullet client id, or a ``pybullet_utils.bullet_client.BulletClient``.
        width: Pixels.
        height: Pixels.
        fov_deg: Vertical field of view.
        near_m: Nearest distance that is drawn.
        far_m: Farthest distance that is drawn.
        light: The light.
        background: RGB in [0, 1].
        renderer: ``"auto"``, ``"gl"``, ``"tiny"``, or a renderer that is there already (and stays the caller's).
        pretty: Antialiasing and soft shadows, for people (``gl`` only).

    Raises:
        InputError: The renderer is unknown; with the first picture, that it is not to be had.

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
        pretty: bool = False,
    ) -> None:
        self.client = client if isinstance(client, int) else int(client._client)
        self.width, self.height = width, height
        self.light = light or Light()
        self.background = background
        self.pretty = pretty
        self._lens = (fov_deg, near_m, far_m)
        if isinstance(renderer, str):
            check_renderer(renderer)
        self._asked = renderer
        self._renderer = None if isinstance(renderer, str) else renderer
        self._bodies: tuple[int, ...] | None = None
        self._mount: tuple[int, int, Vector, Quaternion] | None = None
        self.look_at((2.0, 2.0, 2.0), (0.0, 0.0, 0.0))

    def look_at(self, eye: Vector, target: Vector, up: Vector = (0.0, 0.0, 1.0)) -> Camera:
        """Stand at ``eye`` and look at ``target``; detaches the camera."""
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
        """Ride on a link, looking along its +x with +z up, from ``position`` and turned by ``orientation``.

        Both are relative to the link's own frame; for a base that of its description file, not its centre of mass.

        Raises:
            InputError: The body or link isn't there.
        """
        if body not in body_ids(self.client):
            raise InputError(f"client {self.client} has no body {body} to attach a camera to")
        links = pybullet.getNumJoints(body, physicsClientId=self.client)
        if not -1 <= link < links:
            raise InputError(f"body {body} has no link {link} to attach a camera to; its links are -1 to {links - 1}")
        self._mount = (body, link, position, orientation)
        return self

    @property
    def renderer(self) -> Renderer:
        """Opened with the first picture, because OpenGL doesn't outlive a fork, and cameras may well."""
        if self._renderer is None:
            self._renderer = make_renderer(self._asked) if isinstance(self._asked, str) else self._asked
        return self._renderer

    @property
    def view(self) -> View:
        """Where the camera is now."""
        if self._mount is None:
            return self._view
        body, link, position, orientation = self._mount
        eye, turn = pybullet.multiplyTransforms(*self._link_pose(body, link), position, orientation)
        m = pybullet.getMatrixFromQuaternion(turn)
        target = (eye[0] + m[0], eye[1] + m[3], eye[2] + m[6])
        return View(eye, target, (m[2], m[5], m[8]), *self._lens)

    def render(self, depth: bool = False, segmentation: bool = False) -> CameraImage:
        """Take a picture; bodies that were added or removed since the last one are noticed."""
        bodies = body_ids(self.client)
        if bodies != self._bodies:
            self.refresh()
            self._bodies = bodies
        shot = Shot(self.client, self.view, self.width, self.height, self.light, self.background, self.pretty)
        return self.renderer.render([shot], depth, segmentation)[0]

    def refresh(self) -> None:
        """Read all shapes again: after ``changeVisualShape``, or ``resetSimulation`` and an equal number of bodies."""
        if self._renderer is not None:
            self._renderer.refresh(self.client)

    def close(self) -> None:
        """Let go of the client, and of the renderer if the camera made it."""
        if self._renderer is None:
            return
        self._renderer.forget(self.client)
        if isinstance(self._asked, str):
            self._renderer.close()

    def _link_pose(self, body: int, link: int) -> tuple[Vector, Quaternion]:
        if link >= 0:
            state = pybullet.getLinkState(body, link, 0, 1, self.client)
            return state[4], state[5]
        inertial = pybullet.getDynamicsInfo(body, -1, self.client)[3:5]
        pose = pybullet.getBasePositionAndOrientation(body, self.client)
        return pybullet.multiplyTransforms(*pose, *pybullet.invertTransform(*inertial))


def _vector(values: Any) -> Vector:
    x, y, z = (float(value) for value in values)
    return x, y, z
