"""The hosts of a run's policies that aren't this package's."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from policies.host.hosting import Hosting, make_request
from policies.host.sharing.broker import HostBroker
from policies.host.sharing.node_broker import name_node_broker
from policies.names.kinds import find_kind
from sim.evaluate.job_kinds import EvaluationSettings
from sim.workers.threads import SINGLE_THREAD_ENV


@contextlib.contextmanager
def open_hosts(
    settings: EvaluationSettings, timeout_s: float, *, among: Literal["workers", "nodes", "none"] = "workers"
) -> Iterator[EvaluationSettings]:
    """Provide settings with which policies that aren't this package's live in hosts; these end with the context.

    Args:
        settings: Settings of a run.
        timeout_s: Time for a call of a policy.
        among: Who shares hosts: the workers of this machine, those of each node of a cluster, or none.
    """
    hosting = settings.hosting or Hosting()
    hosting = replace(hosting, timeout_s=timeout_s, environment=tuple(SINGLE_THREAD_ENV.items()))
    if among != "workers":
        yield replace(settings, hosting=replace(hosting, broker=name_node_broker() if among == "nodes" else ""))
        return
    with HostBroker(reload_s=timeout_s) as broker:
        if settings.policies and find_kind(settings.policies[0].target).is_hosted:
            broker.prepare(make_request(settings.policies[0], settings.runtime, hosting))  # while the workers start
        yield replace(settings, hosting=replace(hosting, broker=broker.path))
