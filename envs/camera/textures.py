"""Textures on PyBullet bodies, remembered so that any renderer can draw them.

PyBullet neither gives back a texture's pixels nor says which texture ``changeVisualShape`` put on a shape. So a texture
is put on a body with :func:`apply_texture`, which does what ``changeVisualShape`` does and notes the file as user data
of the body, where it lives exactly as long as the body does (``removeBody`` and ``resetSimulation`` included).
Textures that come with a URDF or an OBJ material need nothing of this.
"""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

import numpy as np
import pybullet
from PIL import Image, UnidentifiedImageError

from scenarios.common.errors import InputError

USER_DATA_KEY = "mobile-vla-texture"
_FORMATS = ("PNG", "JPEG", "TGA", "BMP")
_FILES_KEPT = 4096
_files: OrderedDict[tuple[int, int], str] = OrderedDict()  # (client, texture id) -> file


def load_texture(client: int, path: str | Path) -> int:
    """Load an image file as a PyBullet texture and remember where it came from.

    ``resetSimulation`` drops all textures of a client, so they are to be loaded again after it.

    Returns:
        The texture's unique id, for :func:`apply_texture`.

    Raises:
        InputError: The file isn't there or is no image that PyBullet reads.
    """
    file = str(Path(path).resolve())
    if not Path(file).is_file():
        raise InputError(f"texture file '{path}' does not exist")
    try:
        with Image.open(file) as image:  # PyBullet gives a good id for a file that it can't read
            known = image.format in _FORMATS
    except (OSError, UnidentifiedImageError):
        known = False
    if not known:
        raise InputError(f"texture file '{path}' can't be read as an image; PyBullet takes {', '.join(_FORMATS)}")
    texture = pybullet.loadTexture(file, physicsClientId=client)
    _files[client, texture] = file
    _files.move_to_end((client, texture))
    while len(_files) > _FILES_KEPT:
        _files.popitem(last=False)
    return int(texture)


def apply_texture(client: int, body: int, texture: int, link: int = -1, shape: int = -1) -> None:
    """Put a texture that :func:`load_texture` gave on a link's visual shapes.

    Args:
        client: PyBullet client id.
        body: Body unique id.
        texture: What ``load_texture`` gave for this client.
        link: Link index; -1 for the base.
        shape: Index among the link's visual shapes; -1 for all of them.

    Raises:
        InputError: The texture wasn't loaded with ``load_texture``.
    """
    file = _files.get((client, texture))
    if file is None:
        raise InputError(f"texture {texture} of client {client} is unknown; load it with envs.camera.load_texture")
    pybullet.changeVisualShape(body, link, shapeIndex=shape, textureUniqueId=texture, physicsClientId=client)
    pybullet.addUserData(body, USER_DATA_KEY, file, link, shape, physicsClientId=client)


def applied_textures(client: int, body: int) -> dict[tuple[int, int], str]:
    """Files that :func:`apply_texture` put on a body, by (link, shape); shape -1 stands for all shapes of the link."""
    found: dict[tuple[int, int], str] = {}
    for index in range(pybullet.getNumUserData(body, physicsClientId=client)):
        identifier, key, _, link, shape = pybullet.getUserDataInfo(body, index, physicsClientId=client)
        if key.decode() == USER_DATA_KEY:
            found[link, shape] = pybullet.getUserData(identifier, physicsClientId=client).decode()
    return found


def read_image(path: str | Path) -> np.ndarray:
    """An image file as (H, W, 3) uint8, row 0 at the top; an InputError if it is none."""
    try:
        with Image.open(path) as image:
            return np.asarray(image.convert("RGB"))
    except (OSError, UnidentifiedImageError) as failure:
        raise InputError(f"texture file '{path}' can't be read as an image: {failure}") from None
