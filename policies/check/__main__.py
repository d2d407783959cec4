"""``python -m policies.check``: whether a policy keeps its contract, and fits a data set and the camera."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path

from policies.check.output import CheckReport, print_report, to_json_text
from policies.names.flags import POLICY_HELP, add_policy_flags, add_runtime_flags, read_one_policy, read_runtime_flags
from policies.names.reference import PolicyReference
from policies.policy import InferenceRuntime, Policy, PolicySpec
from policies.registry import make_policy
from scenarios.common import cli
from scenarios.common.errors import InputError

WIDTH = 140


def make_parser() -> cli.Parser:
    """Make the command-line parser."""
    parser = cli.Parser(
        prog="python -m policies.check",
        description="Check that a policy keeps its contract: it is driven through made-up episodes, and what it does "
        "with state, batches, inputs and the process is compared. With --dataset, also compare what the policy and the "
        "simulator do with what the data set says and shows.",
    )
    add = parser.add_argument
    add("policy", metavar="POLICY", help=POLICY_HELP)
    add_policy_flags(add)
    add("--dataset", type=Path, metavar="DIR", help="data set that the policy was, or will be, trained with")
    mapping = "says which parts of --dataset are the camera, the actions, the state (default: guessed from names)"
    add("--mapping", type=Path, metavar="FILE.yaml", help=mapping)
    add("--json", action="store_true", help="print JSON in place of tables")
    add_runtime_flags(add, ("device", "precision", "provider"))
    return parser


def main(arguments: Sequence[str]) -> int:
    """Run the command; the exit code is 0 (clean), 1 (a fault or a mismatch) or 2 (bad input, raised)."""
    options = make_parser().parse_args(arguments)
    reference = read_one_policy(options.policy, options)
    if options.dataset is not None and not options.dataset.is_dir():
        raise InputError(f"--dataset '{options.dataset}': no such folder")
    if options.mapping is not None and options.dataset is None:
        raise InputError("--mapping says how to read --dataset: give both, or none")
    runtime = read_runtime_flags(options)
    with contextlib.redirect_stdout(sys.stderr):  # what the policy prints must not stand between the results
        report = _check(reference, options, runtime)
    if options.json:
        print(to_json_text(report))
    else:
        from rich.console import Console

        print_report(report, Console(width=WIDTH, highlight=False, emoji=False))
    return cli.DONE if report.is_clean else cli.GATE_FAILED


def _check(reference: PolicyReference, options: argparse.Namespace, runtime: InferenceRuntime) -> CheckReport:
    from policies.check.contract.contract import check_contract

    specs: list[PolicySpec] = []

    def make() -> Policy:
        policy = make_policy(reference, runtime)
        specs.append(policy.spec)
        return policy

    if options.dataset is None:
        return CheckReport(reference.label, tuple(check_contract(make)))
    from policies.check.conformance.conformance import compare_with_dataset
    from policies.check.conformance.starts import find_renderer
    from policies.dataset.episodes import open_dataset

    dataset = open_dataset(options.dataset, options.mapping)  # bad input is told before the checks take their time
    findings = tuple(check_contract(make))
    conformity = compare_with_dataset(specs[0], dataset, find_renderer())
    return CheckReport(reference.label, findings, str(options.dataset), tuple(conformity))


if __name__ == "__main__":
    cli.run_cli(main)
