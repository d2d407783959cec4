"""The process that checks: a policy lives in it, or in a host where it can't."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from policies.check.options import read_options
from policies.check.worker import main, make_checked_policy
from policies.host.client import HostedPolicy
from policies.host.standalone.messages import receive_message

FAULTY = str(Path(__file__).parent / "faulty_policies.py")
HOSTED = str(Path(__file__).parents[1] / "host/hosted_policies.py")


def test_it_tells_each_call_each_finding_and_the_report() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        main(theirs, {"arguments": [f"{FAULTY}:Raises"]})
        theirs.shutdown(socket.SHUT_WR)
        messages = [receive_message(ours)]
        while "report" not in messages[-1]:
            messages.append(receive_message(ours))
    assert messages[:4] == [{"call": "loading it"}, {"call": ""}, messages[2], {"call": "reset"}]
    found = [message["finding"] for message in messages if "finding" in message]
    assert found == messages[-1]["report"]["findings"]


def test_bad_input_is_told() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        main(theirs, {"arguments": ["exprt"]})
        assert "did you mean 'expert'" in receive_message(ours)["bad_input"]


@pytest.mark.parametrize(
    ("arguments", "is_hosted"),
    [
        ([f"{FAULTY}:Sound"], False),
        (["zero"], False),
        ([f"{HOSTED}:Infers"], True),
        ([f"{HOSTED}:Base", "--policy-python", sys.executable], True),
    ],
)
def test_a_policy_is_hosted_only_where_it_cannot_live_here(arguments: list[str], is_hosted: bool) -> None:
    policy = make_checked_policy(read_options(arguments))
    assert isinstance(policy, HostedPolicy) == is_hosted
    if isinstance(policy, HostedPolicy):
        policy.close()
