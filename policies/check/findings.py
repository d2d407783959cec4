"""The results of checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ok", "fault", "note", "not checked"]
MatchVerdict = Literal["MATCH", "MISMATCH", "UNDECLARED"]

OK: Verdict = "ok"
FAULT: Verdict = "fault"
NOTE: Verdict = "note"
NOT_CHECKED: Verdict = "not checked"
MATCH: MatchVerdict = "MATCH"
MISMATCH: MatchVerdict = "MISMATCH"
UNDECLARED: MatchVerdict = "UNDECLARED"


@dataclass(frozen=True)
class CheckFinding:
    """The result of one check of a policy.

    Attributes:
        check: Name of the check, a key of ``policies.check.contract.contract.CHECKS``.
        verdict: "ok", "fault", "note" (true, but no fault) or "not checked".
        evidence: What was found, in one sentence with numbers; for "not checked", the reason.
        remedy: What to do about it; empty for "ok".
        is_hard: True for a fault with which no result of an evaluation would mean anything.
    """

    check: str
    verdict: Verdict
    evidence: str
    remedy: str = ""
    is_hard: bool = False


@dataclass(frozen=True)
class Conformity:
    """One value that a policy or the simulator has and that a data set declares or shows.

    Attributes:
        item: What is compared, e.g. "image size".
        live: The value of the policy or the simulator.
        declared: The value of the data set; empty if it doesn't tell.
        verdict: "MATCH", "MISMATCH" or "UNDECLARED".
        evidence: How it was found, in one sentence with numbers.
    """

    item: str
    live: str
    declared: str
    verdict: MatchVerdict
    evidence: str = ""
