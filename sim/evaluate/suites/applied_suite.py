"""A suite under the flags that are typed beside it: a flag replaces the suite's key."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from scenarios.common.cli import Parser
from sim.evaluate.suites.suite_file import Suite, format_suite, load_suite
from sim.evaluate.suites.suite_keys import SUITE_KEYS, collect_entries
from sim.results.plan import SuiteFacts

UNHASHED = ("video",)  # changes no result
COMMENT = """What this run evaluates ({suite}). To repeat it, from the same folder:
  python -m sim.evaluate --suite RUN/suite.yaml"""
OFFLINE_FLAGS = ("dataset", "no_offline")


@dataclass(frozen=True)
class AppliedSuite:
    """What a run evaluates, by keys of a suite file.

    Attributes:
        entries: The values of each key that isn't a default.
        name: Name of the suite that was given; "" without one.
        changed: Its keys that flags replaced.
    """

    entries: dict[str, tuple[str, ...]]
    name: str = ""
    changed: tuple[str, ...] = ()

    def describe(self, hashes: SuiteFacts) -> SuiteFacts:
        """Describe the suite for the results of a run, given the hashes of what it asks for."""
        return replace(hashes, name=self.name, changed=self.changed)

    def format(self, facts: SuiteFacts) -> str:
        """Format the suite's file for the folder of a run; it has a name only if it is the suite of that name."""
        comment = COMMENT.format(suite=facts.describe())
        return format_suite("" if self.changed else self.name, self.entries, comment)


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
    name, changed = "", tuple[str, ...]()
    if options.suite is not None:
        suite = load_suite(options.suite, parser, trust_code=options.trust_code)
        name, changed = suite.name, fill_in(options, suite, find_typed(parser, arguments, options))
    missing = [flag for flag in ("policy", "scenario") if getattr(options, flag) is None]
    if missing:
        flags = ", ".join(f"--{flag}" for flag in missing)
        parser.error(f"the following arguments are required: {flags}; or a --suite that says it")
    return options, AppliedSuite(collect_entries(options, parser.parse_args([])), name, changed)


def find_typed(parser: Parser, arguments: Sequence[str], options: argparse.Namespace) -> frozenset[str]:
    """Return the attributes of the flags that were typed.

    A value that stands in the namespace already isn't replaced by a default.
    """
    blank = argparse.Namespace(**dict.fromkeys(vars(options)))
    return frozenset(name for name, value in vars(parser.parse_args(arguments, blank)).items() if value is not None)


def fill_in(options: argparse.Namespace, suite: Suite, typed: Collection[str]) -> tuple[str, ...]:
    """Set the options that aren't typed to the suite's values, and return the keys of the suite that flags replaced.

    Data for the offline error and none at all exclude each other: what is typed replaces both of the suite's.
    """
    replaced = set(typed)
    if replaced & set(OFFLINE_FLAGS):
        replaced |= {*OFFLINE_FLAGS, "mapping"}
    for dest, value in suite.options.items():
        if dest not in replaced:
            setattr(options, dest, value)
    keys = (key for key in SUITE_KEYS.values() if key.dest in typed or key.dest in replaced & suite.options.keys())
    own_choice = UNHASHED if "policy" in suite.options else (*UNHASHED, "policies")
    return tuple(key.name for key in keys if key.name not in own_choice)
