"""``python -m policies.check``: whether a policy keeps its contract, and fits a data set and the camera."""

from __future__ import annotations

from collections.abc import Sequence

from policies.check.options import make_parser, read_options
from policies.check.output import print_report, to_json_text
from policies.check.supervision import check_supervised
from scenarios.common import cli

__all__ = ["main", "make_parser"]

WIDTH = 140


def main(arguments: Sequence[str]) -> int:
    """Run the command; the exit code is 0 (clean), 1 (a fault or a mismatch) or 2 (bad input, raised)."""
    options = read_options(arguments)
    report = check_supervised(arguments, options.reference.label, options.hosting.timeout_s)
    if options.is_json:
        print(to_json_text(report))
    else:
        from rich.console import Console

        print_report(report, Console(width=WIDTH, highlight=False, emoji=False))
    return cli.DONE if report.is_clean else cli.GATE_FAILED


if __name__ == "__main__":
    cli.run_cli(main)
