"""The registry of policies: their names, and how one is made. Listing and checking names is cheap."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from policies.host.hosting import Hosting, make_hosted_policy
from policies.inference.runtime import apply_runtime
from policies.names.kinds import check_reference, find_kind
from policies.names.parsing import parse_policy
from policies.names.reference import FLAG, PolicyReference
from policies.names.shipped import ALL_PUBLISHED, CHECKPOINTS, POLICIES, SCRIPTED, TRAINED_REFERENCES
from policies.names.user_code import declare_spec
from policies.policy import DEFAULT_RUNTIME, InferenceRuntime, Policy
from policies.spec_checks import change_replan
from scenarios.common.errors import InputError
from scenarios.common.requirements import CURES, missing_package

__all__ = [
    "ALL_PUBLISHED",
    "CHECKPOINTS",
    "POLICIES",
    "SCRIPTED",
    "TRAINED_REFERENCES",
    "check_name",
    "make_policy",
    "open_policy",
]


def check_name(name: str) -> None:
    """Check that there is a policy of this name, without importing or loading it.

    Raises:
        InputError: There is none, or it has a mistake that can be found without running anything.
    """
    parse_policy(name)


def make_policy(
    name: str | PolicyReference, runtime: InferenceRuntime = DEFAULT_RUNTIME, hosting: Hosting | None = None
) -> Policy:
    """Make a policy by what is typed after ``--policy``.

    A registered name takes precedence over a folder of that name in the current directory (then type ``./name``).
    ``NAME`` in ``file.py:NAME`` or ``module:NAME`` is a class or function of your own that returns a
    ``policies.policy.Policy``.

    Args:
        name: As typed, or parsed.
        runtime: Runtime of its network.
        hosting: How a policy that isn't this package's is run in a process of its own; None: in this process.

    Raises:
        InputError: There is no such name, folder, file, class or function; a checkpoint can't be read; arguments don't
            fit; a package is missing; or the policy doesn't support the runtime.
    """
    reference = parse_policy(name) if isinstance(name, str) else name
    check_reference(reference)
    try:
        hosted = None if hosting is None else make_hosted_policy(reference, runtime, hosting)
        policy = find_kind(reference.target).make(reference) if hosted is None else hosted
    except ModuleNotFoundError as error:
        if error.name not in CURES:
            raise
        raise missing_package(error.name) from error
    except InputError as error:
        given = FLAG if reference.arguments is None else reference.arguments.given
        if given == FLAG or given in str(error):
            raise
        raise InputError(f"{error}; its arguments are in {given}") from error
    if reference.replan is not None and reference.replan != policy.spec.replan:
        declare_spec(policy, change_replan(policy.spec, reference.replan), reference.target)
    apply_runtime(policy, runtime)
    return policy


@contextlib.contextmanager
def open_policy(
    name: str | PolicyReference, runtime: InferenceRuntime = DEFAULT_RUNTIME, hosting: Hosting | None = None
) -> Iterator[Policy]:
    """Make a policy as ``make_policy`` does, and end its process or its connection when the context is left.

    Raises:
        InputError: As ``make_policy``.
    """
    policy = make_policy(name, runtime, hosting)
    try:
        yield policy
    finally:
        if callable(close := getattr(policy, "close", None)):
            close()
