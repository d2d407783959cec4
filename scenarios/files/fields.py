"""Fields of a family's spec as YAML: each kind of value is read and written here, for all families."""

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

LENGTH_LIMIT_M = 50.0  # planning keeps a grid of 5 cm cells, and 50 m x 50 m is a million of them
COUNT_LIMIT = 100
BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
VOCABULARIES = (frozenset((*FLOOR_LOOKS, *WALL_LOOKS)), frozenset(COLOURS))
FLOW_WIDTH = 76  # longer lists are written with a line for each option


def parse_field(name: str, default: object, node: YamlNode, unit: str | None = None) -> object:
    """Parse the value of a field.

    Args:
        name: Of the field.
        default: What the family has there; tells which kind of value belongs there, and which words are known.
        node: What the file has there.
        unit: Of its numbers; None: its name tells.

    Raises:
        InputError: It is of another kind, in another unit, out of bounds, or a word that isn't known.
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
    """Format the lines of a field, the inverse of ``parse_field``, with a comment on its unit."""
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
    """Low and high of a range; one number is both."""
    if node.text is not None:
        return node, node
    items = node.items or ()
    if len(items) != 2:
        raise node.error(f"'{name}' takes [low, high] or one number")
    return items[0], items[1]


def _check_order(name: str, node: YamlNode, low: float, high: float) -> None:
    if low > high:
        raise node.error(f"'{name}' has its low {low:g} above its high {high:g}")


def _options(name: str, unit: str, defaults: Sequence[object], node: YamlNode) -> tuple[object, ...]:
    """What may be drawn: a list, or one option alone; as a weight, an option may not stand twice."""
    sample = next((one for one in defaults if isinstance(one, float)), defaults[0])  # 1 among 1.5, 2.5 is a number, too
    items = (node,) if node.text is not None else node.items
    if not items:
        raise node.error(f"'{name}' takes a list of one option or more")
    if isinstance(sample, tuple) and all(item.text is not None for item in items):
        items = (node,)  # one option, which is itself a list
    options: list[object] = []
    for item in items:
        option = _value(name, unit, sample, item, _words(*defaults))
        if option in options:
            raise item.error(f"'{name}' has {format_value(option)} twice")
        options.append(option)
    return tuple(options)


def _value(name: str, unit: str, sample: object, node: YamlNode, words: frozenset[str]) -> object:
    """One value of the same kind as ``sample``; its words are among ``words``, unless they make a phrase."""
    if isinstance(sample, tuple):
        items = node.items
        if items is None or len(items) != len(sample):
            raise node.error(f"'{name}' takes {len(sample)} values together, such as {format_value(sample)}")
        return tuple(_value(name, unit, part, item, words) for part, item in zip(sample, items, strict=True))
    if node.text is None:
        raise node.error(f"'{name}' takes one value here, not a list or a mapping")
    if isinstance(sample, bool):
        if node.text.lower() not in BOOLEANS:
            raise node.error(f"'{name}' is true or false, not '{node.text}'")
        return BOOLEANS[node.text.lower()]
    if isinstance(sample, int):
        return _whole(name, node, signed=sample < 0)
    if isinstance(sample, float):
        return _real(name, unit, node, signed=sample < 0.0)
    if isinstance(sample, str):
        return _phrase(name, node, words) if _is_phrase(sample) else _word(name, node, words)
    raise node.error(f"'{name}' can't be set in a file: it is a {type(sample).__name__}")


def _real(name: str, unit: str, node: YamlNode, *, signed: bool) -> float:
    if node.text is None:
        raise node.error(f"'{name}' takes one number here, not a list or a mapping")
    try:
        number = parse_quantity(node.text, unit)
    except ValueError as error:
        raise node.error(f"'{name}': {error}") from error
    if number < 0.0 and not signed:
        raise node.error(f"'{name}' can't be negative: {node.text}")
    if unit == "m" and abs(number) > LENGTH_LIMIT_M:
        raise node.error(f"'{name}' can't be more than {LENGTH_LIMIT_M:g} m: {node.text}")
    return number


def _whole(name: str, node: YamlNode, *, signed: bool) -> int:
    if node.text is None or not re.fullmatch(r"[-+]?\d{1,9}", node.text):
        raise node.error(f"'{name}' takes whole numbers" + (f", not '{node.text}'" if node.text else ""))
    number = int(node.text)
    if number < 0 and not signed:
        raise node.error(f"'{name}' can't be negative: {node.text}")
    if abs(number) > COUNT_LIMIT:
        raise node.error(f"'{name}' can't be more than {COUNT_LIMIT}: {node.text}")
    return number


def _words(*defaults: object) -> frozenset[str]:
    """Which words a field takes: all looks or all colours where the family's are such, else the family's own."""
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
    """An instruction in words of one's own, with the family's places to fill in: {target}, say."""
    assert node.text is not None
    if not node.text:
        raise node.error(f"'{name}' has a phrase without words")
    try:
        parsed = [part for part in Formatter().parse(node.text) if part[1] is not None]
    except ValueError as error:
        raise node.error(f"'{name}': braces that don't match in '{node.text}'") from error
    places = [_places(phrase) for phrase in known]
    allowed = frozenset[str]().union(*places)
    for _, place, form, conversion in parsed:
        if place not in allowed or form or conversion:
            raise node.error(str(unknown_name(f"placeholder in '{name}'", place or "", allowed)))
    missing = sorted(frozenset.intersection(*places) - {part[1] for part in parsed})
    if missing:
        raise node.error(f"'{name}': '{node.text}' must say {{{missing[0]}}}, so that the instruction names the target")
    return node.text


def _places(phrase: str) -> frozenset[str]:
    return frozenset(place for _, place, _, _ in Formatter().parse(phrase) if place)
