"""Textures on PyBullet bodies, recorded so that any renderer can draw them.

PyBullet returns neither a texture's pixels nor which texture ``changeVisualShape`` applied to a shape. So apply
textures with :func:`apply_texture`, which calls ``changeVisualShape`` and records the file as user data of the body.
The record lives exactly as long as the body: ``removeBody`` and ``resetSimulation`` delete it. Textures of an OBJ
file's materials need no call.
"""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

import pybullet

from envs.camera.bodies.identity import KEY_PREFIX, read_notes
from envs.camera.meshes.image_file import find_image_problem
from scenarios.common.errors import InputError

USER_DATA_KEY = KEY_PREFIX + "texture"
PENDING_KEY = KEY_PREFIX + "texture-pending"  # on shapes whose texture PyBullet doesn't have yet
_FILES_KEPT = 4096
_files: OrderedDict[tuple[int, int], str] = OrderedDict()  # (client, texture id) -> file


def load_texture(client: int, path: str | Path) -> int:
    """Load an image file as a PyBullet texture and record its path.

    ``resetSimulation`` deletes all textures of a client; load them again after it.

    Returns:
        The texture's unique id, for :func:`apply_texture`.

    Raises:
        InputError: The file does not exist, or is not an image that PyBullet can read.
    """
    file = str(Path(path).resolve())
    if not Path(file).is_file():
        raise InputError(f"texture file '{path}' does not exist")
    problem = find_image_problem(file)  # PyBullet returns a valid id even for a file that it can't read
    if problem:
        raise InputError(f"texture file '{path}' can't be read as an image by PyBullet: {problem}")
    texture = pybullet.loadTexture(file, physicsClientId=client)
    _files[client, texture] = file
    _files.move_to_end((client, texture))
    while len(_files) > _FILES_KEPT:
        _files.popitem(last=False)
    return int(texture)


def apply_texture(client: int, body: int, texture: int, link: int = -1, shape: int = -1) -> None:
    """Apply a texture from :func:`load_texture` to a link's visual shapes, or take their textures away.

    Args:
        client: PyBullet client id.
        body: Body unique id.
        texture: Id that ``load_texture`` returned for this client; -1 for none.
        link: Link index; -1 for the base.
        shape: Index among the link's visual shapes; -1 for all of them.

    Raises:
        InputError: The texture was not loaded with ``load_texture``.
    """
    file = "" if texture == -1 else _files.get((client, texture))
    if file is None:
        raise InputError(f"texture {texture} of client {client} is unknown; load it with envs.camera.load_texture")
    pybullet.changeVisualShape(body, link, shapeIndex=shape, textureUniqueId=texture, physicsClientId=client)
    if shape == -1:
        _forget_shapes(client, body, link)
    pybullet.addUserData(body, USER_DATA_KEY, file, link, shape, physicsClientId=client)


def _forget_shapes(client: int, body: int, link: int) -> None:
    """Remove the records of a link's single shapes, which a texture of the whole link replaces."""
    for its_link, shape in applied_textures(client, body):
        if its_link == link and shape >= 0:
            found = pybullet.getUserDataId(body, USER_DATA_KEY, link, shape, physicsClientId=client)
            pybullet.removeUserData(found, physicsClientId=client)


def record_texture(client: int, body: int, path: str | Path) -> None:
    """Record the image file that covers a body's base, without loading it into PyBullet, which takes long.

    OpenGL pictures need only the record. TinyRenderer needs ``load_recorded_textures``.
    """
    pybullet.addUserData(body, USER_DATA_KEY, str(path), -1, -1, physicsClientId=client)
    pybullet.addUserData(body, PENDING_KEY, "", -1, -1, physicsClientId=client)


def load_recorded_textures(client: int) -> None:
    """Load all textures that were only recorded, and apply them, for PyBullet's own renderers."""
    ids: dict[str, int] = {}
    for number in range(pybullet.getNumBodies(physicsClientId=client)):
        body = pybullet.getBodyUniqueId(number, physicsClientId=client)
        pending = pybullet.getUserDataId(body, PENDING_KEY, -1, -1, physicsClientId=client)
        if pending < 0:
            continue
        file = applied_textures(client, body)[-1, -1]
        if file not in ids:
            ids[file] = load_texture(client, file)
        pybullet.changeVisualShape(body, -1, textureUniqueId=ids[file], physicsClientId=client)
        pybullet.removeUserData(pending, physicsClientId=client)


def applied_textures(client: int, body: int) -> dict[tuple[int, int], str]:
    """Return the files applied to a body, by (link, shape): empty for none, shape -1 for all shapes of the link."""
    return {(link, shape): file for key, link, shape, file in read_notes(client, body) if key == USER_DATA_KEY}
