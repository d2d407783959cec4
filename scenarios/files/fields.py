"""Fields of a family's spec as YAML: parsing and formatting of every kind of value."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from string import Formatter

from scenarios.building.textures import FLOOR_LOOKS, WALL_LOOKS
from scenarios.common.errors import unknown_name
from scenarios.files.units import parse_quantity, unit_of
from scenarios.files.yaml_nodes import YamlNode
from scenarios.objects.colours import COLOURS
from scenarios.ranges import Choice, IntRange, Range

LENGTH_LIMIT_M = 50.0  # paths are planned on 5 cm cells, and 50 m x 50 m is a million of them
COUNT_LIMIT = 100
BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
VOCABULARIES = (frozenset((*FLOOR_LOOKS, *WALL_LOOKS)), frozenset(COLOURS))
FLOW_WIDTH = 76  # longer lists are written with one option per line


def parse_field(name: str, default: object, node: YamlNode, unit: str | None = None) -> object:
    """Parse the value of a field.

    Args:
        name: Name of the field.
        default: The family's value, which determines the kind of value and the known words.
        node: The value in the file.
        unit: Unit of its numbers; None to derive it from the name.

    Raises:
        InputError: The value has the wrong kind or unit, is out of bounds, or is an unknown word.
    """
    unit = unit_of(name) if unit is None else unit
    match default:
        case Range():
            low, high = (_real(name, unit, end, signed=default.low < 0.0) for end in _ends(name, node))
            _check_order(name, node, low, high)
            return Range(low, high)
        case IntRange():
            first, last = (_whole(name, end, signed=default.low < 0) for end in _ends(name, node))
            _check_order(name, node, first, last)
            return IntRange(first, last)
        case Choice():
            return Choice(_options(name, unit, default.options, node))
        case _:
            return _value(name, unit, default, node, _words(default))


def format_field(name: str, value: object, unit: str | None = None) -> str:
    """Format a field as lines that ``parse_field`` reads back, with a comment on the unit."""
    unit = unit_of(name) if unit is None else unit
    match value:
        case Range():
            return _line(name, f"[{value.low!r}, {value.high!r}]", _unit_note(unit, value.low, value.high))
        case IntRange():
            return _line(name, f"[{value.low}, {value.high}]", "whole numbers")
        case Choice():
            options = [format_value(option) for option in value.options]
            flow = f"  {name}: [{', '.join(options)}]"
            return flow if len(flow) <= FLOW_WIDTH else "\n".join((f"  {name}:", *(f"    - {one}" for one in options)))
        case float():
            return _line(name, format_value(value), _unit_note(unit, value))
        case _:
            return _line(name, format_value(value), "")


def _line(name: str, value: str, note: str) -> str:
    return f"  {name}: {value}".ljust(32) + f"  # {note}" if note else f"  {name}: {value}"


def _unit_note(unit: str, *values: float) -> str:
    if unit not in ("rad", "rad/s"):
        return unit
    return f"{unit}; {' to '.join(f'{math.degrees(value):.3g}' for value in values)} {unit.replace('rad', 'deg')}"


def format_value(value: object) -> str:
    """Format a plain value as YAML that ``parse_field`` reads back."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(format_value(one) for one in value)}]"
    if isinstance(value, str):
        return value if re.fullmatch(r"[a-z][a-z0-9/_-]*", value) else json.dumps(value, ensure_ascii=False)
    return repr(value)


def _ends(name: str, node: YamlNode) -> tuple[YamlNode, YamlNode]:
    """Return low and high of a range; one number is both."""
    if node.text is not None:
        return node, node
    items = node.items or ()
    if len(items) != 2:
        raise node.error(f"'{name}' must be [low, high] or one number")
    return items[0], items[1]


def _check_order(name: str, node: YamlNode, low: float, high: float) -> None:
    if low > high:
        raise node.error(f"'{name}': the low end {low:g} is above the high end {high:g}")


def _options(name: str, unit: str, defaults: Sequence[object], node: YamlNode) -> tuple[object, ...]:
    """Parse a list of options, or one option alone; an option must not appear twice."""
    sample = next((one for one in defaults if isinstance(one, float)), defaults[0])  # 1 among 1.5, 2.5 is a number, too
    items = (node,) if node.text is not None else node.items
    if not items:
        raise node.error(f"'{name}' must be a list of at least one option")
    if isinstance(sample, tuple) and all(item.text is not None for item in items):
        items = (node,)  # one option, which is itself a list
    options: list[object] = []
    for item in items:
        option = _value(name, unit, sample, item, _words(*defaults))
        if option in options:
            raise item.error(f"'{name}': {format_value(option)} appears twice")
        options.append(option)
    return tuple(options)


