"""Argument types, exit codes and error handling of all command lines.

The exit codes are 0 (done), 1 (a gate failed), 2 (wrong use or bad input) and 3 (not complete: the machine, a signal or
an error of ours). A reader that closes the pipe changes nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import errno
import importlib.metadata
import itertools
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NoReturn

from scenarios.common.errors import InputError, unknown_name
from scenarios.common.quiet import discard_output, protect_streams, silence_greetings
from scenarios.common.requirements import CURES, missing_package

DONE, GATE_FAILED, BAD_INPUT, INCOMPLETE = 0, 1, 2, 3
DISTRIBUTION = "mobile-vla-sim"
# What is wrong with a path that was given; any other error of the system is one of the machine.
WRONG_PATH = (
    *(errno.ENOENT, errno.EACCES, errno.EPERM, errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.ENOTEMPTY),
    *(errno.ENAMETOOLONG, errno.ELOOP, errno.EROFS),
)


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

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse arguments as ``argparse`` does; an unknown flag is named before what follows it is judged."""
        if self._subparsers is None:  # else the flags may be those of a command
            self._check_flags(sys.argv[1:] if args is None else args)
        return super().parse_known_args(args, namespace)

    def _check_flags(self, arguments: Sequence[str]) -> None:
        """Name the first flag that there isn't, with the nearest one that there is."""
        for argument in itertools.takewhile(lambda each: each != "--", arguments):
            flag = argument.partition("=")[0]
            if flag.startswith("--") and flag not in self._option_string_actions and " " not in argument:
                near = difflib.get_close_matches(flag, self._option_string_actions, n=1)
                self.error(f"unknown flag {flag}" + (f": did you mean {near[0]}?" if near else ""))

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
    protect_streams()
    silence_greetings()
    with interrupted_by_signals():
        code = _run(main)
    raise SystemExit(code)


def _run(main: Callable[[Sequence[str]], int]) -> int:
    """Run a command line; return its exit code, whatever happens."""
    try:
        code = main(sys.argv[1:])
        sys.stdout.flush()
        return code
    except BaseException as error:
        explained = explain_failure(error)
        if explained is None:
            sys.excepthook = _show_error_of_ours
            raise
        code, line = explained
        if line:
            print(line, file=sys.stderr)
    try:
        sys.stdout.flush()
    except OSError:
        discard_output(sys.stdout)  # otherwise Python tries again at its end, and exits with 120
    return code


def explain_failure(error: BaseException) -> tuple[int, str] | None:
    """Return the exit code for an error that ended a command, and the line for stderr; None for an error of ours."""
    match error:
        case InputError():
            return BAD_INPUT, f"error: {error}"
        case ModuleNotFoundError(name=name) if name in CURES:
            return BAD_INPUT, f"error: {missing_package(name)}"
        case SystemExit(code=None | 0):
            return DONE, ""
        case SystemExit(code=2):  # this package can't be used here, which it said
            return BAD_INPUT, ""
        case SystemExit(code=left):
            return INCOMPLETE, f"not complete: something ended the command ({left})"
        case KeyboardInterrupt():
            return INCOMPLETE, "not complete: interrupted"
        case MemoryError():
            return INCOMPLETE, "not complete: out of memory"
        case OSError(errno=number) if number in WRONG_PATH:
            return BAD_INPUT, f"error: {describe_system_error(error)}"
        case OSError():
            return INCOMPLETE, f"not complete: {describe_system_error(error)}"
    return None


def _show_error_of_ours(*error: Any) -> NoReturn:
    """Show the traceback, and leave with another exit code than Python's own, 1, which means that a gate failed."""
    sys.__excepthook__(*error)
    print("not complete: the error above is one of this package", file=sys.stderr)
    raise SystemExit(INCOMPLETE)


def describe_system_error(error: OSError) -> str:
    """Describe an error of the system in one line: the file, if it is known, and the reason."""
    reason = " ".join(str(error.strerror or error).split()) or type(error).__name__
    return reason if error.filename is None else f"'{error.filename}': {reason}"


@contextlib.contextmanager
def interrupted_by_signals() -> Iterator[None]:
    """Treat a request to end (SIGTERM, or SIGHUP when a terminal closes) like Ctrl-C in this context."""
    asked = (signal.SIGTERM, signal.SIGHUP)
    ending = [number for number in asked if signal.getsignal(number) is signal.SIG_DFL]  # nohup ignores SIGHUP
    for number in ending:
        signal.signal(number, _interrupt)
    try:
        yield
    finally:
        for number in ending:
            signal.signal(number, signal.SIG_DFL)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


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
    names = tuple(split_names(text))
    if not all(names):
        raise argparse.ArgumentTypeError(f"'{text}' contains an empty name")
    doubles = sorted({name for name in names if names.count(name) > 1})
    if doubles:
        raise argparse.ArgumentTypeError(f"'{doubles[0]}' appears twice in '{text}'")
    return names


def split_names(text: str) -> list[str]:
    """Split names at commas, except at those in the paths of files that exist."""
    parts, names = text.split(","), list[str]()
    while parts:
        joined = (count for count in range(len(parts), 1, -1) if _names_a_path(",".join(parts[:count]).strip()))
        count = next(joined, 1)
        names.append(",".join(parts[:count]).strip())
        parts = parts[count:]
    return names


def _names_a_path(text: str) -> bool:
    """Return whether a text is a path that exists, or contains one: LABEL=PATH, FILE.py:NAME, lerobot:FOLDER."""
    label, _, labelled = text.partition("=")
    candidates = {text, labelled if "," not in label else text}
    candidates |= {part for each in candidates for part in (each.rpartition(":")[0], each.partition(":")[2])}
    return any("," in each and os.path.exists(each) for each in candidates)
