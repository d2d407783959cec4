"""Reads image files, of those that PyBullet reads: its library is stb_image of 2012."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from scenarios.common.errors import InputError

_FRAME_HEADERS = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # JPEG's markers SOF0 to SOF15


def find_image_problem(path: str | Path) -> str:
    """Return why PyBullet can't read an image file; empty if it can."""
    try:
        data = Path(path).read_bytes()
    except OSError as failure:
        return str(failure)
    try:
        if data.startswith(b"\xff\xd8"):
            problem = _jpeg_problem(data)
        elif data.startswith(b"\x89PNG"):
            problem = "" if data[24] == 8 else f"PNG with {data[24]} bits a channel; PyBullet reads those with 8"
        elif data.startswith(b"BM"):
            problem = _bmp_problem(data)
        else:
            problem = _other_problem(path)
    except (IndexError, struct.error):
        return "it ends too early"
    return problem or _decoding_problem(path)


def read_image(path: str | Path) -> np.ndarray:
    """Read an image file as (H, W, 3) uint8, row 0 at the top.

    Raises:
        InputError: The file can't be read as an image.
    """
    try:
        with Image.open(path) as image:
            return np.asarray(image.convert("RGB"))
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError, ValueError, SyntaxError) as failure:
        raise InputError(f"texture file '{path}' can't be read as an image: {failure}") from None


def _jpeg_problem(data: bytes) -> str:
    """Find the frame header of a JPEG file and say what PyBullet can't read of it."""
    place = 2
    while True:
        while data[place] != 0xFF:
            place += 1
        while data[place] == 0xFF:
            place += 1
        marker = data[place]
        if marker in _FRAME_HEADERS:
            break
        place += 1 + struct.unpack_from(">H", data, place + 1)[0]
    bits, channels = data[place + 3], data[place + 8]
    if marker == 0xC2:
        return "a progressive JPEG; PyBullet reads baseline ones"
    if marker > 0xC1 or bits != 8:
        return "a JPEG that is not baseline with 8 bits"
    return "" if channels in (1, 3) else f"a JPEG with {channels} channels, such as CMYK; PyBullet reads grey and RGB"


def _bmp_problem(data: bytes) -> str:
    """Say what PyBullet can't read of a BMP file."""
    header = struct.unpack_from("<I", data, 14)[0]
    if header not in (12, 40, 56, 108):
        return "a BMP with a header that PyBullet doesn't know"
    bits = struct.unpack_from("<H", data, 24 if header == 12 else 28)[0]
    packing = 0 if header == 12 else struct.unpack_from("<I", data, 30)[0]
    if bits == 1 or packing in (1, 2):
        return "a BMP with one bit or run-length coding, which PyBullet doesn't read"
    return ""


def _other_problem(path: str | Path) -> str:
    try:
        with Image.open(path) as image:
            kind = str(image.format)
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError, ValueError, SyntaxError):
        return "no image"
    return "" if kind in ("TGA", "GIF", "PSD") else f"{kind}; PyBullet reads PNG, JPEG, TGA and BMP"


def _decoding_problem(path: str | Path) -> str:
    try:
        read_image(path)
    except InputError as failure:
        return str(failure).rpartition("image: ")[2]
    return ""
