"""All textures in use, side by side in one image, so that one draw call can draw any of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import moderngl
import numpy as np

from envs.camera.scene import CHECKER
from envs.camera.textures import read_image
from scenarios.common.errors import InputError

Rect = tuple[int, int, int, int]  # x, y, width, height in texels
_WIDTH = 4096
_START_HEIGHT = 1024
_CHECKER_TEXELS = np.array([[(173, 199, 255), (255, 255, 255)], [(255, 255, 255), (173, 199, 255)]], np.uint8)


class TextureAtlas:
    """A texture filled in rows of images; when it is full, images not in use are dropped, or it grows.

    Attributes:
        texture: (height, width, 4) uint8 on the device; images are stored with their bottom row first.
        version: Changes when images move in it.
    """

    def __init__(self, context: moderngl.Context) -> None:
        self._context = context
        self._largest = min(8192, context.info["GL_MAX_TEXTURE_SIZE"])
        self.version = 0
        self._images: dict[tuple[str, int], np.ndarray] = {}
        self._allocate(_START_HEIGHT)

    def _allocate(self, height: int) -> None:
        self._height = height
        self._rects: dict[tuple[str, int], Rect] = {}
        self._x = self._y = self._shelf = 0
        self.texture = self._context.texture((_WIDTH, height), 4)
        self.texture.filter = (
            moderngl.LINEAR,
            moderngl.LINEAR,
        )  # pictures for policies fetch single texels all the same

    def ensure_loaded(self, images: Iterable[str], in_use: Iterable[str]) -> None:
        """Load images (paths, or ``CHECKER``); if the atlas is full, keep only these images and those in use.

        Raises:
            InputError: An image can't be read or is too wide, or the images do not fit.
        """
        wanted = {self._key(image) for image in images}
        if all(self._add(key) for key in wanted):
            return
        keep = sorted(wanted | {self._key(image) for image in in_use}, key=lambda key: -self._image(key).shape[0])
        self._images = {key: self._image(key) for key in keep}
        self.version += 1
        height = self._height
        while True:
            self.texture.release()
            self._allocate(height)
            if all(self._add(key) for key in keep):
                return
            if height >= self._largest:
                raise InputError(f"the textures in use need more than {_WIDTH} x {height} texels; use smaller images")
            height *= 2

    def rect(self, image: str) -> Rect:
        """Return the place of a loaded image."""
        return self._rects[self._key(image)]

    def release(self) -> None:
        """Free the texture."""
        self.texture.release()

    def _key(self, image: str) -> tuple[str, int]:
        try:
            return image, 0 if image == CHECKER else Path(image).stat().st_mtime_ns
        except OSError as failure:
            raise InputError(f"texture file '{image}' can't be read: {failure}") from None

    def _image(self, key: tuple[str, int]) -> np.ndarray:
        if key not in self._images:
            self._images[key] = _CHECKER_TEXELS if key[0] == CHECKER else read_image(key[0])
        return self._images[key]

    def _add(self, key: tuple[str, int]) -> bool:
        if key in self._rects:
            return True
        image = np.pad(self._image(key)[::-1], ((1, 1), (1, 1), (0, 0)), mode="wrap")  # so that filtering wraps around
        height, width = image.shape[:2]
        if width > _WIDTH:
            raise InputError(
                f"texture file '{key[0]}' is {width - 2} pixels wide; the GL renderer takes at most {_WIDTH - 2}"
            )
        if self._x + width > _WIDTH:
            self._x, self._y, self._shelf = 0, self._y + self._shelf, 0
        if self._y + height > self._height:
            return False
        texels = np.full((height, width, 4), 255, np.uint8)
        texels[:, :, :3] = image
        self.texture.write(texels, viewport=(self._x, self._y, width, height))
        self._rects[key] = (self._x + 1, self._y + 1, width - 2, height - 2)
        self._x, self._shelf = self._x + width, max(self._shelf, height)
        return True
