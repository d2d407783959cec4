"""A shot as the 32 numbers that the shaders need."""

from __future__ import annotations

import math

from envs.camera.shot import Shot

TILE_BYTES = 128


def pack_tile(shot: Shot) -> tuple[float, ...]:
    """Return a shot as one element of the shaders' Tile array: 32 floats, matrices by columns."""
    view, light = shot.view, shot.light
    right, up, forward = view.axes()
    eye, near, far = view.eye, view.near_m, view.far_m
    x_eye = right[0] * eye[0] + right[1] * eye[1] + right[2] * eye[2]
    y_eye = up[0] * eye[0] + up[1] * eye[1] + up[2] * eye[2]
    z_eye = forward[0] * eye[0] + forward[1] * eye[1] + forward[2] * eye[2]
    y_scale = 1.0 / math.tan(math.radians(view.fov_deg) / 2.0)
    x_scale = y_scale * shot.height / shot.width
    depth, offset = (far + near) / (far - near), -2.0 * near * far / (far - near)
    # TinyRenderer samples a pixel at its corner, OpenGL at its centre: half a pixel, which is 1 / size in normalised
    # coordinates; a view's own shift comes on top. y is negated so that the first row in memory is the top one.
    half_x, half_y = 1.0 / shot.width - view.shift[0], 1.0 / shot.height - view.shift[1]
    clip: list[float] = []
    for r, u, f in zip(right, up, forward, strict=True):
        clip += (x_scale * r + half_x * f, -y_scale * u - half_y * f, depth * f, f)
    clip += (-x_scale * x_eye - half_x * z_eye, y_scale * y_eye + half_y * z_eye, -depth * z_eye + offset, -z_eye)
    length = math.sqrt(sum(value * value for value in light.direction)) or 1.0
    towards = [value / length for value in light.direction]
    gain = [light.diffuse * value for value in light.colour]
    return (*clip, *towards, 0.0, *gain, light.ambient, *forward, z_eye, *shot.background, far)
