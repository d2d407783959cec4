"""``python -m sim.claims``: answer published claims by measured pairs, or audit a table of offline errors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from scenarios.common import cli
from scenarios.common.errors import InputError
from sim.claims.audit.error_table import PUBLISHED_TABLE, published_errors, read_error_table
from sim.claims.audit.frame_labels import dataset_labels, published_labels
from sim.claims.audit.output import print_audit
from sim.claims.claim_answer import answer_claim
from sim.claims.output import print_answers
from sim.claims.published_claims import CLAIMS
from sim.claims.unit_results import find_missing_units, read_unit_results

RESULTS = Path("runs/population-results")


def make_parser() -> cli.Parser:
    """Make the command-line parser."""
    parser = cli.Parser(
        prog="python -m sim.claims",
        description="Answer the claims of the published comparison by policies that differ in what is claimed alone; "
        "or audit a table of offline errors against constants.",
    )
    add = parser.add_argument
    add(
        "names",
        nargs="*",
        type=cli.known_name("claim", tuple(CLAIMS)),
        metavar="NAME",
        help=f"claims to answer (default: all): {', '.join(CLAIMS)}",
    )
    add(
        "--results",
        type=Path,
        action="append",
        metavar="RUN",
        help=f"folder of a run of sim.evaluate that drove units of the population; several for several (default: "
        f"{RESULTS})",
    )
    add(
        "--audit",
        metavar="TABLE.csv",
        help=f"say which of its offline errors beat a constant answer; '{PUBLISHED_TABLE}': the published comparison",
    )
    add(
        "--dataset",
        type=Path,
        metavar="DIR",
        help="data set whose labels the errors were computed on (default: the published ones, by their statistics)",
    )
    add("--mapping", type=Path, metavar="FILE.yaml", help="says which parts of --dataset are the actions")
    return parser


def main(arguments: Sequence[str]) -> int:
    """Run the command; the exit code is 0."""
    options = make_parser().parse_args(arguments)
    if options.mapping is not None and options.dataset is None:
        raise InputError("--mapping says how to read --dataset: give both, or none")
    if options.audit is None and options.dataset is not None:
        raise InputError("--dataset is for --audit, whose labels it has: give both, or none")
    if options.audit is not None and (options.names or options.results):
        raise InputError("--audit looks at a table and at no results: leave out the claims and --results, or --audit")
    if options.audit is None:
        _answer(options.names or tuple(CLAIMS), options.results or [RESULTS])
    else:
        _audit(options.audit, options.dataset, options.mapping)
    return cli.DONE


def _answer(names: Sequence[str], folders: Sequence[Path]) -> None:
    """Print the answers to claims."""
    results = read_unit_results(folders)
    claims = {name: CLAIMS[name] for name in names}
    missing = find_missing_units(claims.values(), results)
    if missing is not None:
        raise InputError(missing)
    print_answers({name: (claim, answer_claim(claim, results)) for name, claim in claims.items()})


def _audit(table: str, dataset: Path | None, mapping: Path | None) -> None:
    """Print the audit of a table."""
    errors = published_errors() if table == PUBLISHED_TABLE else read_error_table(Path(table))
    if dataset is None:
        print_audit(errors, published_labels(), "the labels of the published recordings")
        return
    if not dataset.is_dir():
        raise InputError(f"--dataset '{dataset}': folder not found")
    print_audit(errors, dataset_labels(dataset, mapping), f"the labels of {dataset}")


if __name__ == "__main__":
    cli.run_cli(main)
