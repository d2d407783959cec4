"""Conversion of results between frozen dataclasses and JSON of schema 1."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import cattrs
from cattrs import transform_error
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from scenarios.common.errors import InputError

ResultT = TypeVar("ResultT")
KEY = "key"  # in a field's metadata: its name in JSON, where that is not a Python name ("with")
OMIT = "omit"  # in a field's metadata: left out of JSON where the value is the field's default
FLAT = "flat"  # in a field's metadata: a mapping or dataclass whose entries are merged into the parent object in JSON

SCALARS = (str, bool, int, float)

_converter = cattrs.Converter()


def to_json(value: Any) -> Any:
    """Convert a result, or a list of them, to JSON-ready builtins: dicts, lists, strings, numbers, booleans, None."""
    return _converter.unstructure(value)


def parse_json(text: bytes, where: str) -> Any:
    """Parse JSON.

    Raises:
        InputError: It isn't valid, or is nested too deeply; names ``where``.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where} is not valid JSON ({error})") from None


def from_json(kind: type[ResultT], value: Any, where: str) -> ResultT:
    """Read a result from JSON builtins.

    Unknown keys are ignored, as a newer version may have written them.

    Args:
        kind: A frozen dataclass of ``sim.results``, or a generic of one.
        value: The result of ``json.loads``.
        where: Source of the value, for the error: a file's path, with its line where there is one.

    Raises:
        InputError: A key is missing, or a value has another type.
    """
    try:
        return _converter.structure(value, kind)
    except (cattrs.BaseValidationError, KeyError, TypeError, ValueError, ArithmeticError, RecursionError) as error:
        found = "; ".join(transform_error(error, path="", format_exception=_describe)[:3])
        raise InputError(f"{where} is not a valid {getattr(kind, '__name__', kind)} of schema 1: {found}") from None


def _describe(error: BaseException, expected: type | None) -> str:
    return f"key {error} is missing" if isinstance(error, KeyError) else str(error)


def _overrides(kind: type) -> dict[str, Any]:
    return {
        f.name: override(rename=f.metadata.get(KEY), omit_if_default=f.metadata.get(OMIT, False)) for f in fields(kind)
    }


def _flat_fields(kind: type) -> dict[str, type | None]:
    """The flat fields of a dataclass: the dataclass that each contains, or None for a mapping."""
    hints = get_type_hints(kind)
    return {f.name: _find_dataclass(hints[f.name]) for f in fields(kind) if f.metadata.get(FLAT)}


def _find_dataclass(hint: Any) -> type | None:
    """The dataclass in a type that may be optional."""
    return next((each for each in (hint, *get_args(hint)) if isinstance(each, type) and is_dataclass(each)), None)


def _json_keys(kind: type) -> list[str]:
    """The keys of a dataclass in JSON, in order, those of flat dataclasses included and of flat mappings not."""
    flat = _flat_fields(kind)
    keys: list[str] = []
    for f in fields(kind):
        if f.name not in flat:
            keys.append(f.metadata.get(KEY, f.name))
        elif (nested := flat[f.name]) is not None:
            keys += _json_keys(nested)
    return keys


def _make_writer(kind: type) -> Any:
    write: Any = make_dict_unstructure_fn(kind, _converter, **_overrides(kind))
    empty = {
        name: {} if nested is None else dict.fromkeys(_json_keys(nested)) for name, nested in _flat_fields(kind).items()
    }
    if not empty:
        return write

    def write_flat(value: Any) -> dict[str, Any]:
        """Merge a flat field's entries at its position, so that columns keep their order."""
        found: dict[str, Any] = {}
        for name, content in write(value).items():
            if name not in empty:
                found[name] = content
            else:
                found.update(empty[name] if content is None else content)
        return found

    return write_flat


def _make_reader(kind: type) -> Any:
    flat = _flat_fields(kind)
    read: Any = make_dict_structure_fn(kind, _converter, _cattrs_detailed_validation=True, **_overrides(kind))
    known = set(_json_keys(kind))

    def read_checked(value: Any, _: Any) -> Any:
        if not isinstance(value, Mapping):
            raise TypeError(f"expected an object, not {type(value).__name__}")
        inner = {
            name: {key: value[key] for key in value if key not in known} if nested is None else _gather(value, nested)
            for name, nested in flat.items()
        }
        return read({**value, **inner}, kind)

    return read_checked


def _gather(value: Mapping[str, Any], nested: type) -> dict[str, Any] | None:
    """The entries of a flat dataclass; None if all of them are None or missing."""
    found = {key: value[key] for key in _json_keys(nested) if key in value}
    return None if all(content is None for content in found.values()) else found


def _read_exactly(value: Any, kind: type) -> Any:
    """Check that a value has this type; only integers are converted, to ``float``."""
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise TypeError(f"expected {kind.__name__}, not {type(value).__name__}")
    return value


def _read_literal(value: Any, kind: Any) -> Any:
    if value not in get_args(kind):
        raise TypeError(f"expected one of {', '.join(map(repr, get_args(kind)))}, not {value!r}")
    return value


def _is_plain_union(kind: Any) -> bool:
    """Return whether a type is a union of scalars and literals, without None."""
    return get_origin(kind) in (Union, UnionType) and all(
        each in SCALARS or get_origin(each) is Literal for each in get_args(kind)
    )


def _read_plain_union(value: Any, kind: Any) -> Any:
    for each in get_args(kind):
        with suppress(TypeError):
            return _converter.structure(value, each)
    raise TypeError(f"expected {kind}, not {value!r}")


_converter.register_structure_hook_func(lambda kind: get_origin(kind) is Literal, _read_literal)
_converter.register_structure_hook_func(_is_plain_union, _read_plain_union)
for _kind in SCALARS:
    _converter.register_structure_hook(_kind, _read_exactly)
_converter.register_unstructure_hook_factory(is_dataclass, _make_writer)
_converter.register_structure_hook_factory(is_dataclass, _make_reader)
