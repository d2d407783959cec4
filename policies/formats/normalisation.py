"""Normalisers of states and actions, and their statistics files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from scenarios.common.errors import InputError, unknown_name

NormalisationKind = Literal["mean-std", "quantiles", "min-max"]
STATISTIC_NAMES: dict[NormalisationKind, tuple[str, str]] = {
    "mean-std": ("mean", "std"),
    "quantiles": ("q01", "q99"),
    "min-max": ("min", "max"),
}
LARGEST_FILE_BYTES = 16 * 2**20


@dataclass(frozen=True)
class Normalisation:
    """A normaliser that a network was trained with, one pair of numbers per column.

    "mean-std" makes (x - mean) / std of a value x; "quantiles" and "min-max" map [low, high] to [-1, 1]. A column whose
    std or range is zero is constant: it is normalised to 0.

    Attributes:
        kind: One of ``STATISTIC_NAMES``.
        first: Means, or low ends.
        second: Standard deviations, or high ends.

    Raises:
        InputError: Unknown kind, numbers that aren't finite, or columns without a partner.
    """

    kind: NormalisationKind
    first: tuple[float, ...]
    second: tuple[float, ...]

    def __post_init__(self) -> None:
        if self.kind not in get_args(NormalisationKind):
            raise unknown_name("normalisation", self.kind, get_args(NormalisationKind))
        if len(self.first) != len(self.second) or not self.first:
            raise InputError(f"a normalisation needs as many {self._names[0]} as {self._names[1]}, at least one")
        if not np.isfinite([*self.first, *self.second]).all():
            raise InputError(f"a normalisation's {self._names[0]} and {self._names[1]} must be finite numbers")
        if np.any(self._width < 0.0):
            raise InputError(f"a normalisation's {self._names[1]} must not be {self._least} in any column")

    @property
    def columns(self) -> int:
        """Number of columns."""
        return len(self.first)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values with the keys of a spec's file."""
        first, second = self._names
        return {"kind": self.kind, first: list(self.first), second: list(self.second)}

    def normalise(self, values: np.ndarray) -> np.ndarray:
        """Normalise (..., columns), to float32."""
        width = np.where(self._width == 0.0, np.inf, self._width)
        return ((values - self._centre) / width).astype(np.float32)

    def unnormalise(self, values: np.ndarray) -> np.ndarray:
        """Return what ``normalise`` made of (..., columns), float32."""
        return (values * self._width + self._centre).astype(np.float32)

    @property
    def _names(self) -> tuple[str, str]:
        return STATISTIC_NAMES[self.kind]

    @property
    def _least(self) -> str:
        return "negative" if self.kind == "mean-std" else f"below {self._names[0]}"

    @property
    def _centre(self) -> np.ndarray:
        first, second = np.asarray(self.first, np.float64), np.asarray(self.second, np.float64)
        return first if self.kind == "mean-std" else (first + second) / 2.0

    @property
    def _width(self) -> np.ndarray:
        """What a normalised 1.0 is worth."""
        first, second = np.asarray(self.first, np.float64), np.asarray(self.second, np.float64)
        return second if self.kind == "mean-std" else (second - first) / 2.0


def read_normalisation(path: Path, column_set: str, kind: NormalisationKind) -> Normalisation:
    """Read a normaliser from a JSON file of statistics: openpi's ``norm_stats.json`` or LeRobot's ``stats.json``.

    Args:
        path: The file.
        column_set: The set of columns in it, e.g. "action", "actions" or "observation.state".
        kind: Kind of normalisation that the network was trained with; the file doesn't say.

    Raises:
        InputError: The file, the columns or one of the two statistics is missing, or isn't a list of numbers.
    """
    table = _read_json(path)
    table = table.get("norm_stats", table)
    if not isinstance(table, Mapping) or column_set not in table:
        known = sorted(table) if isinstance(table, Mapping) else []
        raise InputError(f"{path}: {unknown_name('column set', column_set, known)}")
    found = table[column_set]
    pair = []
    for name in STATISTIC_NAMES[kind]:
        if not isinstance(found, Mapping) or name not in found:
            raise InputError(
                f"{path} has no '{name}' of '{column_set}', which the normalisation '{kind}' needs: give the file "
                "that was written in training"
            )
        pair.append(_numbers(found[name], f"{path}: '{name}' of '{column_set}'"))
    return Normalisation(kind, *pair)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise InputError(f"{path} is larger than {LARGEST_FILE_BYTES >> 20} MiB: it isn't a file of statistics")
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: can't be read as a file of statistics: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} isn't JSON: a file of statistics is written in training") from error
    if not isinstance(content, dict):
        raise InputError(f"{path}: a file of statistics must be a JSON object, with an entry for each set of columns")
    return content


def _numbers(value: Any, where: str) -> tuple[float, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        raise InputError(f"{where} must be a list of numbers")
    if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in value):
        raise InputError(f"{where} must be a list of numbers")
    return tuple(float(one) for one in value)
