"""Which policies live in a host, and how one gets there."""

from __future__ import annotations

import argparse
import json
import shutil
from dataclasses import dataclass

from policies.host.broker import LeasedHost
from policies.host.client import TIMEOUT_S, HostedPolicy, HostOwner, OwnHost
from policies.host.process import HostRequest
from policies.names.reference import PolicyReference
from policies.policy import InferenceRuntime
from scenarios.common.errors import InputError
from scenarios.common.user_code import is_code_reference


@dataclass(frozen=True)
class Hosting:
    """How policies that aren't this package's are run.

    Attributes:
        python: The Python that runs them; "" for the one that runs this.
        broker: Path of the socket of the run's ``HostBroker``; "" to start a host in each process that needs one.
        timeout_s: Time for a call of a policy.
        environment: Environment variables of a host, in addition.
    """

    python: str = ""
    broker: str = ""
    timeout_s: float = TIMEOUT_S
    environment: tuple[tuple[str, str], ...] = ()


def parse_python(text: str) -> str:
    """Parse the name of a Python interpreter: an argument type."""
    if shutil.which(text) is None:
        raise argparse.ArgumentTypeError(
            f"'{text}' can't be run: name a Python interpreter, such as /path/to/venv/bin/python"
        )
    return text


def is_hosted(reference: PolicyReference) -> bool:
    """Return whether a policy lives in a host, unless it sees the true world."""
    return is_code_reference(reference.target)


def make_hosted_policy(reference: PolicyReference, runtime: InferenceRuntime, hosting: Hosting) -> HostedPolicy | None:
    """Make a policy that lives in a host; None if it belongs into this process.

    That is where this package's policies are, and those that see the true world, which isn't sent to another process.

    Raises:
        InputError: It can't be loaded, or it can't be had in the Python that is asked for.
    """
    if not is_hosted(reference):
        return None
    owner = _find_owner(_make_request(reference, runtime, hosting), hosting.broker)
    if not owner.address.spec.privileged:
        return HostedPolicy(owner, hosting.timeout_s)
    owner.close()
    if hosting.python:
        raise InputError(
            f"policy '{reference.target}' declares that it sees the true world, which isn't sent to another process: "
            "omit --policy-python"
        )
    return None


def _make_request(reference: PolicyReference, runtime: InferenceRuntime, hosting: Hosting) -> HostRequest:
    arguments = {} if reference.arguments is None else reference.arguments.node.plain()
    return HostRequest(
        target=reference.target,
        label=reference.label,
        arguments=json.dumps(arguments),
        python=hosting.python,
        device=runtime.device,
        dtype=runtime.precision,
        environment=hosting.environment,
    )


def _find_owner(request: HostRequest, broker: str) -> HostOwner:
    return LeasedHost(broker, request) if broker else OwnHost(request)
