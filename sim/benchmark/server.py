"""Benchmark of a served policy: episodes in lockstep by a server on this machine, beside the same in process."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

from envs.simulation.lockstep import Lockstep
from policies.policy import Policy
from policies.registry import make_policy
from policies.remote.policy import RemotePolicy
from scenarios.common.errors import InputError
from sim.benchmark.measurements import Measurement, median_ratio
from sim.benchmark.scenes import SCENARIO, SEED
from sim.evaluate.block import drive_block
from sim.results.plan import BLOCK_EPISODES, Block, Cell

EPISODES = 8


def measure_server(name: str, repeats: int) -> Iterator[Measurement]:
    """Measure the wall time of an observation, the simulation included, of a policy in process and by a server."""
    with start_server(name) as url:
        policies: dict[str, Policy] = {"in process": make_policy(name), "by a server": RemotePolicy(url)}
        found = _time_in_turns(policies, repeats)
    here, served = found.values()
    for (where, times), ratio in zip(found.items(), (None, median_ratio(served, here)), strict=True):
        label = f"{name}, {EPISODES} episodes in lockstep, {where}"
        yield Measurement("server", label, 1e3 * median(times), "ms/observation", ratio)


@contextmanager
def start_server(name: str) -> Iterator[str]:
    """Serve a policy by a process of its own; its address.

    Raises:
        InputError: The server doesn't start.
    """
    command = [sys.executable, "-m", "policies.serve", "--policy", name, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            words = process.stdout.readline().split()
            if not words:
                raise InputError(f"the server of policy '{name}' didn't start")
            yield words[-1]
        finally:
            process.terminate()


def _time_in_turns(policies: dict[str, Policy], repeats: int) -> dict[str, list[float]]:
    """Return the seconds per observation of each turn, by the policies' names; the first turn warms up."""
    lockstep = Lockstep(BLOCK_EPISODES)
    found: dict[str, list[float]] = {where: [] for where in policies}
    try:
        for turn in range(repeats + 1):
            for where, policy in policies.items():
                block = Block(Cell(policy.spec.name, SCENARIO), SEED, EPISODES * turn, EPISODES)
                began = time.perf_counter()
                driven = drive_block(lockstep, policy, block, lambda row: None)
                found[where].append((time.perf_counter() - began) / sum(episode.row.steps for episode in driven))
    finally:
        lockstep.close()
    return {where: times[1:] for where, times in found.items()}
