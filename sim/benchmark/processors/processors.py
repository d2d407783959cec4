"""Benchmark of processors: the stages at which instruction sets part, and how many episodes end differently for it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from sim.benchmark.measurements import Measurement
from sim.benchmark.processors.instruction_sets import ALL_AVX2, ALL_SSE4, make_instruction_sets, run_under
from sim.benchmark.processors.outcomes import count_changed, drive_outcomes
from sim.benchmark.processors.stages import hash_stages, make_stages
from sim.statistics.exact import success_interval
from sim.workers.processor import read_processor

WORLDS = 3  # of every family
BLOCKS = 6  # of the policy whose outcomes are compared
REPORTED_EPISODES = 50  # whose expected spread is reported


def measure_processors(policy: str) -> Iterator[Measurement]:
    """Measure which stages are equal to the bit under each instruction set, and how many outcomes are."""
    sets, names = make_instruction_sets(read_processor().numpy), tuple(make_stages(WORLDS))
    usual = run_under({}, hash_stages, WORLDS, names)
    for name, variables in sets:
        yield from compare_stages(name, usual, run_under(variables, hash_stages, WORLDS, names))
    outcomes = run_under({}, drive_outcomes, policy, BLOCKS)
    for name, variables in sets:
        if name in (ALL_AVX2, ALL_SSE4):
            yield from compare_outcomes(name, policy, outcomes, run_under(variables, drive_outcomes, policy, BLOCKS))


def compare_stages(
    name: str, usual: Mapping[str, Sequence[str]], limited: Mapping[str, Sequence[str]]
) -> Iterator[Measurement]:
    """Compare the hashes of every stage with those of this processor's best instructions."""
    differing = {
        stage: sum(one != other for one, other in zip(hashes, limited[stage], strict=True))
        for stage, hashes in usual.items()
    }
    parted = [stage for stage, count in differing.items() if count]
    first = f", first to differ: {parted[0]}" if parted else ""
    yield Measurement("processors", f"{name}: equal stages", len(usual) - len(parted), f"of {len(usual)}{first}")
    for stage in parted:
        yield Measurement("processors", f"{name}: {stage} that differ", differing[stage], f"of {len(usual[stage])}")


def compare_outcomes(name: str, policy: str, usual: Sequence[bool], limited: Sequence[bool]) -> Iterator[Measurement]:
    """Compare which episodes succeeded, and derive how far success rates of two such machines lie apart."""
    changed, episodes = count_changed(usual, limited), len(usual)
    low, high = success_interval(successes=changed, trials=episodes)
    yield Measurement("processors", f"{name}: successes of {policy}", sum(limited), f"of {episodes}, not {sum(usual)}")
    yield Measurement(
        "processors", f"{name}: outcomes of {policy} that differ", changed, f"of {episodes} ({low:.1%} to {high:.1%})"
    )
    spread, most = (100.0 * expected_spread(share, REPORTED_EPISODES) for share in (changed / episodes, high))
    what = f"{name}: expected spread of {policy}'s rate over {REPORTED_EPISODES} episodes"
    yield Measurement("processors", what, spread, f"points (up to {most:.1f})")


def expected_spread(changed: float, episodes: int) -> float:
    """Return the standard deviation of the difference of two machines' success rates over the same episodes.

    Each episode's outcome changes with probability ``changed``, as often for the better as for the worse, independently
    of the others: the variance of its difference is ``changed``.
    """
    return math.sqrt(changed / episodes)
