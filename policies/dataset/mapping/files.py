"""Mapping files: YAML that says which parts of a data set are the camera, the actions, the state, the instruction."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from policies.dataset.mapping.contents import DatasetContents, VectorFeature
from policies.dataset.mapping.guess import guess_velocities
from policies.dataset.mapping.mapping import (
    ANGULAR_UNITS,
    COLOUR_ORDERS,
    LINEAR_UNITS,
    NORMALISED,
    SI_UNITS,
    STATE_AXES,
    STATE_WORDS,
    Column,
    Instruction,
    Units,
    VectorMapping,
)
from policies.dataset.mapping.names import guess_units, match_states, match_velocities
from scenarios.common.errors import InputError, unknown_name
from scenarios.files.yaml_nodes import YamlNode, parse_yaml
from scenarios.robot import AXIS_NAMES

ValueT = TypeVar("ValueT")

VECTOR_KEYS = ("feature", "columns", "units", "signs", "scale")


@dataclass(frozen=True)
class GivenMapping:
    """The parts of a mapping that a file gives; None where it doesn't."""

    camera: str | None = None
    colours: str | None = None
    rate: float | None = None
    actions: VectorMapping | None = None
    state: VectorMapping | str | None = None
    instruction: Instruction | None = None


KEYS = tuple(GivenMapping.__dataclass_fields__)


def read_mapping_file(path: Path, contents: DatasetContents) -> tuple[GivenMapping, list[str]]:
    """Read a mapping file for a data set with these contents.

    Returns:
        What it gives, and a sentence with file and line for each entry that is wrong.

    Raises:
        InputError: The file can't be read, or is not YAML.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: a mapping file must be UTF-8 text") from error
    except OSError as error:
        raise InputError(f"{path}: can't be read as a mapping file: {error.strerror}") from error
    if not text.strip():
        raise InputError(f"{path}: the mapping file is empty: give at least one of {', '.join(KEYS)}")
    parsers: dict[str, Callable[[YamlNode, DatasetContents], object]] = {
        "camera": _camera,
        "colours": _colours,
        "rate": _rate,
        "actions": _actions,
        "state": _state,
        "instruction": _instruction,
    }
    found: dict[str, Any] = {}
    problems: list[str] = []
    for key, (place, node) in parse_yaml(text, str(path)).entries("a mapping file").items():
        try:
            if key not in parsers:
                raise place.error(str(unknown_name("key", key, KEYS)))
            found[key] = parsers[key](node, contents)
        except InputError as error:
            problems.append(str(error))
    return replace(GivenMapping(), **found), problems


def _camera(node: YamlNode, contents: DatasetContents) -> str:
    known = {camera.name: camera for camera in contents.cameras}
    if node.text not in known:
        raise node.error(str(unknown_name("camera", node.text or "", known)))
    if known[node.text].is_depth:
        colours = ", ".join(camera.name for camera in contents.colour_cameras) or "none"
        raise node.error(f"'{node.text}' is depth, not colours; cameras with colours: {colours}")
    return node.text


def _colours(node: YamlNode, _: DatasetContents) -> str:
    if node.text not in COLOUR_ORDERS:
        raise node.error(str(unknown_name("order of colours", node.text or "", COLOUR_ORDERS)))
    return node.text


def _rate(node: YamlNode, _: DatasetContents) -> float:
    return _number(node, "'rate', in frames per second,", low=0.01, high=1e4)


def _actions(node: YamlNode, contents: DatasetContents) -> VectorMapping:
    mapping = _vector(node, contents, "actions", AXIS_NAMES)
    if "vx" not in mapping.columns and "vy" not in mapping.columns:
        raise node.error("'actions' must have a column of vx or vy")
    return mapping


def _state(node: YamlNode, contents: DatasetContents) -> VectorMapping | str:
    if node.text is None:
        return _vector(node, contents, "state", STATE_AXES)
    if node.text not in STATE_WORDS:
        raise node.error(f"{unknown_name('state', node.text, STATE_WORDS)}, or a mapping with 'columns'")
    return node.text


def _instruction(node: YamlNode, contents: DatasetContents) -> Instruction:
    if node.text is not None:
        if not node.text:
            raise node.error("'instruction' must be a sentence, or {from: NAME}")
        return Instruction(text=node.text)
    entries = node.entries("'instruction'")
    if tuple(entries) != ("from",):
        raise node.error("'instruction' must be a sentence, or {from: NAME}")
    source = entries["from"][1]
    if source.text not in contents.texts:
        raise source.error(str(unknown_name("source of instructions", source.text or "", contents.texts)))
    return Instruction(source=source.text)


def _vector(node: YamlNode, contents: DatasetContents, key: str, axes: Sequence[str]) -> VectorMapping:
    """Parse 'actions' or 'state'; columns that aren't given are told from names."""
    entries = node.entries(f"'{key}'")
    for name, (place, _) in entries.items():
        if name not in VECTOR_KEYS:
            raise place.error(str(unknown_name(f"key in '{key}'", name, VECTOR_KEYS)))
    vector = _feature(node, entries["feature"][1] if "feature" in entries else None, contents, key)
    if "columns" in entries:
        columns = _columns(entries["columns"][1], vector, axes)
    else:
        columns = (match_velocities if key == "actions" else match_states)(vector.columns)
    if not columns:
        raise node.error(f"'{key}' needs 'columns': {guess_velocities(vector, contents).problem}")
    given = tuple(columns)
    units: Units | None = SI_UNITS
    if "units" in entries:
        units = _units(entries["units"][1])
    elif key == "actions":
        units = _told_units(node, columns, contents, is_named="columns" not in entries)
    signs = _by_axis(entries["signs"][1], "signs", given, _sign) if "signs" in entries else {}
    scale = _by_axis(entries["scale"][1], "scale", given, _factor) if "scale" in entries else {}
    return VectorMapping(vector.name, columns, units, signs, scale)


