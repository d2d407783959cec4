"""Registry of the metrics of an episode.

To add a metric, add one row to ``METRICS``: its column, its headings and its explanation in the report follow.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from scenarios.common.errors import InputError
from scenarios.common.user_code import describe_failure, load_object
from scenarios.world import World
from sim.metrics.measurements import (
    EpisodeMeasurements,
    measure_call_time,
    measure_clearance,
    measure_ndtw,
    measure_on_policy_mae,
    measure_optimal_path,
    measure_path,
    measure_path_ratio,
    measure_policy_time,
    measure_progress,
    measure_risk,
    measure_smoothness,
    measure_soft_spl,
    measure_spl,
    measure_time,
    measure_time_ratio,
)
from sim.rollout.episode import Outcome
from sim.rollout.trace import EpisodeTrace

# Columns of a row that aren't metrics, and keys of a cell; no metric can have their names.
OTHER_COLUMNS = (
    *("policy", "scenario", "perturbation", "episode", "seed", "status", "success", "failure", "touched", "goal"),
    *("reached", "steps", "digest", "video", "error", "privileged", "latency_s", "runtime", "episodes", "failures"),
    *("paired", "phrase", "phrases", "instruction", "made_by"),
)
_REGISTERED: dict[str, Metric] = {}  # user-defined metrics, by their references

LAST = 100  # the place of a metric without one: after all others


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A metric: one number that rates an episode."""

    name: str
    """Its column in ``episodes.jsonl`` and ``episodes.parquet``, and its key in the cells of ``summary.json``; ends in
    the unit where there is one."""
    heading: str
    """Short, for tables."""
    title: str
    """In full."""
    unit: str
    """"" for a number without one."""
    direction: Literal["higher", "lower", "none"]
    """Direction of better values; "none" if there is none."""
    explanation: str
    """Its meaning, in one sentence without a full stop."""
    source: str = ""
    """Source of its definition; "" if there is none."""
    compute: Callable[[EpisodeMeasurements], float]
    """Computes it from an episode; NaN where it is undefined."""
    template: str
    """Format of its mean over a cell."""
    episode_template: str = ""
    """Format of a single episode's, for the report's list of episodes; "" for ``template``."""
    fault_value: float | None = None
    """Its value in an episode cut short by a policy error; None leaves the episode out of means."""
    table_place: int | None = LAST
    """Place in the printed tables, where the last are dropped first on a narrow console; None: not shown there."""
    report_place: int | None = LAST
    """Place in the report's table of cells; None: not shown there."""
    episode_place: int | None = None
    """Place in the report's list of episodes; None: not shown there."""

    @property
    def description(self) -> str:
        """Title, unit, meaning, direction and source in one line."""
        named = f"{self.title} ({self.unit})" if self.unit else self.title
        good = f"; {self.direction} is better" if self.direction != "none" else ""
        source = f" ({self.source})" if self.source else ""
        return f"{named}: {self.explanation}{good}{source}"


