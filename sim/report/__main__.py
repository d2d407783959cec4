"""``python -m sim.report``: the table of a run and its report anew, or the advice that it gives, from its files."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from os.path import relpath
from pathlib import Path

from scenarios.common import cli
from scenarios.common.errors import InputError, unknown_name
from scenarios.common.files import check_new_file
from sim.report.advice.candidates import describe_latency, list_candidates
from sim.report.advice.needs import NEEDS
from sim.report.advice.output import print_advice
from sim.report.advice.recommendation import Limits, describe_limits, recommend_policy
from sim.report.html import write_report
from sim.report.results_table import print_table, rank_cells
from sim.report.sections.markdown import write_markdown
from sim.results.row import EpisodeRow
from sim.results.run_files import REPORT, Run, read_run

MARKDOWN = ".md"
HTML = (".html", ".htm")


def make_parser() -> cli.Parser:
    """Make the command-line parser."""
    parser = cli.Parser(
        prog="python -m sim.report",
        description="Print the table of a run of sim.evaluate, and write its report anew; or the advice that it gives.",
    )
    parser.add_argument("run", type=Path, metavar="RUN", help="folder of the run")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help=f"where to write (default: RUN/{REPORT}); a name that ends in .md: a short report as Markdown",
    )
    advice = parser.add_argument_group("advice").add_argument
    advice(
        "--advice",
        action="store_true",
        help="print which policy measured best for each of seven needs, and which others the data can't tell from it; "
        "the report stays as it is",
    )
    positive = cli.bounded_float(0.0)
    advice("--max-size", type=positive, metavar="MB", help="recommend no policy with larger weights (in float32)")
    advice("--max-latency", type=positive, metavar="S", help="recommend no policy that takes longer for an answer")
    advice(
        "--scenario", type=cli.parse_name_list, metavar="NAME[,…]", help="count the episodes of these scenarios only"
    )
    return parser


def main(arguments: Sequence[str]) -> int:
    """Run the command; the exit code is 0."""
    options = make_parser().parse_args(arguments)
    if options.advice:
        return _advise(options)
    if {options.max_size, options.max_latency, options.scenario} != {None}:
        raise InputError("--max-size, --max-latency and --scenario are limits of --advice: add it, or leave them out")
    run, out = read_run(options.run), options.out or options.run / REPORT
    if run.summary is None:
        raise InputError(f"'{options.run}' has no results yet: finish the run by its command and --resume")
    check_new_file(out)
    if out.suffix.lower() not in (*HTML, MARKDOWN):
        raise InputError(f"--out '{out}': a report is a page or Markdown, so its name must end in .html or .md")
    if out.suffix.lower() == MARKDOWN:
        write_markdown(out, run.manifest, run.summary, rank_cells(run.summary.cells), run.path)
    else:
        write_report(out, run.manifest, run.summary, _link_videos(run, out.parent), folder=run.path)
    print_table(run.summary, options.run, run.rows, report=out)
    return cli.DONE


def _advise(options: argparse.Namespace) -> int:
    """Print the advice that a run gives."""
    if options.out is not None:
        raise InputError("--advice is printed, not written: leave out --out")
    run = read_run(options.run)
    for name in options.scenario or ():
        if name not in run.manifest.plan.scenarios:
            raise unknown_name("scenario of this run", name, run.manifest.plan.scenarios)
    candidates = list_candidates(run.manifest, run.rows)
    if not candidates:
        raise InputError(
            f"'{options.run}' has nothing to recommend: its policies see the true world, are references that lack a "
            "sense, or have no episodes"
        )
    limits = Limits(options.max_size, options.max_latency, options.scenario or ())
    notes = [describe_latency(run.manifest), *describe_limits(limits)]
    print_advice([recommend_policy(need, candidates, limits) for need in NEEDS], candidates, notes)
    return cli.DONE


def _link_videos(run: Run, start: Path) -> Sequence[EpisodeRow]:
    """The rows with the paths of their videos as seen from another folder."""
    return [replace(row, video=relpath(run.path / row.video, start)) if row.video else row for row in run.rows]


if __name__ == "__main__":
    cli.run_cli(main)
