"""A policy that ends or hangs the process that checks it is a finding of the check that was being done."""

from __future__ import annotations

from pathlib import Path

import pytest

from policies.check.contract.contract import CHECKS
from policies.check.supervision import check_supervised
from scenarios.common.errors import InputError

HOSTED = str(Path(__file__).parents[1] / "host/hosted_policies.py")


@pytest.mark.parametrize(
    ("name", "evidence"),
    [
        ("Segfaults", "act, call 1 ended its process (killed by SIGSEGV)"),
        ("ExitsInReset", "reset ended its process (exit code 4)"),
        ("ExitsAtThird", "act, call 3 ended its process (exit code 7)"),
        ("Hangs", "act, call 1 did not return within 1 s"),
        ("HangsInReset", "reset did not return within 1 s"),
        ("HangsInArray", "act, call 1 did not return within 1 s"),
    ],
)
def test_a_policy_that_ends_or_hangs_is_a_hard_fault_with_its_call(name: str, evidence: str) -> None:
    report = check_supervised([f"{HOSTED}:{name}"], name, 1.0)
    assert tuple(finding.check for finding in report.findings) == CHECKS
    faults = [finding for finding in report.findings if finding.verdict == "fault"]
    assert [(each.check, each.evidence, each.is_hard) for each in faults] == [("runs", evidence, True)]
    assert all(finding.verdict == "not checked" for finding in report.findings[2:])


def test_a_policy_that_hangs_later_is_a_fault_of_the_check_that_was_being_done(tmp_path: Path) -> None:
    (tmp_path / "late.py").write_text(LATE)
    report = check_supervised([f"{tmp_path}/late.py:Late"], "late", 2.0)
    verdicts = {finding.check: finding.verdict for finding in report.findings}
    assert (verdicts["kept answers"], verdicts["repeats"], verdicts["speed"]) == ("ok", "fault", "not checked")


LATE = """
import time
import numpy as np
class Late:
    spec = {"image_size": None, "rate_hz": 10, "hold_action": [0, 0, 0]}
    resets = 0
    def reset(self, slots, instructions):
        self.resets += 1
    def act(self, batch):
        while self.resets == 3:
            time.sleep(0.1)
        return np.full((len(batch.live), 3), 0.5, np.float32)
"""


def test_a_policy_that_ends_its_process_when_it_is_made_is_bad_input() -> None:
    with pytest.raises(InputError, match=r"policy 'left' can't be loaded: loading it ended its process .*exit code 9"):
        check_supervised([f"{HOSTED}:LeavesWhenMade"], "left", 5.0)


def test_what_the_process_refuses_is_bad_input_here() -> None:
    with pytest.raises(InputError, match="did you mean 'expert'"):
        check_supervised(["exprt"], "exprt", 5.0)
