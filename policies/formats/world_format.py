"""Worlds as text, for a policy in another process that sees the true world."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from scenarios import world as kinds
from scenarios.geometry import Bounds, Pose2D
from scenarios.world import World

KINDS: dict[str, type] = {
    kind.__name__: kind
    for kind in (Bounds, Pose2D, *(getattr(kinds, name) for name in kinds.__all__))
    if isinstance(kind, type)
}
_KIND = "kind"  # the key of a value's class


def format_worlds(worlds: Sequence[World]) -> str:
    """Return worlds as text, from which ``parse_worlds`` makes equal ones, to the bit."""
    return json.dumps([_to_plain(world) for world in worlds])


def parse_worlds(text: str) -> tuple[World, ...]:
    """Return the worlds of a text of ``format_worlds``."""
    return tuple(_from_plain(plain) for plain in json.loads(text))


def _to_plain(value: Any) -> Any:
    """Return a value as what JSON has: an object of a class with its name, a tuple as a list."""
    if is_dataclass(value):
        own = {field.name: _to_plain(getattr(value, field.name)) for field in fields(value)}
        return {_KIND: type(value).__name__, **own}
    if isinstance(value, Bounds):
        return {_KIND: Bounds.__name__, **value._asdict()}
    if isinstance(value, (tuple, list)):
        return [_to_plain(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value


def _from_plain(plain: Any) -> Any:
    if isinstance(plain, list):
        return tuple(_from_plain(item) for item in plain)
    if not isinstance(plain, dict):
        return plain
    kind = KINDS[plain[_KIND]]
    return kind(**{name: _from_plain(item) for name, item in plain.items() if name != _KIND})