METRICS: tuple[Metric, ...] = (
    Metric(
        name="time_s",
        heading="time",
        title="Duration",
        unit="s",
        direction="none",
        explanation="from the start to the end of the episode, counted in control periods",
        compute=measure_time,
        template="{:.1f} s",
        episode_template="{:.1f}",
        table_place=3,
        report_place=2,
        episode_place=1,
    ),
    Metric(
        name="path_m",
        heading="path",
        title="Path length",
        unit="m",
        direction="none",
        explanation="the length of the path that the robot drove",
        compute=measure_path,
        template="{:.1f} m",
        episode_template="{:.2f}",
        table_place=None,
        report_place=3,
        episode_place=2,
    ),
    Metric(
        name="optimal_m",
        heading="optimal path",
        title="Optimal path length",
        unit="m",
        direction="none",
        explanation="the length of the shortest drive that can succeed, in any direction",
        compute=measure_optimal_path,
        template="{:.1f} m",
        table_place=None,
        report_place=None,
    ),
    Metric(
        name="path_ratio",
        heading="path ratio",
        title="Path ratio",
        unit="",
        direction="lower",
        explanation="the length of the driven path over that of the shortest path, successes only; 1 is optimal",
        compute=measure_path_ratio,
        template="{:.2f}",
        table_place=6,
        report_place=5,
    ),
    Metric(
        name="time_ratio",
        heading="time ratio",
        title="Time ratio",
        unit="",
        direction="lower",
        explanation="the time taken over the shortest possible time, successes only; 1 is optimal",
        source="its inverse weights success in Yokoyama et al. 2021, arXiv:2103.08022",
        compute=measure_time_ratio,
        template="{:.2f}",
        table_place=7,
        report_place=4,
    ),
    Metric(
        name="spl",
        heading="SPL",
        title="Success weighted by path length",
        unit="",
        direction="higher",
        explanation="the shortest path over the driven one for a success, 0 for a failure",
        source="Anderson et al. 2018, arXiv:1807.06757",
        compute=measure_spl,
        template="{:.2f}",
        fault_value=0.0,
        table_place=2,
        report_place=1,
        episode_place=3,
    ),
    Metric(
        name="soft_spl",
        heading="SoftSPL",
        title="Soft success weighted by path length",
        unit="",
        direction="higher",
        explanation="SPL with the share of the way covered at the end in place of success",
        source="Datta et al. 2020, arXiv:2009.03231",
        compute=measure_soft_spl,
        template="{:.2f}",
        fault_value=0.0,
        table_place=None,
        report_place=None,
    ),
    Metric(
        name="ndtw",
        heading="nDTW",
        title="Normalised dynamic time warping",
        unit="",
        direction="higher",
        explanation="the similarity of the driven path to the expert's path, up to 1; undefined if the goal moves",
        source="Ilharco et al. 2019, arXiv:1907.05446",
        compute=measure_ndtw,
        template="{:.2f}",
        table_place=None,
        report_place=None,
    ),
    Metric(
        name="clearance_m",
        heading="clearance",
        title="Minimum clearance",
        unit="m",
        direction="higher",
        explanation="the smallest distance during the episode between the robot and anything that it can collide with",
        compute=measure_clearance,
        template="{:.2f} m",
        episode_template="{:.2f}",
        table_place=None,
        report_place=None,
        episode_place=5,
    ),
    Metric(
        name="risk_s",
        heading="at risk",
        title="Time at risk",
        unit="s",
        direction="lower",
        explanation="the time with a collision less than 0.5 s ahead, or a clearance below 0.05 m",
        source="Minderhoud and Bovy 2001, Accident Analysis and Prevention 33(1):89-97; the second part is ours",
        compute=measure_risk,
        template="{:.1f} s",
        table_place=5,
        report_place=6,
    ),
    Metric(
        name="smoothness",
        heading="smoothness",
        title="Spectral arc length of the speed (SPARC)",
        unit="",
        direction="higher",
        explanation="0 is the smoothest, more negative is jerkier",
        source="Balasubramanian et al. 2015, J. NeuroEng. Rehabil. 12:112",
        compute=measure_smoothness,
        template="{:.2f}",
        table_place=None,
        report_place=None,
    ),
    Metric(
        name="progress",
        heading="progress",
        title="Progress",
        unit="",
        direction="higher",
        explanation="the largest share of the way to the goal covered at any time",
        compute=measure_progress,
        template="{:.0%}",
        episode_template="{:.2f}",
        table_place=None,
        report_place=7,
        episode_place=4,
    ),
    Metric(
        name="on_policy_mae",
        heading="on-policy MAE",
        title="On-policy mean absolute error",
        unit="",
        direction="lower",
        explanation="the mean absolute difference to the expert's action in the states that the policy visited",
        source="after Ross et al. 2011, arXiv:1011.0686",
        compute=measure_on_policy_mae,
        template="{:.3f}",
        table_place=1,
        report_place=8,
        episode_place=6,
    ),
    Metric(
        name="policy_ms",
        heading="ms/frame",
        title="Inference time per observation",
        unit="ms",
        direction="lower",
        explanation="the median duration of the policy's calls, divided by the running episodes in the call's batch",
        compute=measure_policy_time,
        template="{:.2f} ms",
        table_place=4,
        report_place=9,
    ),
    Metric(
        name="policy_call_ms",
        heading="ms/call",
        title="Inference time per call",
        unit="ms",
        direction="lower",
        explanation="the median duration of the policy's calls, each with the observations of up to ten episodes",
        compute=measure_call_time,
        template="{:.2f} ms",
        table_place=8,
        report_place=10,
    ),
)


