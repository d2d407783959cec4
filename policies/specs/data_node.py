"""Values of a file or a dictionary, each with its place, and readers that check their kind."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from scenarios.common.errors import InputError, unknown_name
from scenarios.files.yaml_nodes import YamlNode, parse_yaml

LARGEST_DEPTH = 20  # of nested lists and mappings; a spec needs four
WHOLE = re.compile(r"[-+]?\d{1,18}")
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")

Scalar = str | bool | int | float | None
WORDS: dict[str, Scalar] = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass(frozen=True, eq=False)
class DataNode:
    """A value and its place.

    Attributes:
        place: For errors, e.g. "spec.yaml, line 3".
        value: A scalar, a list or a mapping.
    """

    place: str
    value: Scalar | tuple[DataNode, ...] | dict[str, DataNode]

    def error(self, message: str) -> InputError:
        """Return an error that names the place."""
        return InputError(f"{self.place}: {message}")

    def entries(self, what: str, known: Collection[str] | None = None) -> dict[str, DataNode]:
        """Return the entries of a mapping.

        Args:
            what: Name of the mapping, for errors.
            known: Its possible keys; None for any.

        Raises:
            InputError: It isn't a mapping, or has an unknown key.
        """
        if not isinstance(self.value, dict):
            raise self.error(f"{what} must be a mapping of keys to values, not {self.describe()}")
        for key, node in self.value.items():
            if known is not None and key not in known:
                raise node.error(str(unknown_name(f"key of {what}", key, known)))
        return self.value

    def items(self, what: str) -> tuple[DataNode, ...]:
        """Return the items of a list.

        Raises:
            InputError: It isn't a list.
        """
        if not isinstance(self.value, tuple):
            raise self.error(f"{what} must be a list, not {self.describe()}")
        return self.value

    def text(self, what: str) -> str:
        """Return a text.

        Raises:
            InputError: It is something else, or empty.
        """
        if not isinstance(self.value, str) or not self.value:
            raise self.error(f"{what} must be text, not {self.describe()}")
        return self.value

    def number(self, what: str) -> float:
        """Return a finite number.

        Raises:
            InputError: It is something else.
        """
        if isinstance(self.value, bool) or not isinstance(self.value, int | float) or not math.isfinite(self.value):
            raise self.error(f"{what} must be a number, not {self.describe()}")
        return float(self.value)

    def whole(self, what: str) -> int:
        """Return a whole number.

        Raises:
            InputError: It is something else.
        """
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            raise self.error(f"{what} must be a whole number, not {self.describe()}")
        return self.value

    def flag(self, what: str) -> bool:
        """Return true or false.

        Raises:
            InputError: It is something else.
        """
        if not isinstance(self.value, bool):
            raise self.error(f"{what} must be true or false, not {self.describe()}")
        return self.value

    def plain(self) -> Any:
        """Return the value as plain lists, dictionaries and scalars."""
        if isinstance(self.value, tuple):
            return [item.plain() for item in self.value]
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        return self.value

    def describe(self) -> str:
        """Describe the value for errors."""
        if isinstance(self.value, tuple):
            return f"a list of {len(self.value)}"
        return "a mapping" if isinstance(self.value, dict) else repr(self.value)


def parse_yaml_node(text: str, file: str) -> DataNode:
    """Parse a YAML file, in which a place is a line.

    Raises:
        InputError: It isn't YAML.
    """
    return _from_yaml(parse_yaml(text, file, needed="'key: value'"), None)


def _from_yaml(node: YamlNode, place: str | None) -> DataNode:
    place = place or f"{node.file}, line {node.line}"
    if (items := node.items) is not None:
        return DataNode(place, tuple(_from_yaml(item, None) for item in items))
    if node.text is None:
        found = node.entries("a mapping").values()
        return DataNode(
            place, {str(key.text): _from_yaml(value, f"{key.file}, line {key.line}") for key, value in found}
        )
    is_quoted = isinstance(node.yaml, yaml.ScalarNode) and bool(node.yaml.style)
    return DataNode(place, node.text if is_quoted else _scalar(node.text))


def _scalar(text: str) -> Scalar:
    """Read a plain word: a number, true, false, null, or text. Numbers are decimal, so 010 is ten."""
    if text.lower() in WORDS:
        return WORDS[text.lower()]
    if WHOLE.fullmatch(text):
        return int(text)
    if NUMBER.fullmatch(text):
        return float(text)
    return text


def parse_json_node(text: str, place: str) -> DataNode:
    """Parse JSON.

    Raises:
        InputError: It isn't JSON.
    """
    try:
        return make_node(json.loads(text), place)
    except json.JSONDecodeError as error:
        raise InputError(f"{place}: not valid JSON: {error.msg} at character {error.pos + 1}") from error
    except RecursionError as error:
        raise InputError(f"{place}: not valid JSON: nested too deeply") from error


def make_node(value: object, place: str, depth: int = 0) -> DataNode:
    """Make a node of a value of Python; NumPy's numbers and arrays count as numbers and lists.

    Raises:
        InputError: It contains something that no file can contain.
    """
    if hasattr(value, "tolist"):  # NumPy's; this needn't import it
        value = value.tolist()
    if depth > LARGEST_DEPTH:
        raise InputError(f"{place}: nested too deeply")
    if value is None or isinstance(value, str | bool | int | float):
        return DataNode(place, value)
    if isinstance(value, list | tuple):
        return DataNode(place, tuple(make_node(item, place, depth + 1) for item in value))
    if isinstance(value, Mapping):
        if wrong := next((key for key in value if not isinstance(key, str)), None):
            raise InputError(f"{place}: keys must be text, not {wrong!r}")
        return DataNode(place, {key: make_node(each, f"{place}, '{key}'", depth + 1) for key, each in value.items()})
    raise InputError(f"{place} must be a number, text, list or mapping, not a {type(value).__name__}")
