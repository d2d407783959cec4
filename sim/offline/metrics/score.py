"""The score of a policy by one offline metric."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sim.offline.metrics.evidence import Cost

FEWEST_EPISODES = 3  # for an interval


@dataclass(frozen=True)
class MetricScore:
    """A policy's score by one offline metric on one data set."""

    metric: str
    """Name of the metric, one of ``sim.offline.metrics.registry.OFFLINE_METRICS``."""
    label: str
    """What it is, in full."""
    unit: str
    """"" for a number without one."""
    better: Literal["smaller", "larger"]
    """What promises more success."""
    needs: tuple[str, ...]
    """The evidence that it is computed from."""
    source: str
    """Of its definition."""
    cost: Cost
    """Of that evidence, which metrics share, and of computing it."""
    value: float | None = None
    """Mean over the episodes that have a value; None if it isn't available."""
    low: float | None = None
    """Lower end of its 95 % bootstrap-t interval over episodes; None with fewer than three."""
    high: float | None = None
    """Upper end of its interval; None where ``low`` is."""
    episodes: tuple[float | None, ...] = ()
    """Its value in each episode of the data set, in order; None where it isn't defined."""
    kept: float | None = None
    """Share of frames that count; None if all do."""
    unavailable: str | None = None
    """Why it isn't available; None if it is."""


@dataclass(frozen=True)
class ContestEntry:
    """A policy's scores by several offline metrics on one data set."""

    policy: str
    """Its name, as it was requested."""
    scenario: str | None
    """The scenario whose held-out demonstrations were used; None for a data set given by its folder."""
    dataset: str
    """The data set's folder."""
    scores: tuple[MetricScore, ...]
    """In the registry's order."""
