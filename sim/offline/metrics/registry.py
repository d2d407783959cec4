"""Registry of the offline metrics.

To add a metric, add one row; its column in results, its line in the table and its entry in the documentation follow.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from scenarios.common.errors import InputError, unknown_name
from scenarios.common.user_code import is_code_reference, load_object
from sim.offline.metrics.metric import OfflineMetric
from sim.offline.metrics.rows.action_rows import ACTION_METRICS
from sim.offline.metrics.rows.pass_rows import PASS_METRICS
from sim.offline.metrics.rows.scene_rows import SCENE_METRICS

ALL = "all"
OFFLINE_METRICS: tuple[OfflineMetric, ...] = (*ACTION_METRICS, *PASS_METRICS, *SCENE_METRICS)


def select_metrics(names: Sequence[str]) -> tuple[OfflineMetric, ...]:
    """Select metrics by their names, or patterns of them such as "mae*", or "all"; in the registry's order.

    Metrics of the user's own, as ``file.py:NAME`` or ``module:NAME``, come last.

    Raises:
        InputError: A name or pattern fits none, or a metric of the user's own can't be loaded.
    """
    known = [metric.name for metric in OFFLINE_METRICS]
    own = [_load_own(name, known) for name in names if is_code_reference(name)]
    wanted: set[str] = set()
    for name in names:
        if is_code_reference(name):
            continue
        found = known if name == ALL else [each for each in known if fnmatchcase(each, name)]
        if not found:
            raise unknown_name("offline metric", name, [*known, ALL])
        wanted.update(found)
    return (*(metric for metric in OFFLINE_METRICS if metric.name in wanted), *own)


def _load_own(reference: str, known: Sequence[str]) -> OfflineMetric:
    found = load_object(reference, "offline metric")
    if not isinstance(found, OfflineMetric):
        raise InputError(
            f"offline metric '{reference}' is a {type(found).__name__}, not a sim.offline.metrics.metric.OfflineMetric"
        )
    if found.name in known:
        raise InputError(f"offline metric '{reference}' has the name '{found.name}', which is built in: rename it")
    return found
