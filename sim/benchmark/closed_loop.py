"""Benchmarks of the closed loop: where the time of a step goes, and whether memory grows."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from envs.simulation.lockstep import Lockstep
from policies.policy import Policy
from policies.registry import make_policy
from scenarios.lookup import get_scenario
from scenarios.world import World
from sim.benchmark.measurements import Measurement
from sim.benchmark.scenes import SCENARIO, SEED
from sim.metrics.score import score_episode
from sim.record.drivers.dagger import ActionDisturbance, DaggerPolicy
from sim.rollout.digest import DigestObserver
from sim.rollout.episode import Episode
from sim.rollout.loop import rollout_episodes
from sim.rollout.trace import TraceObserver

SLOTS = 16


class Stopwatch:
    """Adds up the time that is spent in some functions."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def watch(self, part: str, owner: Any, *names: str) -> None:
        """Time these methods of an object from now on."""
        for name in names:
            setattr(owner, name, self._timed(part, getattr(owner, name)))

    def _timed(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return function(*arguments, **named)
            finally:
                self.seconds[part] += time.perf_counter() - began

        return timed


def profile_control_step(name: str) -> Iterator[Measurement]:
    """Measure which parts a closed-loop step spends its time on, over one block of episodes."""
    clock, driver, block = Stopwatch(), make_policy(name), Lockstep(SLOTS)
    try:
        traces, digests = TraceObserver(block.simulations), DigestObserver()
        _run(block, driver, range(SLOTS), traces, digests)  # warms everything up
        for simulation in block.simulations:
            clock.watch("building scenes", simulation, "reset")
            clock.watch("physics, contacts and task", simulation, "step")
        clock.watch("camera", block.renderer, "render_rgb", "refresh")
        clock.watch("policy", driver, "act", "reset")
        clock.watch("digest", digests, "started", "stepped", "ended")
        clock.watch("trace and expert labels", traces, "started", "stepped", "ended")
        began = time.perf_counter()
        steps = _run(block, driver, range(SLOTS, 2 * SLOTS), traces, digests)
        total = time.perf_counter() - began
    finally:
        block.close()
    clock.seconds["metrics, worlds and bookkeeping"] = total - sum(clock.seconds.values())
    for part, seconds in sorted(clock.seconds.items(), key=lambda entry: -entry[1]):
        yield Measurement("loop", f"{name}: {part}", 1e3 * seconds / steps, "ms/step", seconds / total)
    yield Measurement("loop", f"{name}: all", 1e3 * total / steps, "ms/step", 1.0)


def _run(block: Lockstep, driver: Policy, numbers: range, traces: TraceObserver, digests: DigestObserver) -> int:
    """Drive these episodes as an evaluation does, and score them; return the number of steps."""
    episodes = [Episode(SCENARIO, SEED, number) for number in numbers]
    worlds = [get_scenario(SCENARIO).world(SEED, number) for number in numbers]
    outcomes = rollout_episodes(block, driver, episodes, worlds, (traces, digests))
    for slot, (world, outcome) in enumerate(zip(worlds, outcomes, strict=True)):
        score_episode(traces.traces[slot], world, outcome)
    return sum(outcome.steps for outcome in outcomes)


def measure_memory(episodes: int) -> Iterator[Measurement]:
    """Measure this process's resident memory after a tenth of the episodes and after all, driven by the expert."""
    block = Lockstep(SLOTS)
    traces, digests, driver = (
        TraceObserver(block.simulations),
        DigestObserver(),
        DaggerPolicy(None, ActionDisturbance()),
    )
    early_mb = 0.0
    try:
        for first in range(0, episodes, SLOTS):
            numbers = range(first, first + SLOTS)
            worlds: list[World] = [get_scenario(SCENARIO).world(SEED, number) for number in numbers]
            driver.prepare([Episode(SCENARIO, SEED, number) for number in numbers], worlds, SLOTS)
            _run(block, driver, numbers, traces, digests)
            if not early_mb and first + SLOTS >= episodes / 10:
                early_mb = resident_mb()
                yield Measurement("memory", f"after {first + SLOTS} episodes", early_mb, "MiB")
        late_mb = resident_mb()
        yield Measurement("memory", f"after {first + SLOTS} episodes", late_mb, "MiB", late_mb / early_mb)
    finally:
        block.close()


def resident_mb() -> float:
    """Return the resident memory of this process in MiB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