def register_metric(reference: str | Metric) -> Metric:
    """Register a user-defined metric in this process, and return it; registering it again does nothing.

    Args:
        reference: ``file.py:NAME`` or ``module:NAME`` of a ``Metric``; or one, whose name is then its reference.

    Raises:
        InputError: It can't be imported, isn't a ``Metric``, or a metric or column of its name already exists.
    """
    global METRICS
    found = reference if isinstance(reference, Metric) else _REGISTERED.get(reference)
    reference = reference.name if isinstance(reference, Metric) else reference
    if reference in _REGISTERED:
        return _REGISTERED[reference]
    found = found or load_object(reference, "metric")
    if not isinstance(found, Metric):
        raise InputError(f"metric '{reference}' is a {type(found).__name__}, not a sim.metrics.registry.Metric")
    if not found.name.isidentifier() or found.name in (*metric_names(), *OTHER_COLUMNS):
        raise InputError(
            f"metric '{reference}': its name '{found.name}' is not a Python identifier, or is already a column"
        )
    metric = replace(found, compute=partial(_compute_own, found))
    METRICS = (*METRICS, metric)
    _REGISTERED[reference] = metric
    return metric


@contextmanager
def registered_metrics(references: Sequence[str | Metric] = ()) -> Iterator[None]:
    """Register user-defined metrics for this context only.

    Raises:
        InputError: As ``register_metric``.
    """
    global METRICS
    metrics, registered = METRICS, dict(_REGISTERED)
    try:
        for reference in references:
            register_metric(reference)
        yield
    finally:
        METRICS = metrics
        _REGISTERED.clear()
        _REGISTERED.update(registered)


def _compute_own(metric: Metric, episode: EpisodeMeasurements) -> float:
    """Compute a user-defined metric; errors name the metric and the line that failed."""
    try:
        return float(metric.compute(episode))
    except Exception as error:
        raise InputError(f"metric '{metric.name}' failed: {describe_failure(error)}") from error


def metric_names() -> tuple[str, ...]:
    """Return the column names of all metrics, in order."""
    return tuple(metric.name for metric in METRICS)


def table_metrics() -> tuple[Metric, ...]:
    """Return the metrics of the printed tables, the most important first."""
    return _in_order(lambda metric: metric.table_place)


def report_metrics() -> tuple[Metric, ...]:
    """Return the metrics of the report's table of cells, from left to right."""
    return _in_order(lambda metric: metric.report_place)


def episode_metrics() -> tuple[Metric, ...]:
    """Return the metrics of the report's list of episodes, from left to right."""
    return _in_order(lambda metric: metric.episode_place)


def _in_order(place: Callable[[Metric], int | None]) -> tuple[Metric, ...]:
    placed = [(number, metric) for metric in METRICS if (number := place(metric)) is not None]
    return tuple(metric for _, metric in sorted(placed, key=lambda pair: pair[0]))


def compute_metrics(trace: EpisodeTrace, world: World, outcome: Outcome) -> dict[str, float | None]:
    """Compute every metric of one episode, by name; None where one is undefined."""
    episode = EpisodeMeasurements(trace, world, outcome)
    values = {metric.name: metric.compute(episode) for metric in METRICS}
    return {name: value if math.isfinite(value) else None for name, value in values.items()}


def fault_metrics() -> dict[str, float | None]:
    """Return the metrics of an episode cut short by a policy error, by name."""
    return {metric.name: metric.fault_value for metric in METRICS}
