"""A mapping as the YAML that ``files.read_mapping_file`` reads."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from policies.dataset.mapping.mapping import NORMALISED, DatasetMapping, VectorMapping

_PLAIN = re.compile(r"[A-Za-z_][\w./-]*|\d+")
_WORDS = frozenset(("true", "false", "yes", "no", "on", "off", "null", "none", "y", "n"))


def format_mapping(mapping: DatasetMapping) -> str:
    """Format a mapping as YAML."""
    lines = [
        f"camera: {quote_yaml(mapping.camera)}",
        f"colours: {mapping.colours}",
        f"rate: {mapping.rate:.10g}",
        *_format_vector("actions", mapping.actions),
    ]
    lines += [f"state: {mapping.state}"] if isinstance(mapping.state, str) else _format_vector("state", mapping.state)
    if mapping.instruction.text is not None:
        lines.append(f"instruction: {json.dumps(mapping.instruction.text, ensure_ascii=False)}")
    if mapping.instruction.source is not None:
        lines.append(f"instruction: {{from: {quote_yaml(mapping.instruction.source)}}}")
    return "\n".join(lines) + "\n"


def _format_vector(key: str, vector: VectorMapping) -> list[str]:
    units = NORMALISED if vector.units is None else f"[{', '.join(vector.units)}]"
    columns = {axis: quote_yaml(column.label) for axis, column in vector.columns.items()}
    lines = [
        f"{key}:",
        f"  feature: {quote_yaml(vector.feature)}",
        f"  columns: {_format_flow(columns)}",
        f"  units: {units}",
    ]
    lines += [f"  signs: {_format_flow(vector.signs)}"] if vector.signs else []
    lines += [f"  scale: {_format_flow(vector.scale)}"] if vector.scale else []
    return lines


def _format_flow(values: Mapping[str, object]) -> str:
    return f"{{{', '.join(f'{key}: {value}' for key, value in values.items())}}}"


def quote_yaml(name: str) -> str:
    """Return a name as YAML, in quotes where it needs them."""
    return name if _PLAIN.fullmatch(name) and name.lower() not in _WORDS else json.dumps(name, ensure_ascii=False)
