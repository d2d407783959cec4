"""Which policies live in a host, and how one gets there."""

from __future__ import annotations

import argparse
import json
import shutil
from dataclasses import dataclass

from policies.host.client import TIMEOUT_S, HostedPolicy, HostOwner, OwnHost
from policies.host.process import HostRequest
from policies.host.sharing.broker import LeasedHost, connect_broker
from policies.host.sharing.node_broker import NODE, connect_node_broker
from policies.lerobot import hosted
from policies.names.kinds import LEROBOT, find_kind
from policies.names.reference import PolicyReference
from policies.policy import InferenceRuntime
from scenarios.common.errors import InputError


@dataclass(frozen=True)
class Hosting:
    """How policies that aren't this package's are run.

    Attributes:
        broker: Path of the socket of the run's ``HostBroker``; a name of ``name_node_broker`` for one on each node;
            "" to start a host in each process that needs one.
        timeout_s: Time for a call of a policy.
        environment: Environment variables of a host, in addition.
    """

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


def make_hosted_policy(reference: PolicyReference, runtime: InferenceRuntime, hosting: Hosting) -> HostedPolicy | None:
    """Make a policy that lives in a host; None if it belongs into this process.

    That is where this package's policies are.

    Raises:
        InputError: It can't be loaded, or it can't be had in the Python that is asked for.
    """
    if not find_kind(reference.target).is_hosted:
        return None
    owner = _find_owner(make_request(reference, runtime, hosting), hosting)
    if owner.address.spec.privileged and reference.python:
        owner.close()
        raise InputError(
            f"policy '{reference.target}' declares that it sees the true world, whose classes another Python may not "
            "have: omit --policy-python"
        )
    return HostedPolicy(owner, hosting.timeout_s)


def make_request(reference: PolicyReference, runtime: InferenceRuntime, hosting: Hosting) -> HostRequest:
    """Say what a policy's host is to load."""
    arguments = {} if reference.arguments is None else reference.arguments.node.plain()
    target = reference.target
    if target.startswith(LEROBOT):
        arguments = {"path": target.removeprefix(LEROBOT), "replan": reference.replan, **arguments}
        target = f"{hosted.__file__}:{hosted.LeRobotPolicy.__name__}"
    return HostRequest(
        target=target,
        label=reference.label,
        arguments=json.dumps(arguments),
        python=reference.python,
        device=runtime.device,
        dtype=runtime.precision,
        environment=hosting.environment,
    )


def _find_owner(request: HostRequest, hosting: Hosting) -> HostOwner:
    if not hosting.broker:
        return OwnHost(request)
    if hosting.broker.startswith(NODE):
        return LeasedHost(connect_node_broker(hosting.broker, hosting.timeout_s), request)
    return LeasedHost(connect_broker(hosting.broker), request)
