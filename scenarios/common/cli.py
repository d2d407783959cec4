"""Argument types and error handling of all command lines: bad input is one sentence and exit code 2."""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from scenarios.common.errors import InputError, unknown_name
from scenarios.common.quiet import silence_greetings
from scenarios.common.requirements import CURES, missing_package

DONE, GATE_FAILED, BAD_INPUT, INCOMPLETE = 0, 1, 2, 3
DISTRIBUTION = "mobile-vla-sim"


class _Help(argparse.ArgumentDefaultsHelpFormatter):
    """A help formatter that shows defaults, where there are any."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        default = action.default
        has_none = default is None or default is False or default == ()
        return action.help if has_none else super()._get_help_string(action)


class _Version(argparse.Action):
    """An action that prints the version and exits; the version is looked up only then."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        print(version_text())
        parser.exit()


class Parser(argparse.ArgumentParser):
    """An argument parser that raises ``InputError`` instead of printing its usage, and accepts no abbreviated flags."""

    def __init__(self, *, prog: str, description: str | None = None) -> None:
        super().__init__(
            prog=prog,
            description=description,
            allow_abbrev=False,
            formatter_class=_Help,
        )
        self.add_argument("--version", action=_Version, nargs=0, default=None, help="print the version")

    def error(self, message: str) -> NoReturn:
        """Raise an ``InputError`` that points to ``--help``."""
        raise InputError(f"{message} (see {self.prog} --help)")


def version_text() -> str:
    """Return the name and version of the installed package."""
    try:
        return f"{DISTRIBUTION} {importlib.metadata.version(DISTRIBUTION)}"
    except importlib.metadata.PackageNotFoundError:
        return f"{DISTRIBUTION} (not installed)"


def run_cli(main: Callable[[Sequence[str]], int]) -> NoReturn:
    """Run a command line with the process's arguments and exit with its exit code."""
    silence_greetings()
    try:
        code = main(sys.argv[1:])
        sys.stdout.flush()
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        code = BAD_INPUT
    except ModuleNotFoundError as error:
        if error.name not in CURES:
            raise
        print(f"error: {missing_package(error.name)}", file=sys.stderr)
        code = BAD_INPUT
    except BrokenPipeError:  # the reader of the output has closed it ('| head'), which is not an error
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = DONE
    raise SystemExit(code)


def bounded_int(minimum: int, maximum: int | None = None) -> Callable[[str], int]:
    """Return an argument type: a whole number within bounds (both inclusive)."""

    def convert(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"'{text}' is not a whole number") from None
        return int(_within(value, minimum, maximum))

    return convert


def bounded_float(minimum: float, maximum: float | None = None) -> Callable[[str], float]:
    """Return an argument type: a finite number within bounds (both inclusive)."""

    def convert(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"'{text}' is not a number") from None
        return _within(value, minimum, maximum)

    return convert


def _within(value: float, minimum: float, maximum: float | None) -> float:
    upper = float("inf") if maximum is None else maximum
    if not (minimum <= value <= upper and abs(value) != float("inf")):
        wanted = f"at least {minimum:g}" if maximum is None else f"between {minimum:g} and {maximum:g}"
        raise argparse.ArgumentTypeError(f"{value:g} is out of range: it must be {wanted}")
    return value


def known_name(what: str, allowed: Sequence[str]) -> Callable[[str], str]:
    """Return an argument type: one of the known names; errors suggest the nearest match."""

    def convert(text: str) -> str:
        if text not in allowed:
            raise argparse.ArgumentTypeError(str(unknown_name(what, text, allowed)))
        return text

    return convert


def parse_name_list(text: str) -> tuple[str, ...]:
    """Parse names separated by commas, in order; empty and repeated names are errors."""
    names = tuple(part.strip() for part in text.split(","))
    if not all(names):
        raise argparse.ArgumentTypeError(f"'{text}' contains an empty name")
    doubles = sorted({name for name in names if names.count(name) > 1})
    if doubles:
        raise argparse.ArgumentTypeError(f"'{doubles[0]}' appears twice in '{text}'")
    return names
