"""All textures in use, side by side in one image, so that one draw call can draw any of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import moderngl
import numpy as np

from envs.camera.meshes.image_file import read_image
from envs.camera.scene import CHECKER
from scenarios.common.errors import InputError

Rect = tuple[int, int, int, int]  # x, y, width, height in texels
_Key = tuple[str, int]  # an image and when it changed last
_START_WIDTH = 4096
_START_HEIGHT = 1024
_SIDE_STEP = 64
_LARGEST = 16384
_ROOMY_TEXELS = 1 << 25  # up to here, its height is doubled; beyond, it has just what is needed
_MOST_TEXELS = 1 << 27  # half a gigabyte
_BORDER = 1  # texels around each image, so that filtering wraps around
_CHECKER_TEXELS = np.array([[(173, 199, 255), (255, 255, 255)], [(255, 255, 255), (173, 199, 255)]], np.uint8)
_WHITE = np.full((1, 1, 3), 255, np.uint8)


class TextureAtlas:
    """A texture filled in rows of images; when it is full, images not in use are dropped, or it grows.

    Attributes:
        texture: (height, width, 4) uint8 on the device; images are stored with their bottom row first.
        version: Changes when images move in it.
        problems: Images that are not drawn as they are, and why.
    """

    def __init__(self, context: moderngl.Context) -> None:
        self._context = context
        self._largest = min(_LARGEST, context.info["GL_MAX_TEXTURE_SIZE"])
        self.version = 0
        self.problems: dict[str, str] = {}
        self._images: dict[_Key, np.ndarray] = {}
        self._allocate((_START_WIDTH, _START_HEIGHT))

    def _allocate(self, size: tuple[int, int]) -> None:
        self._rects: dict[_Key, Rect] = {}
        self._packer = _Packer(*size)
        self.texture = self._context.texture(size, 4)
        self.texture.filter = (
            moderngl.LINEAR,
            moderngl.LINEAR,
        )  # pictures for policies fetch single texels all the same

    def ensure_loaded(self, images: Iterable[str], in_use: Iterable[str]) -> None:
        """Load images (paths, or ``CHECKER``); if the atlas is full, keep only these images and those in use.

        An image that can't be read is white, and one for which there is no room has fewer pixels.
        """
        wanted = {_key(image) for image in images}
        if all(self._add(key) for key in wanted):
            return
        keep = sorted(wanted | {_key(image) for image in in_use}, key=lambda key: -self._image(key).shape[0])
        self._images = {key: self._image(key) for key in keep}
        self.version += 1
        size = self._smallest_size(keep)
        self.texture.release()
        self._allocate(size)
        for key in keep:
            self._add(key)

    def _smallest_size(self, keys: Sequence[_Key]) -> tuple[int, int]:
        """Return the smallest size, not below the present one, that holds images, which get smaller if none does."""
        while True:
            shapes = [self._images[key].shape[:2] for key in keys]
            widest = max(width for _, width in shapes) + 2 * _BORDER
            widths = {self.texture.width, *(_round_up(columns * widest) for columns in range(1, 9))}
            sizes = [self._size_for(width, shapes) for width in widths if self.texture.width <= width <= self._largest]
            found = [size for size in sizes if size is not None]
            if found:
                return min(found, key=lambda size: (size[0] * size[1], size))
            self._halve(max(keys, key=lambda key: self._images[key].size))

    def _size_for(self, width: int, shapes: Sequence[tuple[int, ...]]) -> tuple[int, int] | None:
        """Return the size of this width that holds images; None if it is too large. A small one has room for more."""
        packer = _Packer(width, self._largest)
        if not all(packer.place(*shape) for shape in shapes):
            return None
        height = self.texture.height
        while height < packer.used_height:
            height *= 2
        if width * height > _ROOMY_TEXELS or height > self._largest:
            height = max(self.texture.height, _round_up(packer.used_height))
        return None if height > self._largest or width * height > _MOST_TEXELS else (width, height)

    def _halve(self, key: _Key) -> None:
        self._images[key] = np.ascontiguousarray(self._images[key][::2, ::2])
        height, width = self._images[key].shape[:2]
        self.problems[key[0]] = f"is drawn with {width} x {height} pixels, because the textures in use don't all fit"

    def rect(self, image: str) -> Rect:
        """Return the place of a loaded image."""
        return self._rects[_key(image)]

    def release(self) -> None:
        """Free the texture."""
        self.texture.release()

    def _image(self, key: _Key) -> np.ndarray:
        if key not in self._images:
            self._images[key] = _CHECKER_TEXELS if key[0] == CHECKER else self._read(key[0])
        return self._images[key]

    def _read(self, path: str) -> np.ndarray:
        self.problems.pop(path, None)
        try:
            return read_image(path)
        except InputError as failure:
            self.problems[path] = f"is drawn white: {failure}"
            return _WHITE

    def _add(self, key: _Key) -> bool:
        if key in self._rects:
            return True
        place = self._packer.place(*self._image(key).shape[:2])
        if place is None:
            return False
        image = np.pad(self._image(key)[::-1], ((_BORDER, _BORDER), (_BORDER, _BORDER), (0, 0)), mode="wrap")
        height, width = image.shape[:2]
        texels = np.full((height, width, 4), 255, np.uint8)
        texels[:, :, :3] = image
        self.texture.write(texels, viewport=(*place, width, height))
        self._rects[key] = (place[0] + _BORDER, place[1] + _BORDER, width - 2 * _BORDER, height - 2 * _BORDER)
        return True


class _Packer:
    """Finds places for images in rows, from the bottom upwards."""

    def __init__(self, width: int, height: int) -> None:
        self._width, self._height = width, height
        self._x = self._y = self._shelf = 0

    @property
    def used_height(self) -> int:
        """Height of the rows so far."""
        return self._y + self._shelf

    def place(self, height: int, width: int) -> tuple[int, int] | None:
        """Return the corner (x, y) of an image with its border; None if there is no room."""
        height, width = height + 2 * _BORDER, width + 2 * _BORDER
        x, y, shelf = self._x, self._y, self._shelf
        if x + width > self._width:
            x, y, shelf = 0, y + shelf, 0
        if x + width > self._width or y + height > self._height:
            return None
        self._x, self._y, self._shelf = x + width, y, max(shelf, height)
        return x, y


def _round_up(side: int) -> int:
    return -(-side // _SIDE_STEP) * _SIDE_STEP


def _key(image: str) -> _Key:
    """Return an image and when its file changed last, which is -1 if it is gone."""
    try:
        return image, 0 if image == CHECKER else Path(image).stat().st_mtime_ns
    except OSError:
        return image, -1
