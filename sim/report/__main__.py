"""``python -m sim.report``: print the table of a run, and write its report anew, from the files in its folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from os.path import relpath
from pathlib import Path

from scenarios.common import cli
from scenarios.common.errors import InputError
from sim.report.html import write_report
from sim.report.results_table import print_table
from sim.results.folder import REPORT, Run, read_run
from sim.results.row import EpisodeRow


def make_parser() -> cli.Parser:
    """Make the command-line parser."""
    parser = cli.Parser(
        prog="python -m sim.report",
        description="Print the table of a run of sim.evaluate, and write its report anew.",
    )
    parser.add_argument("run", type=Path, metavar="RUN", help="folder of the run")
    parser.add_argument("--out", type=Path, metavar="FILE", help=f"where to write (default: RUN/{REPORT})")
    return parser


def main(arguments: Sequence[str]) -> int:
    """Run the command; the exit code is 0."""
    options = make_parser().parse_args(arguments)
    run, out = read_run(options.run), options.out or options.run / REPORT
    if run.summary is None:
        raise InputError(f"'{options.run}' has no results yet: finish the run by its command and --resume")
    if not out.parent.is_dir():
        raise InputError(f"--out '{out}': there is no folder '{out.parent}'")
    write_report(out, run.manifest, run.summary, _link_videos(run, out.parent))
    print_table(run.summary, options.run, run.rows)
    return cli.DONE


def _link_videos(run: Run, start: Path) -> Sequence[EpisodeRow]:
    """The rows with the paths of their videos as seen from another folder."""
    return [replace(row, video=relpath(run.path / row.video, start)) if row.video else row for row in run.rows]


if __name__ == "__main__":
    cli.run_cli(main)
