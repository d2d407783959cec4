"""The flags of processes for policies."""

from __future__ import annotations

import sys

import pytest

from policies.host.flags import add_hosting_flags, read_hosting_flags
from scenarios.common import cli
from scenarios.common.errors import InputError


def parse(*arguments: str):
    parser = cli.Parser(prog="test")
    add_hosting_flags(parser.add_argument)
    return parser.parse_args(arguments)


def test_the_time_of_a_call_and_the_threads_of_a_network_reach_the_host() -> None:
    hosting = read_hosting_flags(parse("--policy-timeout", "2.5"), "/run/broker", threads=3)
    assert (hosting.broker, hosting.timeout_s) == ("/run/broker", 2.5)
    assert dict(hosting.environment)["OMP_NUM_THREADS"] == "3"


def test_a_python_must_be_one_that_can_be_run() -> None:
    assert parse("--policy-python", sys.executable).policy_python == sys.executable
    assert parse().policy_python is None
    with pytest.raises(InputError, match="'nowhere/python' can't be run: name a Python interpreter"):
        parse("--policy-python", "nowhere/python")
    with pytest.raises(InputError, match="--policy-timeout"):
        parse("--policy-timeout", "0")
