"""A suite under the flags that are typed beside it: a flag replaces the suite's key."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from policies.names.flags import read_policy_flags
from policies.names.parsing import select_arguments
from scenarios.common.cli import Parser
from sim.evaluate.suites.suite_file import Suite, format_suite, load_suite, names_code
from sim.evaluate.suites.suite_keys import SUITE_KEYS, collect_entries
from sim.results.plan import SuiteFacts

UNHASHED = ("video",)  # changes no result
COMMENT = """What this run evaluates ({suite}). To repeat it, from the same folder:
  {command}"""
REPEAT = ("python", "-m", "sim.evaluate", "--suite", "RUN/suite.yaml")
OFFLINE_FLAGS = ("dataset", "no_offline")


@dataclass(frozen=True)
class AppliedSuite:
    """What a run evaluates, by keys of a suite file.

    Attributes:
        entries: The values of each key that isn't a default.
        name: Name of the suite that was given; "" without one.
        changed: Its keys that flags replaced.
        summary: Its summary; "" without one.
        flags: What a suite can't ask for, and must be typed again to repeat the run.
    """

    entries: dict[str, tuple[str, ...]]
    name: str = ""
    changed: tuple[str, ...] = ()
    summary: str = ""
    flags: tuple[str, ...] = ()

    def describe(self, hashes: SuiteFacts) -> SuiteFacts:
        """Describe the suite for the results of a run, given the hashes of what it asks for."""
        return replace(hashes, name=self.name, changed=self.changed)

    def format(self, facts: SuiteFacts) -> str:
        """Format the suite's file for the folder of a run.

        It has the name and the summary of the suite that was given only if it still says the same.
        """
        has_code = any(names_code(SUITE_KEYS[key], text) for key, texts in self.entries.items() for text in texts)
        command = shlex.join([*REPEAT, *(["--trust-code"] if has_code else []), *self.flags])
        comment = COMMENT.format(suite=facts.describe(), command=command)
        name, summary = ("", "") if self.changed else (self.name, self.summary)
        return format_suite(name, self.entries, comment, summary)


def repeated_flags(*, trust_pickle: bool, python: str) -> tuple[str, ...]:
    """Return the flags that a suite can't ask for, of those that say which policies run."""
    return (*(["--trust-pickle"] if trust_pickle else []), *(["--policy-python", python] if python else []))


def describe_options(
    options: argparse.Namespace, defaults: argparse.Namespace, suite: Suite | None = None, changed: tuple[str, ...] = ()
) -> AppliedSuite:
    """Describe what parsed options ask for.

    Args:
        options: As parsed, with the values of the suite where nothing was typed.
        defaults: What the parser gives where nothing is typed.
        suite: The suite that was given, if any.
        changed: Its keys that flags replaced.
    """
    flags = repeated_flags(trust_pickle=options.trust_pickle, python=options.policy_python or "")
    entries = collect_entries(options, defaults)
    if suite is None:
        return AppliedSuite(entries, flags=flags)
    return AppliedSuite(entries, suite.name, changed, suite.summary, flags)


def apply_suite(make_parser: Callable[[], Parser], arguments: Sequence[str]) -> tuple[argparse.Namespace, AppliedSuite]:
    """Parse a command line, with the values of the suite that it names where nothing is typed.

    Args:
        make_parser: Makes the parser, which has ``--suite`` and ``--trust-code``.
        arguments: As typed, without the program.

    Raises:
        InputError: A flag or the suite has a mistake, or neither says what to run.
    """
    parser = make_parser()
    options = parser.parse_args(arguments)
    suite, changed = None, tuple[str, ...]()
    if options.suite is not None:
        suite = load_suite(options.suite, parser, trust_code=options.trust_code)
        changed = fill_in(options, suite, find_typed(parser, arguments, options))
    missing = [flag for flag in ("policy", "scenario") if getattr(options, flag) is None]
    if missing:
        flags = ", ".join(f"--{flag}" for flag in missing)
        parser.error(f"the following arguments are required: {flags}; or a --suite that says it")
    return options, describe_options(options, parser.parse_args([]), suite, changed)


def find_typed(parser: Parser, arguments: Sequence[str], options: argparse.Namespace) -> frozenset[str]:
    """Return the attributes of the flags that were typed.

    A value that stands in the namespace already isn't replaced by a default.
    """
    blank = argparse.Namespace(**dict.fromkeys(vars(options)))
    return frozenset(name for name, value in vars(parser.parse_args(arguments, blank)).items() if value is not None)


def fill_in(options: argparse.Namespace, suite: Suite, typed: Collection[str]) -> tuple[str, ...]:
    """Set the options that aren't typed to the suite's values, and return the keys of the suite that flags replaced.

    Data for the offline error and none at all exclude each other: what is typed replaces both of the suite's. With the
    suite's policies go their arguments.

    Raises:
        InputError: One of the policies that replace the suite's doesn't exist.
    """
    replaced = set(typed)
    if replaced & set(OFFLINE_FLAGS):
        replaced |= {*OFFLINE_FLAGS, "mapping"}
    for dest, value in suite.options.items():
        if dest not in replaced:
            setattr(options, dest, value)
    if "policy" in replaced & suite.options.keys() and suite.arguments and "policy_args" not in replaced:
        without = argparse.Namespace(**{**vars(options), "policy_args": None})
        driven = read_policy_flags(options.policy, without, options.policy_python or "")
        options.policy_args = list(select_arguments(suite.arguments, driven)) or None
    keys = (key for key in SUITE_KEYS.values() if key.dest in typed or key.dest in replaced & suite.options.keys())
    own_choice = UNHASHED if "policy" in suite.options else (*UNHASHED, "policies")
    return tuple(key.name for key in keys if key.name not in own_choice)
