"""Which bodies a client holds, and marks that tell a body from a later one under the same id."""

from __future__ import annotations

import itertools
import os
from typing import Any, NamedTuple

import pybullet

KEY_PREFIX = "mobile-vla-"  # of all user data that the camera puts on bodies
_MARK_KEY = KEY_PREFIX + "mark"
_marks = itertools.count()


class BodyLooks(NamedTuple):
    """What PyBullet tells of a body's looks; a picture of the body is out of date once this differs.

    Attributes:
        body: Unique id.
        notes: The camera's own user data: the mark, and textures that were applied.
        shapes: As ``getVisualShapeData`` returns them.
    """

    body: int
    notes: tuple[tuple[str, int, int, str], ...]
    shapes: tuple[tuple[Any, ...], ...]


def body_ids(client: int) -> tuple[int, ...]:
    """Return the unique ids of all bodies of a client."""
    count = pybullet.getNumBodies(physicsClientId=client)
    return tuple(pybullet.getBodyUniqueId(index, physicsClientId=client) for index in range(count))


def find_all_bodies(client: int) -> None:
    """Make PyBullet list the bodies that ``batchPositions`` made, which it doesn't by itself."""
    pybullet.syncBodyInfo(client)
    pybullet.syncUserData(physicsClientId=client)  # which the call above forgets


def mark_body(client: int, body: int) -> str:
    """Return a body's mark, which lives as long as the body does; give it one if it has none."""
    found = find_mark(client, body)
    if not found:
        found = f"{os.getpid()}-{next(_marks)}"
        pybullet.addUserData(body, _MARK_KEY, found, -1, -1, physicsClientId=client)
    return found


def find_mark(client: int, body: int) -> str:
    """Return a body's mark; empty if it has none."""
    identifier = pybullet.getUserDataId(body, _MARK_KEY, -1, -1, physicsClientId=client)
    return "" if identifier < 0 else str(pybullet.getUserData(identifier, physicsClientId=client).decode())


def read_notes(client: int, body: int) -> tuple[tuple[str, int, int, str], ...]:
    """Return the camera's user data on a body: key, link, shape, value."""
    notes: list[tuple[str, int, int, str]] = []
    for index in range(pybullet.getNumUserData(body, physicsClientId=client)):
        identifier, key, _, link, shape = pybullet.getUserDataInfo(body, index, physicsClientId=client)
        if key.startswith(KEY_PREFIX.encode()):
            value = pybullet.getUserData(identifier, physicsClientId=client).decode()
            notes.append((key.decode(), link, shape, value))
    return tuple(sorted(notes))


def read_looks(client: int) -> tuple[BodyLooks, ...]:
    """Return what PyBullet tells of the looks of all bodies, and mark those that have no mark."""
    looks: list[BodyLooks] = []
    for body in body_ids(client):
        mark_body(client, body)
        shapes = pybullet.getVisualShapeData(body, pybullet.VISUAL_SHAPE_DATA_TEXTURE_UNIQUE_IDS, client)
        looks.append(BodyLooks(body, read_notes(client, body), shapes))
    return tuple(looks)
