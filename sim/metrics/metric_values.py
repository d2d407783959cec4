"""The metrics of an episode in little memory: a run of a million episodes keeps them all."""

from __future__ import annotations

import math
from array import array
from collections.abc import ItemsView, Iterable, Iterator, Mapping
from functools import cache


class MetricValues(Mapping[str, float | None]):
    """The value of each metric by name, None where it is undefined, as a mapping that can't be changed.

    Args:
        names: The names; all mappings with equal ones share them.
        values: The values, which are finite.
    """

    __slots__ = ("_positions", "_values")

    def __init__(self, names: tuple[str, ...], values: Iterable[float | None]) -> None:
        self._positions = _number(names)
        self._values = array("d", [math.nan if value is None else value for value in values])
        if len(self._values) != len(self._positions):
            raise ValueError(f"{len(self._values)} values for the {len(self._positions)} metrics {', '.join(names)}")

    def __getitem__(self, name: str) -> float | None:
        value = self._values[self._positions[name]]
        return None if math.isnan(value) else value

    def __iter__(self) -> Iterator[str]:
        return iter(self._positions)

    def __len__(self) -> int:
        return len(self._positions)

    def items(self) -> ItemsView[str, float | None]:
        """Return the names and values; all at once is several times as fast as one by one."""
        values = [None if value != value else value for value in self._values]
        return dict(zip(self._positions, values, strict=True)).items()

    def __repr__(self) -> str:
        return repr(dict(self.items()))


@cache
def _number(names: tuple[str, ...]) -> Mapping[str, int]:
    """Return the position of each name."""
    return {name: position for position, name in enumerate(names)}
