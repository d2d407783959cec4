"""Checks of what a policy does besides answering: to its inputs, to the process, with time and memory."""

from __future__ import annotations

import contextlib
import gc
import math
import sys
import tracemalloc
from collections.abc import Sequence

from policies.check.contract.bench import Bench
from policies.check.findings import FAULT, NOTE, OK, CheckFinding

MEMORY_ROUNDS, LAST_ROUNDS = 5, 3  # drives of the same episodes, and those that count
MOST_MEMORY_ROUNDS = 12  # for one that grows: caches, such as NumPy's of small arrays, fill up; a leak doesn't end
SPEED_TRIES = 3  # further drives of a policy that seems slow
GROWTH_BYTES = 512  # per call: less is a counter or a log line


def check_inputs(bench: Bench) -> CheckFinding:
    """Check that no call changed its inputs."""
    if changed := bench.first.changed_inputs:
        evidence = f"{len(bench.first.answers)} calls changed {', '.join(changed)}"
        return CheckFinding("inputs", FAULT, evidence, "copy an array before you write into it", is_hard=True)
    return CheckFinding("inputs", OK, f"{len(bench.first.answers)} calls left their inputs as they were")


def check_kept_answers(bench: Bench) -> CheckFinding:
    """Check that an answer stays what it was when the next one is computed."""
    if count := bench.first.changed_answers:
        evidence = f"{count} of {len(bench.first.answers)} answers were overwritten by later calls"
        return CheckFinding("kept answers", NOTE, evidence, "return a new array, or a copy of the buffer")
    return CheckFinding("kept answers", OK, f"{len(bench.first.answers)} answers stayed as they were")


def judge_random_state(changed: Sequence[str]) -> CheckFinding:
    """Judge which global random generators the first drive touched."""
    if changed:
        evidence = f"reset or act drew from or seeded the global generator of {', '.join(changed)}"
        remedy = "use a generator of your own, such as numpy.random.default_rng(seed)"
        return CheckFinding("random state", FAULT, evidence, remedy)
    return CheckFinding("random state", OK, "all global generators are as they were")


def judge_settings(changed: Sequence[str]) -> CheckFinding:
    """Judge which settings of the process the first drive changed."""
    if changed:
        evidence = f"reset or act changed: {', '.join(changed)}"
        return CheckFinding(
            "global state", FAULT, evidence, "change it in a with block, or put it back before returning"
        )
    return CheckFinding("global state", OK, "the settings of the process are as they were")


def check_speed(bench: Bench) -> CheckFinding:
    """Compare the fastest answer to one robot with the time that its actions last.

    A busy machine makes single answers slow, but hardly all of many.
    """
    fastest_s = min(bench.alone.seconds[1:])
    lasts_s = bench.spec.period_s * bench.spec.executed_actions
    for _ in range(SPEED_TRIES):
        if fastest_s > lasts_s:
            fastest_s = min(fastest_s, *bench.drive(bench.plan([0])).seconds)
    evidence = f"the fastest answer to one robot took {fastest_s * 1e3:.3g} ms, and lasts {lasts_s * 1e3:.3g} ms"
    if fastest_s > lasts_s:
        remedy = "a robot would wait for it: evaluate with --latency measured, or use a GPU or longer chunks"
        return CheckFinding("speed", FAULT, evidence, remedy)
    return CheckFinding("speed", OK, evidence)


def check_memory(bench: Bench) -> CheckFinding:
    """Drive the same episodes again and again: what it holds at their end must not grow."""
    plan = bench.usual_plan
    held: list[int] = []
    gc.freeze()  # what is there already needn't be looked at
    tracemalloc.start()
    try:
        growth = math.inf
        while len(held) < MEMORY_ROUNDS or (growth > GROWTH_BYTES and len(held) < MOST_MEMORY_ROUNDS):
            bench.drive(plan, keep_policy=True)
            held.append(_count_held_bytes())
            if len(held) > LAST_ROUNDS:
                growth = (held[-1] - held[-1 - LAST_ROUNDS]) / (LAST_ROUNDS * plan.steps)
    finally:
        tracemalloc.stop()
        gc.unfreeze()
    calls = LAST_ROUNDS * plan.steps
    if growth > GROWTH_BYTES:
        evidence = f"each call left {growth / 1024:.3g} KiB behind, over {calls} calls after reset"
        remedy = "drop in reset what an episode has collected, and bound what is kept across episodes"
        return CheckFinding("memory", FAULT, evidence, remedy)
    return CheckFinding("memory", OK, f"nothing grew over {calls} calls")


def _count_held_bytes() -> int:
    """Count the bytes that Python and NumPy have allocated since the start, and those of new torch tensors."""
    gc.collect()
    found = tracemalloc.get_traced_memory()[0]
    if (torch := sys.modules.get("torch")) is not None:
        for each in gc.get_objects():
            if issubclass(type(each), torch.Tensor):
                with contextlib.suppress(RuntimeError, NotImplementedError):  # a tensor without storage
                    found += each.untyped_storage().nbytes()
    return found
