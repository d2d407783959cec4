"""All checks of the contract, in order, and which of them depend on which."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from policies.check.contract import answers, independence, side_effects
from policies.check.contract.bench import LOADING, SAME, Bench, MakePolicy
from policies.check.contract.drive import Announce, PolicyFailure, announce_nothing, measure_difference
from policies.check.contract.global_state import (
    list_random_states,
    list_settings,
    read_state,
    restore_changes,
    seed_generators,
)
from policies.check.contract.repetition import CLEAR, check_repeats
from policies.check.contract.samples import make_samples
from policies.check.findings import FAULT, NOT_CHECKED, OK, CheckFinding
from policies.policy import Policy, PolicySpec
from policies.spec_checks import check_spec
from scenarios.common.errors import InputError
from scenarios.robot import CONTROL_PERIOD_S

SLOTS, STEPS = 4, 6
QUICK_STEPS, QUICK_SAMPLES = 3, 3


class Check(NamedTuple):
    """A check that needs a policy whose answers are sound.

    Attributes:
        name: Its name in findings.
        run: Does it.
        needs_repeats: True if it compares drives, which means nothing where equal inputs get different answers.
        needs: Name of a check without whose fault this one can't be told.
    """

    name: str
    run: Callable[[Bench], CheckFinding]
    needs_repeats: bool = False
    needs: str = ""


PLACE = re.compile(r"\(\S+(:|, line )\d+\)$")
UNSEEN_IN_HOSTS = ("random state", "global state", "number type", "inputs", "kept answers", "memory")
UNSEEN = "it lives in a process with a Python or imports of its own"
FIRST_CHECKS = ("spec", "runs", "random state", "global state", "shape", "number type")
ANSWER_CHECKS = (
    Check("finite", answers.check_finite),
    Check("range", answers.check_range),
    Check("inputs", side_effects.check_inputs),
    Check("kept answers", side_effects.check_kept_answers),
)
REPEAT_CHECKS = ("repeats", "episodes")
DRIVE_CHECKS = (
    Check("slots", independence.check_slots, needs_repeats=True),
    Check("place", independence.check_place, needs_repeats=True),
    Check("live", independence.check_live, needs_repeats=True),
    Check("partial reset", independence.check_partial_reset, needs_repeats=True, needs="slots"),
    Check("uses pictures", independence.check_use_of_pictures, needs_repeats=True),
    Check("uses instruction", independence.check_use_of_instructions, needs_repeats=True),
    Check("memory", side_effects.check_memory),
    Check("batch size", independence.check_batch_size, needs_repeats=True),
    Check("speed", side_effects.check_speed, needs="batch size"),
)
CHECKS = (
    *FIRST_CHECKS,
    *(check.name for check in ANSWER_CHECKS),
    *REPEAT_CHECKS,
    *(check.name for check in DRIVE_CHECKS),
)


def check_contract(make: MakePolicy) -> list[CheckFinding]:
    """Check everything that a policy promises, in the order of ``CHECKS``.

    It is driven through made-up episodes in this process, some hundred calls. Global state that it changes is put back.

    Args:
        make: Makes the policy; called again where a check needs a fresh one.
    """
    return list(iterate_checks(make))


def iterate_checks(make: MakePolicy, announce: Announce = announce_nothing) -> Iterator[CheckFinding]:
    """Check as ``check_contract`` does, and give each finding as soon as it is made.

    Args:
        make: Makes the policy; called again where a check needs a fresh one.
        announce: Called with what is called before each call of the policy, and with "" after it.

    Raises:
        InputError: The policy can't be made.
    """
    announce(LOADING)
    policy = make()
    announce("")
    spec = check_declaration(policy.spec)
    yield spec
    if spec.verdict == FAULT:
        yield from _leave_out(CHECKS[1:], "its spec is invalid")
        return
    bench = Bench(policy, make_samples(policy.spec, SLOTS + 1, STEPS), SLOTS, make, announce)
    del policy  # the bench has the only one
    findings = [spec, *_check_first_drive(bench)]
    if any(finding.is_hard for finding in findings):
        done = {finding.check for finding in findings}
        yield from findings[1:]
        yield from _leave_out([name for name in CHECKS if name not in done], "the first drive failed")
        return
    yield from findings[1:]
    for found in _run_all(bench, findings):
        yield found
        findings.append(found)


def _run_all(bench: Bench, findings: Sequence[CheckFinding]) -> Iterator[CheckFinding]:
    """Do the checks after the first drive.

    Args:
        bench: The policy.
        findings: Those that there are already; whoever iterates adds each new one.
    """
    for check in ANSWER_CHECKS:
        yield _run_check(check, bench, findings)
    yield from _guard(lambda: check_repeats(bench), REPEAT_CHECKS)
    for check in DRIVE_CHECKS:
        yield _run_check(check, bench, findings)


def check_declaration(spec: object) -> CheckFinding:
    """Check a policy's spec by itself."""
    try:
        checked = check_spec(spec)
    except InputError as error:
        return CheckFinding("spec", FAULT, str(error), "see policies.policy.PolicySpec", is_hard=True)
    steps = checked.period_s / CONTROL_PERIOD_S
    if not (round(steps) >= 1 and abs(steps - round(steps)) < 1e-6):
        evidence = f"the period of {checked.period_s:g} s is no whole multiple of {CONTROL_PERIOD_S:g} s"
        return CheckFinding("spec", FAULT, evidence, "declare a multiple of the control period", is_hard=True)
    return CheckFinding("spec", OK, _describe_spec(checked))


