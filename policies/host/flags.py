"""The command-line flags that say how policies that aren't this package's are run."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from policies.host.client import TIMEOUT_S
from policies.host.hosting import Hosting, parse_python
from scenarios.common import cli


def add_hosting_flags(add: Callable[..., Any]) -> None:
    """Add the flags of processes for policies.

    Args:
        add: ``add_argument`` of a parser or a group.
    """
    add(
        "--policy-python",
        type=parse_python,
        metavar="PYTHON",
        help="Python that runs a policy of your own or LeRobot's, such as /path/to/venv/bin/python (default: this one)",
    )
    add(
        "--policy-timeout",
        type=cli.bounded_float(0.1),
        default=TIMEOUT_S,
        metavar="S",
        help="seconds after which a policy that doesn't return has failed",
    )


def read_hosting_flags(options: argparse.Namespace, broker: str = "", threads: int = 1) -> Hosting:
    """Return how the flags of ``add_hosting_flags`` ask for policies to be run.

    Args:
        options: As parsed.
        broker: Path of the socket of a ``HostBroker``; "" to start a host for each policy.
        threads: Threads of a network.
    """
    limits = {name: str(threads) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    return Hosting(broker, options.policy_timeout, tuple(limits.items()))
