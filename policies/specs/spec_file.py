"""A policy's spec as a YAML file or a dictionary: read with the same checks, and written back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import yaml

from policies.formats.action_format import VELOCITY, ActionFormat
from policies.formats.normalisation import Normalisation
from policies.formats.observation_format import NATIVE, ObservationFormat
from policies.policy import PolicySpec
from policies.spec_checks import check_spec
from policies.specs.data_node import NUMBER, WORDS, DataNode, make_node, parse_yaml_node
from policies.specs.spec_parts import read_action, read_numbers, read_observation
from scenarios.common.errors import InputError
from scenarios.robot import CONTROL_PERIOD_S

LARGEST_FILE_BYTES = 2**20
WHOLE_KEYS, FLAG_KEYS = ("history", "chunk", "replan", "parameters"), ("plays_chunk", "privileged")
SPEC_KEYS = (
    *("name", "image_size", "period_s", "rate_hz", "hold_action"),
    *(*WHOLE_KEYS, *FLAG_KEYS, "action", "observation", "runtime"),
)


def default_spec(name: str) -> PolicySpec:
    """Return the spec of a policy that says nothing: one frameless step of the environment at a time."""
    return PolicySpec(name=name, image_size=None, period_s=CONTROL_PERIOD_S, hold_action=(0.0, 0.0, 0.0))


def read_spec(path: Path, name: str) -> PolicySpec:
    """Read a spec from a YAML file; paths in it are relative to its folder.

    Args:
        path: The file.
        name: Name of the policy.

    Raises:
        InputError: It can't be read, a key is unknown, a value wrong, or something needed is missing; with the line.
    """
    return parse_spec(parse_yaml_node(read_text_file(path), str(path)), name, path.parent)


def read_text_file(path: Path) -> str:
    """Read the text of a description, as someone could have written it by hand.

    Raises:
        InputError: It can't be read, or is too large.
    """
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise InputError(f"{path} is larger than {LARGEST_FILE_BYTES >> 20} MiB: it isn't a description in YAML")
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} isn't UTF-8 text") from error
    except OSError as error:
        raise InputError(f"{path} can't be read: {error.strerror}") from error


def spec_from_dict(values: Mapping[str, Any], name: str | None = None, folder: Path = Path()) -> PolicySpec:
    """Make a spec from a dictionary with the keys of a file, e.g. of a policy that doesn't import this package.

    Args:
        values: The dictionary.
        name: Name of the policy; None: its entry "name".
        folder: Where relative paths of statistics start.

    Raises:
        InputError: A key is unknown, a value wrong, or something needed is missing.
    """
    node = make_node(values, "the policy's spec" if name is None else f"the spec of policy '{name}'")
    if name is None:
        if "name" not in (entries := node.entries("a spec")):
            raise node.error("'name' is missing")
        name = entries["name"].text("'name'")
    return parse_spec(node, name, folder)


def parse_spec(node: DataNode, name: str, folder: Path, base: PolicySpec | None = None) -> PolicySpec:
    """Parse the values of a spec.

    Args:
        node: The values.
        name: Name of the policy.
        folder: Where relative paths of statistics start.
        base: What isn't given; None if image size, period and hold action must be given.

    Raises:
        InputError: A key is unknown, a value wrong, or something needed is missing.
    """
    entries = node.entries("a spec", SPEC_KEYS)
    if base is None:
        _check_complete(node, entries)
        base = default_spec(name)
    changes: dict[str, Any] = {"name": name}
    if "image_size" in entries:
        changes["image_size"] = _image_size(entries["image_size"])
    if "period_s" in entries or "rate_hz" in entries:
        changes["period_s"] = _period_s(entries)
    if "hold_action" in entries:
        changes["hold_action"] = read_numbers(entries["hold_action"], "'hold_action'")
    changes |= {key: entries[key].whole(f"'{key}'") for key in WHOLE_KEYS if key in entries}
    changes |= {key: entries[key].flag(f"'{key}'") for key in FLAG_KEYS if key in entries}
    if "runtime" in entries:
        changes["runtime"] = "" if entries["runtime"].value == "" else entries["runtime"].text("'runtime'")
    if "action" in entries:
        changes["action"] = read_action(entries["action"], base.action, folder)
    if "observation" in entries:
        changes["observation"] = read_observation(entries["observation"], base.observation, folder)
    try:
        return check_spec(replace(base, **changes))
    except InputError as error:
        raise node.error(str(error)) from error


def _check_complete(node: DataNode, entries: Mapping[str, DataNode]) -> None:
    for needed, example in (("image_size", "[224, 224], or null"), ("hold_action", "[0, 0, 0]")):
        if needed not in entries:
            raise node.error(f"'{needed}' is missing, such as '{needed}: {example}'")
    if "period_s" not in entries and "rate_hz" not in entries:
        raise node.error("'period_s', the duration of an action, or 'rate_hz' is missing, such as 'period_s: 0.1'")


def _image_size(node: DataNode) -> tuple[int, ...] | None:
    """Read [height, width]; None for null."""
    if node.value is None:
        return None
    return tuple(side.whole("each side of 'image_size'") for side in node.items("'image_size'"))


def _period_s(entries: Mapping[str, DataNode]) -> float:
    if "rate_hz" not in entries:
        return entries["period_s"].number("'period_s'")
    if "period_s" in entries:
        raise entries["rate_hz"].error("'rate_hz' and 'period_s' say the same: give one")
    if (rate_hz := entries["rate_hz"].number("'rate_hz'")) <= 0.0:
        raise entries["rate_hz"].error(f"'rate_hz' must be above 0, not {rate_hz:g}")
    return 1.0 / rate_hz


def format_spec(spec: PolicySpec) -> str:
    """Format a spec as the text of a YAML file, from which ``read_spec`` makes an equal one."""
    return format_yaml({key: value for key, value in spec_to_dict(spec).items() if key != "name"})


def spec_to_dict(spec: PolicySpec) -> dict[str, Any]:
    """Return a spec as a dictionary of plain values, from which ``spec_from_dict`` makes an equal one."""
    usual = default_spec(spec.name)
    found: dict[str, Any] = {
        "name": spec.name,
        "image_size": None if spec.image_size is None else list(spec.image_size),
        "period_s": spec.period_s,
        "hold_action": list(spec.hold_action),
    }
    for key in (*WHOLE_KEYS, *FLAG_KEYS, "runtime"):
        if getattr(spec, key) != getattr(usual, key):
            found[key] = getattr(spec, key)
    if action := _differences(spec.action, replace(VELOCITY, kind=spec.action.kind, columns=())):
        found["action"] = {"kind": spec.action.kind, **action}
    elif spec.action.kind != VELOCITY.kind:
        found["action"] = {"kind": spec.action.kind}
    if observation := _differences(spec.observation, NATIVE):
        found["observation"] = observation
    return found


def _differences(part: ActionFormat | ObservationFormat, usual: ActionFormat | ObservationFormat) -> dict[str, Any]:
    return {
        field.name: _plain(getattr(part, field.name))
        for field in fields(part)
        if getattr(part, field.name) != getattr(usual, field.name)
    }


def _plain(value: object) -> object:
    if isinstance(value, Normalisation):
        return value.to_dict()
    return list(value) if isinstance(value, tuple) else value


class _Dumper(yaml.SafeDumper):
    """Quotes text that could be read as something else."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    is_word = text.isprintable() and text.lower() not in WORDS and not NUMBER.fullmatch(text)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if is_word else '"')


_Dumper.add_representer(str, _represent_text)


def format_yaml(values: Mapping[str, Any]) -> str:
    """Format plain values as the text of a YAML file, short lists on one line."""
    text: str = yaml.dump(dict(values), Dumper=_Dumper, sort_keys=False, default_flow_style=None, allow_unicode=True)
    return text
