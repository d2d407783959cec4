"""``python -m sim.merge``: join the folders of a run that several machines made."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from scenarios.common import cli
from scenarios.common.errors import InputError
from scenarios.common.files import check_new_folder
from sim.merge.missing import list_remedies
from sim.merge.parts import find_folders, merge_manifests, merge_rows, read_manifests, read_scores
from sim.merge.write import write_merged
from sim.metrics.registry import register_metric
from sim.report.results_table import print_table
from sim.results.manifest import Manifest, describe_makers, describe_processors
from sim.results.plan import RunPlan


def make_parser() -> cli.Parser:
    """Make the command-line parser."""
    parser = cli.Parser(
        prog="python -m sim.merge",
        description="Join the folders of a run of sim.evaluate --shard into one, equal to that of one machine.",
    )
    parser.add_argument(
        "folders",
        nargs="+",
        type=Path,
        metavar="FOLDER",
        help="folders of the run's parts, or a folder that contains them",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="new folder of the whole run")
    parser.add_argument(
        "--metric",
        type=cli.parse_name_list,
        default=(),
        metavar="FILE.py:NAME[,…]",
        help="the run's metrics of your own, as they were given to sim.evaluate: this runs their code",
    )
    return parser


def main(arguments: Sequence[str]) -> int:
    """Run the command; the exit code is 0, or 3 if episodes are missing."""
    options = make_parser().parse_args(arguments)
    check_new_folder(options.out)
    folders = find_folders(options.folders)
    manifests = read_manifests(folders)
    manifest = merge_manifests(manifests, options.out)
    _register_metrics(manifest, options.metric)
    plan = RunPlan.from_record(manifest.plan)
    merged = merge_rows(folders, plan)
    summary, run = write_merged(options.out, manifest, plan, merged, read_scores(folders), folders)
    rows = run.rows.rows_in_order(plan)
    print_table(summary, options.out, rows)
    if merged.repeated:
        print(f"{merged.repeated} episodes were in several folders, with equal digests")
    for warning in (describe_makers(manifest), describe_processors(manifest)):
        if warning is not None:
            print(f"warning: {warning}", file=sys.stderr)
    if (missing := run.describe_missing()) is None:
        return cli.DONE
    remedies = list_remedies(plan, {row.key for row in rows}, manifests, options.out)
    print("\n  ".join([f"not complete: {missing} missing", *remedies]), file=sys.stderr)
    return cli.INCOMPLETE


def _register_metrics(manifest: Manifest, given: Sequence[str]) -> None:
    """Register the run's own metrics: their code is run only if the user names them."""
    if tuple(given) != manifest.plan.metrics:
        wanted = f"give --metric {','.join(manifest.plan.metrics)}" if manifest.plan.metrics else "leave --metric out"
        raise InputError(f"the run has {len(manifest.plan.metrics) or 'no'} metrics of its own: {wanted}")
    for reference in given:
        register_metric(reference)


if __name__ == "__main__":
    cli.run_cli(main)
