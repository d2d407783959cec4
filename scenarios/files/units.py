"""Quantities in scenario files: the unit of a field, and conversion to it."""

from __future__ import annotations

import math
import re

# By base unit: the accepted units, and how many of each make one base unit. "" is the unit of plain numbers.
UNITS: dict[str, dict[str, float]] = {
    "m": {"m": 1.0, "cm": 100.0, "mm": 1000.0},
    "rad": {"rad": 1.0, "deg": 180.0 / math.pi},
    "s": {"s": 1.0, "ms": 1000.0},
    "m/s": {"m/s": 1.0, "cm/s": 100.0, "km/h": 3.6},
    "rad/s": {"rad/s": 1.0, "deg/s": 180.0 / math.pi},
    "": {"%": 100.0},
}
QUANTITY_NAMES = {"m": "a length", "rad": "an angle", "s": "a time", "m/s": "a speed", "rad/s": "an angular velocity"}

# The last known word of a field's name gives its unit: 'box_yaw' is an angle, 'walking_speed' a speed.
UNIT_BY_WORD: dict[str, str] = {
    **dict.fromkeys(("length", "width", "height", "depth", "size", "thickness", "radius", "diameter"), "m"),
    **dict.fromkeys(("spacing", "clearance", "distance", "margin", "gap", "offset", "opening", "x", "y", "m"), "m"),
    **dict.fromkeys(("yaw", "pitch", "roll", "angle", "heading", "rad"), "rad"),
    **dict.fromkeys(("time", "duration", "period", "delay", "pause", "hold", "limit", "s"), "s"),
    **dict.fromkeys(("speed", "mps"), "m/s"),
    **dict.fromkeys(("rate",), "rad/s"),
    **dict.fromkeys(("tint", "ambient", "diffuse", "share", "probability", "factor", "ratio"), ""),
}

_QUANTITY = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([^\d\s.]*)")


def unit_of(field: str) -> str:
    """Return the base unit that a spec field's name implies, e.g. ``"m"``; "" if none."""
    return next((UNIT_BY_WORD[word] for word in reversed(field.split("_")) if word in UNIT_BY_WORD), "")


def parse_quantity(text: str, unit: str) -> float:
    """Parse a number, with or without a unit, into its base unit.

    Args:
        text: E.g. ``"1.2"``, ``"80 cm"`` or ``"25 deg"``; a number without a unit is in the base unit.
        unit: The base unit.

    Raises:
        ValueError: The text is not a finite number, or its unit measures another quantity.
    """
    match = _QUANTITY.fullmatch(text.strip())
    if match is None or not math.isfinite(float(match[1])):
        raise ValueError(f"'{text}' is not a number")
    number, written = float(match[1]), match[2]
    if not written:
        return number
    if written not in UNITS[unit]:
        wanted = f"{QUANTITY_NAMES[unit]} in {', '.join(UNITS[unit])}" if unit else "a plain number"
        raise ValueError(f"'{text}' is not {wanted}")
    return number / UNITS[unit][written]