def _value(name: str, unit: str, sample: object, node: YamlNode, words: frozenset[str]) -> object:
    """Parse a value of the same kind as ``sample``: a number, one of ``words``, or a phrase."""
    if isinstance(sample, tuple):
        items = node.items
        if items is None or len(items) != len(sample):
            raise node.error(f"'{name}' must be a list of {len(sample)} values, such as {format_value(sample)}")
        return tuple(_value(name, unit, part, item, words) for part, item in zip(sample, items, strict=True))
    if node.text is None:
        raise node.error(f"'{name}' must be one value, not a list or a mapping")
    if isinstance(sample, bool):
        if node.text.lower() not in BOOLEANS:
            raise node.error(f"'{name}' must be true or false, not '{node.text}'")
        return BOOLEANS[node.text.lower()]
    if isinstance(sample, int):
        return _whole(name, node, signed=sample < 0)
    if isinstance(sample, float):
        return _real(name, unit, node, signed=sample < 0.0)
    if isinstance(sample, str):
        return _phrase(name, node, words) if _is_phrase(sample) else _word(name, node, words)
    raise node.error(f"'{name}' can't be set in a scenario file: its type is {type(sample).__name__}")


def _real(name: str, unit: str, node: YamlNode, *, signed: bool) -> float:
    if node.text is None:
        raise node.error(f"'{name}' must be one number, not a list or a mapping")
    try:
        number = parse_quantity(node.text, unit)
    except ValueError as error:
        raise node.error(f"'{name}': {error}") from error
    if number < 0.0 and not signed:
        raise node.error(f"'{name}' can't be negative: {node.text}")
    if unit == "m" and abs(number) > LENGTH_LIMIT_M:
        raise node.error(f"'{name}' must be at most {LENGTH_LIMIT_M:g} m: {node.text}")
    return number


def _whole(name: str, node: YamlNode, *, signed: bool) -> int:
    if node.text is None or not re.fullmatch(r"[-+]?\d{1,9}", node.text):
        raise node.error(f"'{name}' must be a whole number" + (f", not '{node.text}'" if node.text else ""))
    number = int(node.text)
    if number < 0 and not signed:
        raise node.error(f"'{name}' can't be negative: {node.text}")
    if abs(number) > COUNT_LIMIT:
        raise node.error(f"'{name}' must be at most {COUNT_LIMIT}: {node.text}")
    return number


def _words(*defaults: object) -> frozenset[str]:
    """Return the words that a field accepts: all textures or all colours if it defaults to some, else its defaults."""
    flat = [part for one in defaults for part in (one if isinstance(one, tuple) else (one,))]
    own = frozenset(part for part in flat if isinstance(part, str))
    return next((known for known in VOCABULARIES if own and own <= known), own)


def _word(name: str, node: YamlNode, words: frozenset[str]) -> str:
    assert node.text is not None
    if node.text not in words:
        raise node.error(str(unknown_name(name, node.text, words)))
    return node.text


def _is_phrase(text: str) -> bool:
    return " " in text or "{" in text


def _phrase(name: str, node: YamlNode, known: frozenset[str]) -> str:
    """Parse a custom instruction with the family's placeholders, such as {target}."""
    assert node.text is not None
    if not node.text:
        raise node.error(f"'{name}' contains an empty phrase")
    try:
        parsed = [part for part in Formatter().parse(node.text) if part[1] is not None]
    except ValueError as error:
        raise node.error(f"'{name}': unmatched braces in '{node.text}'") from error
    places = [_places(phrase) for phrase in known]
    allowed = frozenset[str]().union(*places)
    for _, place, form, conversion in parsed:
        if place not in allowed or form or conversion:
            raise node.error(str(unknown_name(f"placeholder in '{name}'", place or "", allowed)))
    missing = sorted(frozenset.intersection(*places) - {part[1] for part in parsed})
    if missing:
        raise node.error(f"'{name}': '{node.text}' must contain {{{missing[0]}}}")
    return node.text


def _places(phrase: str) -> frozenset[str]:
    return frozenset(place for _, place, _, _ in Formatter().parse(phrase) if place)
