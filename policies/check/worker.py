"""The checks in a process of their own, as its parent starts it: a policy that ends or hangs it is a finding there."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from policies.check.contract.contract import iterate_checks
from policies.check.findings import CheckFinding
from policies.check.options import CheckOptions, read_options
from policies.check.output import CheckReport
from policies.host.standalone.messages import send_message
from policies.names.kinds import LEROBOT, find_kind
from policies.policy import Policy, PolicySpec
from policies.registry import make_policy
from scenarios.common.errors import InputError


def main(link: socket.socket, message: dict[str, Any]) -> None:
    """Check a policy and tell the parent: each call that begins or ends, each finding, and the report.

    Args:
        link: Connection to the parent.
        message: Its first one, with the "arguments" of the command.
    """
    try:
        report = check_all(link, read_options(message["arguments"]))
    except InputError as error:
        send_message(link, {"bad_input": str(error)})
    else:
        send_message(link, {"report": asdict(report)})


def check_all(link: socket.socket, options: CheckOptions) -> CheckReport:
    """Check the contract, and compare with a data set if there is one.

    Raises:
        InputError: The policy or the data set can't be loaded.
    """
    specs: list[PolicySpec] = []
    label = options.reference.label
    if options.dataset is None:
        return CheckReport(label, tuple(_check_contract(link, options, specs)))
    from policies.check.conformance.conformance import compare_with_dataset
    from policies.check.conformance.starts import find_renderer
    from policies.dataset.episodes import open_dataset

    dataset = open_dataset(options.dataset, options.mapping)  # bad input is told before the checks take their time
    findings = tuple(_check_contract(link, options, specs))
    conformity = compare_with_dataset(specs[0], dataset, find_renderer())
    return CheckReport(label, findings, str(options.dataset), tuple(conformity))


def _check_contract(link: socket.socket, options: CheckOptions, specs: list[PolicySpec]) -> Iterator[CheckFinding]:
    """Check the contract, and tell the parent of each call and finding; collect the specs of the made policies."""

    def make() -> Policy:
        specs.append((policy := make_checked_policy(options)).spec)
        return policy

    for finding in iterate_checks(make, lambda call: send_message(link, {"call": call})):
        send_message(link, {"finding": asdict(finding)})
        yield finding


def make_checked_policy(options: CheckOptions) -> Policy:
    """Make the policy in this process, where all that it does can be seen, or in a host if it can't live here.

    A host gives it another Python, imports that hide this package's, and openpi's method ``infer``.

    Raises:
        InputError: It can't be made.
    """
    reference, hosted = options.reference, (options.runtime, options.hosting)
    if not find_kind(reference.target).is_hosted:
        return make_policy(reference, options.runtime)
    if reference.python or reference.target.startswith(LEROBOT):
        return make_policy(reference, *hosted)
    try:
        return make_policy(reference, options.runtime)
    except InputError:
        return make_policy(reference, *hosted)  # says why if it can't be made there, either
