"""Reads the material libraries (MTL) of OBJ files as PyBullet does."""

from __future__ import annotations

import os
from collections.abc import Iterator

_LONGEST_LINE = 1023  # of what is longer, PyBullet makes several lines
_IMAGE_FOLDERS = ("./", "./data/", "../data/", "../../data/", "../../../data/", "../../../../data/")


def split_lines(data: bytes) -> Iterator[bytes]:
    """Split a file into lines without leading blanks, as PyBullet does: what follows a carriage return is lost."""
    for whole in data.split(b"\n"):
        for start in range(0, len(whole) or 1, _LONGEST_LINE):
            yield whole[start : start + _LONGEST_LINE].partition(b"\r")[0].partition(b"\0")[0].lstrip(b" \t")


def has_keyword(line: bytes, keyword: bytes) -> bool:
    """Return whether a line begins with a keyword and a blank."""
    return line.startswith(keyword) and line[len(keyword) : len(keyword) + 1] in (b" ", b"\t")


def first_word(text: bytes) -> bytes:
    """Return the first word of a text: names end at a blank, whatever the file means."""
    words = text.split(maxsplit=1)
    return words[0] if words else b""


def read_material_images(file: bytes) -> dict[bytes, bytes]:
    """Return the diffuse image's name of each material of a library, empty without one; {} if there is no library."""
    try:
        with open(file, "rb") as stream:
            data = stream.read()
    except OSError:
        return {}
    images: dict[bytes, bytes] = {}
    name, image = b"", b""
    for line in split_lines(data):
        if has_keyword(line, b"newmtl"):
            images.setdefault(name, image)
            name, image = first_word(line[7:]), b""
        elif has_keyword(line, b"map_Kd"):
            image = line[7:].rstrip(b" \t")  # options and blanks are part of the name
    images.setdefault(name, image)
    return images


def find_image(folder: bytes, name: bytes) -> str | None:
    """Return the first file that PyBullet would open for an image of a material in a mesh's folder."""
    for prefix in (folder, *(place.encode() for place in _IMAGE_FOLDERS)):
        if os.path.isfile(prefix + name):
            return os.fsdecode(os.path.abspath(prefix + name))
    return None
