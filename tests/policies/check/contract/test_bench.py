"""There is never more than one policy under test, and one that can't be made twice is a finding, not an error."""

from __future__ import annotations

import weakref

import pytest
from faulty_policies import SPEC, CountsStepsForEver, Sound

from policies.check.contract.bench import Bench
from policies.check.contract.contract import check_contract
from policies.check.contract.drive import PolicyFailure
from policies.check.contract.samples import make_samples
from policies.check.findings import FAULT
from scenarios.common.errors import InputError

SAMPLES = make_samples(SPEC, 3, 3)


def test_the_old_policy_is_gone_before_the_new_one_is_made() -> None:
    alive: list[weakref.ref[Sound]] = []

    def make() -> Sound:
        assert all(each() is None for each in alive)
        made = Sound()
        alive.append(weakref.ref(made))
        return made

    bench = Bench(make(), SAMPLES, 2, make)
    bench.replace_policy()
    assert len(bench.alone.answers) == 3
    assert len(alive) == 3


def test_a_policy_that_remembers_is_made_anew_for_each_drive_unless_it_is_to_be_kept() -> None:
    bench = Bench(CountsStepsForEver(), SAMPLES, 2, CountsStepsForEver)
    assert bench.first.answers
    assert bench.differs_in_slot(bench.drive(bench.usual_plan)) > 0.0
    bench.remembers = True
    assert bench.differs_in_slot(bench.drive(bench.usual_plan)) == 0.0
    assert bench.differs_in_slot(bench.drive(bench.usual_plan, keep_policy=True)) > 0.0


def test_a_policy_that_cannot_be_made_twice_is_told() -> None:
    made: list[Sound] = []

    def make_once() -> Sound:
        if made:
            raise InputError("policy 'mine.py:Once' can't be made: the camera is in use")
        made.append(Sound())
        return made[0]

    findings = {finding.check: finding for finding in check_contract(make_once)}
    assert {check for check, finding in findings.items() if finding.verdict == FAULT} == {"batch size"}
    assert "the camera is in use" in findings["batch size"].evidence
    with pytest.raises(PolicyFailure, match="in use"):
        Bench(made[0], SAMPLES, 2, make_once).replace_policy()
