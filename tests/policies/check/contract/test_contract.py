"""Every broken promise is found by the check that is named after it, and by no other."""

from __future__ import annotations

import os

import numpy as np
import pytest
from faulty_policies import (
    FAULTS,
    NOTES,
    DeclaresNoSize,
    DrivesUnicycle,
    FillsACache,
    IsRandom,
    LeaksBetweenSlots,
    Raises,
    Sound,
)

from policies.check.contract.contract import CHECKS, check_contract, check_quickly
from policies.check.findings import FAULT, NOTE, CheckFinding

CONSEQUENCES = {"IsNanAtOnce": {"range"}}  # no action is left to be in a range


def names(findings: list[CheckFinding], verdict: str) -> set[str]:
    return {finding.check for finding in findings if finding.verdict == verdict}


@pytest.mark.parametrize(("broken", "check"), FAULTS.items(), ids=lambda value: getattr(value, "__name__", value))
def test_every_seeded_fault_is_found_by_its_check_and_by_no_other(broken: type[Sound], check: str) -> None:
    findings = check_contract(broken)
    assert names(findings, FAULT) - CONSEQUENCES.get(broken.__name__, set()) == {check}, findings
    assert all(finding.evidence and finding.remedy for finding in findings if finding.verdict == FAULT)


@pytest.mark.parametrize(("policy", "check"), NOTES.items(), ids=lambda value: getattr(value, "__name__", value))
def test_what_is_no_fault_is_a_note(policy: type[Sound], check: str) -> None:
    findings = check_contract(policy)
    assert names(findings, FAULT) == set(), findings
    assert names(findings, NOTE) == {check}


@pytest.mark.parametrize("policy", [Sound, DrivesUnicycle, FillsACache])
def test_a_sound_policy_has_neither_faults_nor_notes(policy: type[Sound]) -> None:
    findings = check_contract(policy)
    assert not names(findings, FAULT) | names(findings, NOTE), findings
    assert tuple(finding.check for finding in findings) == CHECKS


@pytest.mark.parametrize("policy", [IsRandom, Raises, DeclaresNoSize])
def test_every_check_is_answered_once_however_early_it_ends(policy: type[Sound]) -> None:
    assert sorted(finding.check for finding in check_contract(policy)) == sorted(CHECKS)


def test_the_process_is_left_as_it_was() -> None:
    folder, state = os.getcwd(), np.random.get_state()[1].copy()  # noqa: NPY002
    for broken, check in FAULTS.items():
        if check in ("random state", "global state"):
            check_quickly(broken(), 2)
    assert os.getcwd() == folder
    assert "FAULTY_POLICY" not in os.environ
    assert np.array_equal(np.random.get_state()[1], state)  # noqa: NPY002


HARD = {"ReturnsTwoColumns", "ReturnsOneRow", "IsNanAtOnce", "ChangesFrames", "ChangesState", "LeaksBetweenSlots"}
HARD |= {"LeaksToTheNextSlot", "Raises", "Exits", "ReturnsText", "DeclaresOddPeriod", "DeclaresNoSize"}


@pytest.mark.parametrize("broken", FAULTS, ids=lambda policy: policy.__name__)
def test_the_short_form_stops_for_what_makes_results_meaningless_and_for_nothing_else(broken: type[Sound]) -> None:
    found = check_quickly(broken(), 10)
    assert {finding.check for finding in found if finding.is_hard} == (
        {FAULTS[broken]} if broken.__name__ in HARD else set()
    )


@pytest.mark.parametrize("policy", [Sound, DrivesUnicycle, *NOTES])
def test_the_short_form_finds_nothing_in_a_sound_policy(policy: type[Sound]) -> None:
    assert check_quickly(policy(), 10) == []


def test_the_short_form_tells_chance_from_a_leak() -> None:
    assert [finding.check for finding in check_quickly(IsRandom(), 10)] == ["episodes"]
    assert [finding.check for finding in check_quickly(LeaksBetweenSlots(), 10)] == ["slots"]
    assert check_quickly(LeaksBetweenSlots(), 1) == []
