"""Reading of a spec's parts: formats of actions and observations, and normalisers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from policies.formats.action_format import ActionFormat
from policies.formats.normalisation import STATISTIC_NAMES, Normalisation, read_normalisation
from policies.formats.observation_format import ObservationFormat
from policies.specs.data_node import DataNode
from scenarios.common.errors import InputError, unknown_name

PartT = TypeVar("PartT", ActionFormat, ObservationFormat)
Reader = Callable[[DataNode, str, Path], Any]  # (value, its name for errors, folder of the file)


def _text(node: DataNode, what: str, folder: Path) -> str:
    return node.text(what)


def _texts(node: DataNode, what: str, folder: Path) -> tuple[str, ...]:
    return tuple(item.text(f"each of {what}") for item in node.items(what))


def _key(node: DataNode, what: str, folder: Path) -> str | tuple[str, ...] | None:
    """Read the name of a part, or a list of names of dictionaries in each other."""
    if node.value is None:
        return None
    return _texts(node, what, folder) if isinstance(node.value, tuple) else node.text(what)


def _whole(node: DataNode, what: str, folder: Path) -> int:
    return node.whole(what)


def _wholes(node: DataNode, what: str, folder: Path) -> tuple[int, ...]:
    return tuple(item.whole(f"each of {what}") for item in node.items(what))


def read_numbers(node: DataNode, what: str, folder: Path | None = None) -> tuple[float, ...] | None:
    """Read a list of numbers; None for null."""
    return None if node.value is None else tuple(item.number(f"each of {what}") for item in node.items(what))


def read_normaliser(node: DataNode, what: str, folder: Path) -> Normalisation | None:
    """Read a normaliser: its statistics, or the file and set of columns that they are in; None for null.

    Raises:
        InputError: A file or a statistic is missing, or isn't a number.
    """
    if node.value is None:
        return None
    entries = node.entries(what)
    if "kind" not in entries:
        raise node.error(f"{what} needs a 'kind': {', '.join(STATISTIC_NAMES)}")
    kind = entries["kind"].text(f"'kind' of {what}")
    if kind not in STATISTIC_NAMES:
        raise entries["kind"].error(str(unknown_name("normalisation", kind, STATISTIC_NAMES)))
    from_file = "file" in entries
    needed = ("file", "column_set") if from_file else STATISTIC_NAMES[kind]
    node.entries(what, ("kind", *needed) if from_file else ("kind", *needed, "file", "column_set"))
    for key in needed:
        if key not in entries:
            raise node.error(f"{what} of kind '{kind}' needs '{key}'{'' if from_file else ', or a file of statistics'}")
    if from_file:
        file, column_set = (entries[key].text(f"'{key}' of {what}") for key in needed)
        return _located(node, lambda: read_normalisation(folder / file, column_set, kind))
    first, second = (read_numbers(entries[key], f"'{key}' of {what}") or () for key in needed)
    return _located(node, lambda: Normalisation(kind, first, second))


ACTION_READERS: dict[str, Reader] = {
    "kind": _text,
    "columns": _texts,
    "unit": _text,
    "signs": _wholes,
    "normalisation": read_normaliser,
}
OBSERVATION_READERS: dict[str, Reader] = {
    "frames": _whole,
    "colours": _text,
    "state": _texts,
    "normalisation": read_normaliser,
    "pixels_key": _key,
    "state_key": _key,
    "instruction_key": _key,
    "layout": _text,
    "pixel_type": _text,
    "pixel_mean": read_numbers,
    "pixel_std": read_numbers,
}


def read_action(node: DataNode, base: ActionFormat, folder: Path) -> ActionFormat:
    """Read a format of actions; what isn't given is as in ``base``, unless it belongs to another kind of action.

    Raises:
        InputError: A key is unknown or a value wrong.
    """
    values = _read_part(node, "an action", ACTION_READERS, folder)
    if values.get("kind", base.kind) != base.kind:
        base = ActionFormat()
        values.setdefault("columns", ())
    return _located(node, lambda: replace(base, **values))


def read_observation(node: DataNode, base: ObservationFormat, folder: Path) -> ObservationFormat:
    """Read a format of observations; what isn't given is as in ``base``.

    Raises:
        InputError: A key is unknown or a value wrong.
    """
    values = _read_part(node, "an observation", OBSERVATION_READERS, folder)
    return _located(node, lambda: replace(base, **values))


def _read_part(node: DataNode, what: str, readers: Mapping[str, Reader], folder: Path) -> dict[str, Any]:
    entries = node.entries(what, readers)
    return {key: readers[key](entry, f"'{key}'", folder) for key, entry in entries.items()}


ValueT = TypeVar("ValueT")


def _located(node: DataNode, make: Callable[[], ValueT]) -> ValueT:
    """Make something, and add the place to its errors."""
    try:
        return make()
    except InputError as error:
        raise node.error(str(error)) from error
