"""Ranges that scenarios sample from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

import numpy as np

T = TypeVar("T")
Unit = Literal["m", "rad", "s", "m/s", "rad/s", ""]


@dataclass(frozen=True)
class Range:
    """A uniform distribution over [low, high]."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ValueError(f"range low {self.low} is above its high {self.high}")

    def draw(self, rng: np.random.Generator) -> float:
        """Sample a number."""
        return float(rng.uniform(self.low, self.high))


@dataclass(frozen=True)
class IntRange:
    """A uniform distribution over the whole numbers low, ..., high."""

    low: int
    high: int

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ValueError(f"range low {self.low} is above its high {self.high}")

    def draw(self, rng: np.random.Generator) -> int:
        """Sample a whole number."""
        return int(rng.integers(self.low, self.high + 1))


@dataclass(frozen=True)
class Choice(Generic[T]):
    """A choice of several options, all equally likely."""

    options: tuple[T, ...]

    def draw(self, rng: np.random.Generator) -> T:
        """Sample an option."""
        return self.options[int(rng.integers(len(self.options)))]


def with_unit(default: Range | Choice[float] | float, unit: Unit) -> Any:
    """Declare a spec's field whose name doesn't imply its unit: ``pace: Range = with_unit(Range(0.3, 0.5), "m/s")``.

    Args:
        unit: Unit of the field's numbers; "" for plain numbers.
    """
    return field(default=default, metadata={"unit": unit})


def draw_distinct(rng: np.random.Generator, options: Sequence[T], count: int) -> list[T]:
    """Sample ``count`` different options, in random order."""
    return [options[int(i)] for i in rng.permutation(len(options))[:count]]
