"""An offline metric: a row of the registry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sim.offline.metrics.episode import PredictedEpisode
from sim.offline.metrics.evidence import Evidence, Need

OURS = "ours"


@dataclass(frozen=True, kw_only=True)
class OfflineMetric:
    """An offline metric: one number for each episode of a data set, which says something of a policy."""

    name: str
    """On the command line, in results and in tables."""
    label: str
    """In full, without a full stop."""
    unit: str = ""
    """"" for a number without one: actions have none, as 1 is full speed."""
    better: Literal["smaller", "larger"] = "smaller"
    """What promises more success."""
    needs: tuple[Need, ...] = ("labels",)
    """The evidence that it is computed from."""
    axes: tuple[str, ...] = ()
    """Axes that the data set must have."""
    source: str = OURS
    """Title or arXiv number of its definition."""
    bounds: tuple[float, float] = (0.0, float("inf"))
    """Between which its interval lies."""
    undefined: str = "it isn't defined in any episode"
    """Why there is no value, where no episode has one."""
    measure: Callable[[Evidence], np.ndarray]
    """Computes it, (e,) a value per episode; NaN where it isn't defined."""
    kept: Callable[[Evidence], float] | None = None
    """Computes the share of frames that count, 0 to 1; None if all do."""


def of_each(measure: Callable[[PredictedEpisode], float]) -> Callable[[Evidence], np.ndarray]:
    """Return the function of the evidence that applies one to each episode."""
    return lambda evidence: np.array([measure(episode) for episode in evidence.episodes])