def _told_units(
    node: YamlNode, columns: Mapping[str, Column], contents: DatasetContents, *, is_named: bool
) -> Units | None:
    """Return the units that the layout or the names tell."""
    found = guess_units(columns)
    if contents.units is not None or (is_named and found.is_told):
        return contents.units or found.units
    raise node.error("'actions' needs 'units': normalised, or a list such as [m/s, rad/s]")


def _feature(node: YamlNode, given: YamlNode | None, contents: DatasetContents, key: str) -> VectorFeature:
    usual = ("action", "actions") if key == "actions" else ("observation.state", "agent_pos", "state")
    names = [vector.name for vector in contents.vectors]
    wanted = next((name for name in usual if name in names), "") if given is None else given.text or ""
    found = contents.vector(wanted)
    if found is None:
        raise (given or node).error(
            str(unknown_name("feature", wanted, names))
            if wanted
            else f"'{key}' needs 'feature': one of {', '.join(names)}"
        )
    return found


def _columns(node: YamlNode, vector: VectorFeature, axes: Sequence[str]) -> dict[str, Column]:
    entries = node.entries("'columns'")
    found: dict[str, Column] = {}
    for axis, (place, value) in entries.items():
        if axis not in axes:
            raise place.error(str(unknown_name("axis", axis, axes)))
        label = value.text or ""
        index = vector.index_of(label)
        if index is None:
            raise value.error(
                f"{unknown_name(f'column of {vector.name!r}', label, vector.labels)}; numbers count from 0"
            )
        found[axis] = Column(label, index)
    if not found:
        raise node.error(f"'columns' must give at least one of {', '.join(axes)}")
    return {axis: found[axis] for axis in axes if axis in found}


def _units(node: YamlNode) -> Units | None:
    if node.text == NORMALISED:
        return None
    words = [item.text or "" for item in node.items or ()]
    if len(words) != 2 or words[0] not in LINEAR_UNITS or words[1] not in ANGULAR_UNITS:
        raise node.error(
            f"'units' must be '{NORMALISED}' or a list of two, one of {', '.join(LINEAR_UNITS)} and one of "
            f"{', '.join(ANGULAR_UNITS)}"
        )
    return Units(*words)


def _by_axis(node: YamlNode, key: str, axes: Sequence[str], parse: Callable[[YamlNode], ValueT]) -> dict[str, ValueT]:
    entries = node.entries(f"'{key}'")
    for axis, (place, _) in entries.items():
        if axis not in axes:
            raise place.error(str(unknown_name("axis", axis, axes)))
    return {axis: parse(value) for axis, (_, value) in entries.items()}


def _sign(node: YamlNode) -> int:
    if node.text not in ("1", "+1", "-1"):
        raise node.error("a sign must be 1 or -1")
    return int(node.text)


def _factor(node: YamlNode) -> float:
    return _number(node, "a scale", low=1e-6, high=1e6)


def _number(node: YamlNode, what: str, *, low: float, high: float) -> float:
    try:
        number = float(node.text or "")
    except ValueError:
        number = math.nan
    if not low <= number <= high:
        raise node.error(f"{what} must be a number between {low:g} and {high:g}, not '{node.text}'")
    return number
