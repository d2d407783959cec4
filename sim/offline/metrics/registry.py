"""Registry of the offline metrics.

To add a metric, add one row; its column in results, its line in the table and its entry in the documentation follow.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from scenarios.common.errors import unknown_name
from sim.offline.metrics.metric import OfflineMetric
from sim.offline.metrics.rows.action_rows import ACTION_METRICS
from sim.offline.metrics.rows.pass_rows import PASS_METRICS
from sim.offline.metrics.rows.scene_rows import SCENE_METRICS

ALL = "all"
OFFLINE_METRICS: tuple[OfflineMetric, ...] = (*ACTION_METRICS, *PASS_METRICS, *SCENE_METRICS)


def select_metrics(names: Sequence[str]) -> tuple[OfflineMetric, ...]:
    """Select metrics by their names, or patterns of them such as "mae*", or "all"; in the registry's order.

    Raises:
        InputError: A name or pattern fits none.
    """
    known = [metric.name for metric in OFFLINE_METRICS]
    wanted: set[str] = set()
    for name in names:
        found = known if name == ALL else [each for each in known if fnmatchcase(each, name)]
        if not found:
            raise unknown_name("offline metric", name, [*known, ALL])
        wanted.update(found)
    return tuple(metric for metric in OFFLINE_METRICS if metric.name in wanted)
