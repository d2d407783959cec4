"""The command line of ``python -m policies.check``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from policies.host.flags import add_hosting_flags, read_hosting_flags
from policies.host.hosting import Hosting
from policies.names.flags import POLICY_HELP, add_policy_flags, add_runtime_flags, read_one_policy, read_runtime_flags
from policies.names.reference import PolicyReference
from policies.policy import InferenceRuntime
from scenarios.common import cli
from scenarios.common.errors import InputError


@dataclass(frozen=True)
class CheckOptions:
    """What is to be checked.

    Attributes:
        reference: The policy.
        runtime: What its network runs on.
        hosting: Time for each of its calls, and how it is run if it needs another Python.
        dataset: Data set to compare with; None for none.
        mapping: File that says how it is read; None to guess.
        is_json: True to print JSON.
    """

    reference: PolicyReference
    runtime: InferenceRuntime
    hosting: Hosting
    dataset: Path | None
    mapping: Path | None
    is_json: bool


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
    add_hosting_flags(add)
    add("--dataset", type=Path, metavar="DIR", help="data set that the policy was, or will be, trained with")
    mapping = "says which parts of --dataset are the camera, the actions, the state (default: guessed from names)"
    add("--mapping", type=Path, metavar="FILE.yaml", help=mapping)
    add("--json", action="store_true", help="print JSON in place of tables")
    add_runtime_flags(add, ("device", "precision", "provider"))
    return parser


def read_options(arguments: Sequence[str]) -> CheckOptions:
    """Parse the command line, and check it.

    Raises:
        InputError: Something is wrong with it.
    """
    options = make_parser().parse_args(arguments)
    reference = read_one_policy(options.policy, options, options.policy_python or "")
    if options.dataset is not None and not options.dataset.is_dir():
        raise InputError(f"--dataset '{options.dataset}': no such folder")
    if options.mapping is not None and options.dataset is None:
        raise InputError("--mapping says how to read --dataset: give both, or none")
    runtime, hosting = read_runtime_flags(options), read_hosting_flags(options)
    return CheckOptions(reference, runtime, hosting, options.dataset, options.mapping, options.json)
