"""The hosts of a run's policies that aren't this package's."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace

from policies.host.broker import HostBroker
from policies.host.hosting import Hosting, make_request
from policies.names.kinds import find_kind
from sim.evaluate.job_kinds import EvaluationSettings
from sim.workers.threads import SINGLE_THREAD_ENV


@contextlib.contextmanager
def open_hosts(
    settings: EvaluationSettings, timeout_s: float, *, is_shared: bool = True
) -> Iterator[EvaluationSettings]:
    """Provide settings with which policies that aren't this package's live in hosts; these end with the context.

    Args:
        settings: Settings of a run.
        timeout_s: Time for a call of a policy.
        is_shared: True if the workers run on this machine, and so can share hosts; False: each starts its own.
    """
    hosting = settings.hosting or Hosting()
    hosting = replace(hosting, timeout_s=timeout_s, environment=tuple(SINGLE_THREAD_ENV.items()))
    if not is_shared:
        yield replace(settings, hosting=hosting)
        return
    with HostBroker(reload_s=timeout_s) as broker:
        if settings.policies and find_kind(settings.policies[0].target).is_hosted:
            broker.prepare(make_request(settings.policies[0], settings.runtime, hosting))  # while the workers start
        yield replace(settings, hosting=replace(hosting, broker=broker.path))
