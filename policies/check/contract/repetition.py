"""Checks that equal episodes get equal answers, whatever was driven before."""

from __future__ import annotations

from policies.check.contract.bench import SAME, Bench
from policies.check.contract.drive import measure_difference
from policies.check.findings import FAULT, NOT_CHECKED, NOTE, OK, CheckFinding

CLEAR = "clear everything that a slot keeps in reset: hidden state, last action, step counter, queue of actions"


def check_repeats(bench: Bench) -> list[CheckFinding]:
    """Drive the same episodes again, at once and after others; tell chance from memory by two new policies."""
    first = bench.first.answers
    again = measure_difference(bench.drive(bench.usual_plan).answers, first)
    bench.drive(bench.plan(range(1, bench.slots + 1)))
    later = measure_difference(bench.drive(bench.usual_plan).answers, first)
    largest = max(again, later)
    if largest <= SAME:
        return [_judge_repetition(again), _judge_memory(later)]
    if not bench.can_make:
        bench.is_random = True
        why = "it doesn't forget, or its answers are random"
        return [
            CheckFinding("repeats", NOT_CHECKED, "no second policy could be made to tell chance from memory"),
            CheckFinding("episodes", FAULT, f"the same episodes after reset differ by {largest:.2g}: {why}", CLEAR),
        ]
    return _tell_apart(bench, largest)


def _tell_apart(bench: Bench, largest: float) -> list[CheckFinding]:
    """Judge by whether two new policies answer the same."""
    bench.replace_policy()
    one = bench.drive(bench.usual_plan).answers
    bench.replace_policy()
    apart = measure_difference(bench.drive(bench.usual_plan).answers, one)
    if apart > SAME:
        bench.is_random = True
        return [
            CheckFinding(
                "repeats",
                FAULT,
                f"two new policies with the same inputs differ by {apart:.2g}",
                "draw from a generator that reset seeds, or switch dropout and sampling off (eval mode)",
            ),
            CheckFinding("episodes", NOT_CHECKED, "answers to equal inputs differ anyway"),
        ]
    bench.remembers = True
    return [
        CheckFinding("repeats", OK, f"two new policies with the same inputs differ by {apart:.2g}"),
        CheckFinding(
            "episodes",
            FAULT,
            f"the same episodes driven again after reset differ by {largest:.2g}",
            CLEAR,
        ),
    ]


def _judge_repetition(difference: float) -> CheckFinding:
    if difference == 0.0:
        return CheckFinding("repeats", OK, "the same inputs give the same bits")
    return CheckFinding(
        "repeats",
        NOTE,
        f"the same inputs give answers that differ by up to {difference:.1g}",
        "digests of equal runs will differ; switch to deterministic kernels if they matter",
    )


def _judge_memory(difference: float) -> CheckFinding:
    return CheckFinding("episodes", OK, f"the same episodes after others differ by {difference:.1g}")