def _describe_spec(spec: PolicySpec) -> str:
    size = "no images" if spec.image_size is None else f"{spec.image_size[0]}x{spec.image_size[1]} pixels"
    return (
        f"{size}, {spec.observation.frames} frame(s), every {spec.period_s:g} s, {spec.action.describe()}, "
        f"chunk {spec.chunk}, replan {spec.replan}"
    )


def _check_first_drive(bench: Bench) -> list[CheckFinding]:
    """Drive for the first time, and check what can be told without a second time."""
    before, modules = read_state(list_random_states), len(sys.modules)
    seed_generators()
    random, settings = read_state(list_random_states), read_state(list_settings)
    try:
        calls = len(bench.first.answers)
        if len(sys.modules) > modules:  # importing changes settings, and is no fault: judge by another drive
            seed_generators()
            random, settings = read_state(list_random_states), read_state(list_settings)
            bench.drive(bench.usual_plan)
        runs = CheckFinding("runs", OK, f"reset and {calls} calls of act returned")
    except PolicyFailure as failure:
        runs = CheckFinding("runs", FAULT, str(failure), _advise(failure), is_hard=True)
    findings = [
        runs,
        side_effects.judge_random_state(restore_changes(list_random_states, random)),
        side_effects.judge_settings(restore_changes(list_settings, settings)),
    ]
    restore_changes(list_random_states, before)
    if runs.verdict == OK:
        findings += [answers.check_shape(bench), answers.check_number_type(bench)]
    return [_leave_unseen(finding) if bench.is_hosted else finding for finding in findings]


def _leave_unseen(finding: CheckFinding) -> CheckFinding:
    """Return what can be found of a policy that lives in a host."""
    return replace(finding, verdict=NOT_CHECKED, evidence=UNSEEN) if finding.check in UNSEEN_IN_HOSTS else finding


def _advise(failure: PolicyFailure) -> str:
    """Say what to do about a call that failed, which may have no place in the policy's own code."""
    has_place = PLACE.search(str(failure)) is not None
    return "see the file and line" if has_place else "see 'A policy of your own' in the documentation: what it returns"


def _run_check(check: Check, bench: Bench, findings: Sequence[CheckFinding]) -> CheckFinding:
    if check.name in UNSEEN_IN_HOSTS and bench.is_hosted:
        return CheckFinding(check.name, NOT_CHECKED, UNSEEN)
    if check.needs_repeats and bench.is_random:
        return CheckFinding(check.name, NOT_CHECKED, "answers to equal inputs differ anyway")
    if any(finding.check == check.needs and finding.verdict == FAULT for finding in findings):
        return CheckFinding(check.name, NOT_CHECKED, f"mend '{check.needs}' first")
    return _guard(lambda: [check.run(bench)], (check.name,))[0]


def _guard(run: Callable[[], list[CheckFinding]], names: tuple[str, ...]) -> list[CheckFinding]:
    """Do checks whose drives may raise where the first one didn't; put back what they change in the process."""
    before = read_state(list_random_states), read_state(list_settings)
    try:
        return run()
    except PolicyFailure as failure:
        return [CheckFinding(name, FAULT, str(failure), _advise(failure)) for name in names]
    finally:
        restore_changes(list_random_states, before[0])
        restore_changes(list_settings, before[1])


def _leave_out(names: tuple[str, ...] | list[str], reason: str) -> list[CheckFinding]:
    return [CheckFinding(name, NOT_CHECKED, reason) for name in names]


def check_quickly(policy: Policy, slots: int) -> list[CheckFinding]:
    """Check a loaded policy in a few calls; return its faults alone.

    Args:
        policy: The policy, whose batches have ``slots`` slots. Reset it before it drives.
        slots: Size of the batch.
    """
    spec = check_declaration(policy.spec)
    if spec.verdict == FAULT:
        return [spec]
    bench = Bench(policy, make_samples(policy.spec, QUICK_SAMPLES, QUICK_STEPS), slots)
    findings = _check_first_drive(bench)
    if not any(finding.is_hard for finding in findings):
        findings += [answers.check_finite(bench), answers.check_range(bench), side_effects.check_inputs(bench)]
        findings += _guard(lambda: [_check_slots_quickly(bench)], ("slots",))
    return [finding for finding in findings if finding.verdict == FAULT]


def _check_slots_quickly(bench: Bench) -> CheckFinding:
    """Drive other episodes beside the first one; if its answers change, find out whether they would have anyway."""
    if bench.slots == 1:
        return CheckFinding("slots", NOT_CHECKED, "there is only one slot")
    found = independence.check_slots(bench)
    if found.verdict == OK:
        return found
    again = measure_difference(bench.drive(bench.usual_plan).answers, bench.first.answers)
    if again <= SAME:
        return found
    evidence = f"the same episodes after reset differ by {again:.2g}: it doesn't forget, or its answers are random"
    return CheckFinding("episodes", FAULT, evidence, CLEAR)
