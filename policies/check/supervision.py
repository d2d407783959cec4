"""The parent of a process that checks a policy: it limits each call, and outlives the policy."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from policies.check.contract.bench import LOADING
from policies.check.contract.contract import CHECKS
from policies.check.findings import FAULT, NOT_CHECKED, CheckFinding, Conformity
from policies.check.output import CheckReport
from policies.host.process import START_S
from policies.host.standalone.messages import receive_message, send_message
from policies.host.supervised import SupervisedProcess
from scenarios.common.errors import InputError

WORKER = "policies.check.worker"
HANG = "look for an endless loop, a lock or a download, or allow it more time by --policy-timeout"
END = "see the last line that it printed; 'python -X faulthandler' tells the line of a crash in compiled code"


class _PolicyEndedError(Exception):
    """The policy ended the process that checks it, or hangs; the message says how, in which call."""


def check_supervised(arguments: Sequence[str], label: str, timeout_s: float) -> CheckReport:
    """Check a policy in a process of its own.

    A policy that ends the process, or doesn't return in time, is a fault of the check that was being done; those after
    it can't be done.

    Args:
        arguments: Those of the command.
        label: Name of the policy.
        timeout_s: Time for each call of the policy.

    Raises:
        InputError: The policy or the data set can't be loaded, or not in time.
    """
    findings: list[CheckFinding] = []
    process = SupervisedProcess()
    try:
        send_message(process.link, {"run": WORKER, "path": list(sys.path), "arguments": list(arguments)})
        return _follow(process, findings, timeout_s)
    except _PolicyEndedError as ended:
        if not findings:
            raise InputError(f"policy '{label}' can't be loaded: {ended}") from None
        return CheckReport(label, (*findings, *_list_rest(findings, str(ended))))
    finally:
        process.close()


def _follow(process: SupervisedProcess, findings: list[CheckFinding], timeout_s: float) -> CheckReport:
    """Receive what the checks tell until their report; collect the findings.

    Raises:
        InputError: The policy or the data set can't be loaded.
        _PolicyEndedError: The process ended, or hangs.
    """
    call = ""
    while True:
        limit_s = START_S if call == LOADING else timeout_s
        process.link.settimeout(limit_s if call else None)
        try:
            message = receive_message(process.link)
        except TimeoutError:
            raise _PolicyEndedError(f"{call} did not return within {limit_s:g} s") from None
        except (EOFError, OSError, ValueError):
            cause = process.describe_end()
            raise _PolicyEndedError(f"{call or 'something'} ended its process ({cause})") from None
        call = message.get("call", call)
        if "bad_input" in message:
            raise InputError(message["bad_input"])
        if "finding" in message:
            findings.append(CheckFinding(**message["finding"]))
        if "report" in message:
            return _read_report(message["report"])


def _list_rest(findings: Sequence[CheckFinding], ended: str) -> list[CheckFinding]:
    """Return the findings of the check that ended the process, and of those that can't be done any more."""
    done = {finding.check for finding in findings}
    first, *others = [name for name in CHECKS if name not in done] or [CHECKS[-1]]
    fault = CheckFinding(first, FAULT, ended, HANG if "did not return" in ended else END, is_hard=True)
    return [fault, *(CheckFinding(name, NOT_CHECKED, f"mend '{first}' first") for name in others)]


def _read_report(values: dict[str, Any]) -> CheckReport:
    findings = tuple(CheckFinding(**each) for each in values["findings"])
    conformity = tuple(Conformity(**each) for each in values["conformity"])
    return CheckReport(values["policy"], findings, values["dataset"], conformity)
