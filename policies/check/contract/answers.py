"""Checks of what a policy returned: its shape, its type of numbers, and its values."""

from __future__ import annotations

import numpy as np

from policies.answers import convert_answer
from policies.check.contract.bench import Bench
from policies.check.findings import FAULT, NOTE, OK, CheckFinding
from scenarios.robot import CONTROL_PERIOD_S

BEYOND = 1.05  # of full speed: a few values up to here are a network's own, and are clipped
FAR_BEYOND = 1.5
BEYOND_SHARE = 0.05  # of the actions
STILL = 0.03  # of full speed: a policy that has learnt to stand still, or none
TINY = 0.12  # of full speed: less than what full speed is in metres per control period
FULL = 0.999
SATURATED_SHARE = 0.95


def check_shape(bench: Bench) -> CheckFinding:
    """Check that every answer has a row for each slot, a column for each axis, and enough actions."""
    for call, answer in enumerate(bench.first.answers, start=1):
        try:
            convert_answer(bench.spec, np.zeros(answer.shape, np.float32), bench.slots)
        except ValueError as error:
            return CheckFinding(
                "shape",
                FAULT,
                f"call {call}: {error}",
                "return one row for each slot of the batch, live or not, with the columns that spec.action declares",
                is_hard=True,
            )
    return _compare_chunks(bench)


def _compare_chunks(bench: Bench) -> CheckFinding:
    answer = bench.first.answers[0]
    if answer.ndim == 3 and answer.shape[1] != bench.spec.chunk:
        return CheckFinding(
            "shape",
            NOTE,
            f"chunks have {answer.shape[1]} actions, the spec declares chunk={bench.spec.chunk}",
            "declare the chunk that it predicts: it stands in every table",
        )
    return CheckFinding("shape", OK, f"all {len(bench.first.answers)} answers have the shape {answer.shape}")


def check_number_type(bench: Bench) -> CheckFinding:
    """Check that answers are arrays of floats."""
    kinds = {answer.dtype.kind for answer in bench.first.answers}
    said = ", ".join(dict.fromkeys(bench.first.types))
    remedy = "return a NumPy array of float32"
    if kinds - set("fiu") or (kinds != {"f"} and bench.spec.action.kind != "keys"):
        lost = "its parts of full speed are lost" if kinds <= set("iub") else "they are no real numbers"
        return CheckFinding(
            "number type", FAULT, f"answers are {said}: {lost}", remedy, is_hard=bool(kinds - set("fiub"))
        )
    if set(bench.first.types) - {"float32 array"}:
        return CheckFinding("number type", NOTE, f"answers are {said}; each is converted to float32", remedy)
    return CheckFinding("number type", OK, "all answers are float32 arrays")


def check_finite(bench: Bench) -> CheckFinding:
    """Check that no value is NaN or infinite."""
    bad = [int(np.sum(~np.isfinite(answer.astype(np.float64)))) for answer in bench.first.answers]
    if not any(bad):
        return CheckFinding("finite", OK, f"all {_count_values(bench)} values are finite")
    call = next(number for number, count in enumerate(bad, start=1) if count)
    return CheckFinding(
        "finite",
        FAULT,
        f"{sum(bad)} of {_count_values(bench)} values are NaN or infinite, the first in call {call}",
        "look for a division by zero, a logarithm, or a normaliser with a deviation of 0",
        is_hard=call == 1,
    )


def check_range(bench: Bench) -> CheckFinding:
    """Check that the actions use the range of actions, in their unit."""
    commands = np.concatenate([_to_commands(bench, answer) for answer in bench.first.answers])  # (m, 3)
    if not len(commands):
        return CheckFinding("range", FAULT, "no action is finite", "see 'finite'")
    largest = np.abs(commands).max(axis=1)
    beyond = float(np.mean(largest > BEYOND))
    if beyond > BEYOND_SHARE or largest.max() > FAR_BEYOND:
        return CheckFinding(
            "range",
            FAULT,
            f"actions reach {largest.max():.3g} of full speed, {beyond:.0%} of them are beyond {BEYOND:g} and cut off",
            "return values in [-1, 1]; if they are m/s and rad/s, declare ActionFormat(unit='si')",
        )
    if largest.max() < STILL:
        evidence = f"it hardly moves: no action is above {largest.max():.2g} of full speed"
        return CheckFinding(
            "range", NOTE, evidence, "if it should move: are its labels zero, or its outputs in another unit?"
        )
    if largest.max() < TINY:
        return CheckFinding(
            "range",
            FAULT,
            f"no action is above {largest.max():.2g} of full speed",
            "undo the normaliser, or declare the unit: full speed is 1, not metres per step "
            f"({CONTROL_PERIOD_S:g} s), for which there is ActionFormat('displacement')",
        )
    return _check_saturation(bench, commands)


def _check_saturation(bench: Bench, commands: np.ndarray) -> CheckFinding:
    """Check that not every axis of every action is at its limit."""
    axes = [0, 1, 2] if len(bench.spec.action.columns) == 3 else np.flatnonzero(np.any(commands != 0.0, axis=0))
    full = float(np.mean(np.all(np.abs(commands[:, axes]) >= FULL, axis=1)))
    if full >= SATURATED_SHARE and len(axes) > 1:
        return CheckFinding(
            "range",
            FAULT,
            f"{full:.0%} of the actions are at the limit of every axis",
            "look for a normaliser that is applied twice, or not at all, to the inputs or the actions",
        )
    return CheckFinding("range", OK, f"actions reach {np.abs(commands).max():.2g} of full speed")


def _to_commands(bench: Bench, answer: np.ndarray) -> np.ndarray:
    """Return the finite ones of an answer's actions as the environment's, (m, 3)."""
    commands = convert_answer(bench.spec, answer.astype(np.float32), bench.slots).reshape(-1, 3)
    found: np.ndarray = commands[np.isfinite(commands).all(axis=1)]
    return found


def _count_values(bench: Bench) -> int:
    return sum(answer.size for answer in bench.first.answers)
