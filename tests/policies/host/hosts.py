"""Requests, observations and calls for tests of hosts."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np

from policies.host.client import HostedPolicy, HostOwner, OwnHost
from policies.host.process import HostRequest
from policies.policy import ObservationBatch

POLICIES = Path(__file__).parent / "hosted_policies.py"

MARK = f"HOSTS_OF_TESTS={os.getpid()}_"
os.environ.update([MARK.split("=")])  # processes inherit it, so that those of another run aren't counted


def request(name: str, **changes: str) -> HostRequest:
    """A request for a policy of ``hosted_policies``."""
    return HostRequest(f"{POLICIES}:{name}", name, **changes)


def open_policy(name: str, timeout_s: float = 60.0) -> HostedPolicy:
    """A policy of ``hosted_policies`` in a host of its own."""
    return HostedPolicy(OwnHost(request(name)), timeout_s)


def share_policy(owner: HostOwner, timeout_s: float = 60.0) -> HostedPolicy:
    return HostedPolicy(owner, timeout_s)


def observe(slots: int = 2, value: int = 51) -> ObservationBatch:
    """An observation for policies that take 8 x 8 pixels."""
    pixels = np.full((slots, 8, 8, 3), value, np.uint8)
    return ObservationBatch(pixels, np.full((slots, 6), 0.5, np.float32), np.ones(slots, bool))


def start(policy: HostedPolicy, slots: int = 2) -> None:
    policy.reset(range(slots), ["go"] * slots)


def host_processes() -> set[int]:
    """The processes of this machine that are hosts, or come from one, and were started by this run of tests."""
    found = set()
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            command = Path(f"/proc/{name}/cmdline").read_bytes()
            environment = Path(f"/proc/{name}/environ").read_bytes()
            state = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if b"policies/host/standalone/start.py" in command and MARK.encode() in environment and state != "Z":
            found.add(int(name))
    return found


def wait_until(condition: object, seconds: float = 60.0) -> bool:
    """Wait until a condition holds; return whether it does."""
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
