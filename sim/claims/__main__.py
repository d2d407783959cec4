"""``python -m sim.claims``: answer published claims by measured pairs, or audit a table of offline errors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from scenarios.common import cli
from scenarios.common.errors import InputError
from scenarios.common.files import check_new_file
from sim.claims.audit.error_table import PUBLISHED_TABLE, published_errors, read_error_table
from sim.claims.audit.frame_labels import dataset_labels, published_labels
from sim.claims.audit.output import print_audit, record_audits
from sim.claims.audit.row_audit import AuditRecord
from sim.claims.claim_answer import AnswersRecord, ClaimRecord, answer_claim
from sim.claims.output import print_answers
from sim.claims.published_claims import CLAIMS
from sim.claims.unit_results import find_missing_units, read_unit_results
from sim.results.codec import to_json
from sim.results.run_files import write_json

RESULTS = Path("runs/population-results")


def make_parser() -> cli.Parser:
    """Make the command-line parser."""
    parser = cli.Parser(
        prog="python -m sim.claims",
        description="Answer the claims of the published comparison by policies that differ in what is claimed alone; "
        "or audit a table of offline errors against baselines that look at no frame.",
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
        metavar="FOLDER",
        help=f"folder of a population's tables, or of runs of sim.evaluate that drove its units; several for several "
        f"(default: {RESULTS})",
    )
    add(
        "--audit",
        metavar="TABLE.csv",
        help="say which of its offline errors beat baselines that look at no frame; "
        f"'{PUBLISHED_TABLE}': the published comparison",
    )
    add(
        "--dataset",
        type=Path,
        metavar="DIR",
        help="data set whose labels the errors were computed on (default: the published ones, by their statistics)",
    )
    add("--mapping", type=Path, metavar="FILE.yaml", help="says which parts of --dataset are the actions")
    add("--out", type=Path, metavar="FILE.json", help="also write what is printed, as JSON")
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
    if options.out is not None:
        check_new_file(options.out, endings=(".json",))
    found: AnswersRecord | AuditRecord
    if options.audit is None:
        found = _answer(options.names or tuple(CLAIMS), options.results or [RESULTS])
    else:
        found = _audit(options.audit, options.dataset, options.mapping)
    if options.out is not None:
        write_json(options.out, to_json(found))
    return cli.DONE


def _answer(names: Sequence[str], folders: Sequence[Path]) -> AnswersRecord:
    """Print the answers to claims, and return them for a file."""
    for folder in folders:
        if folder != RESULTS and not folder.is_dir():
            raise InputError(f"--results '{folder}': folder not found")
    results = read_unit_results(folders)
    claims = {name: CLAIMS[name] for name in names}
    missing = find_missing_units(claims.values(), results)
    if missing is not None:
        raise InputError(missing)
    answers = {name: (claim, answer_claim(claim, results)) for name, claim in claims.items()}
    print_answers(answers)
    return AnswersRecord(
        {name: ClaimRecord(claim.sentence, claim.published, pairs) for name, (claim, pairs) in answers.items()}
    )


def _audit(table: str, dataset: Path | None, mapping: Path | None) -> AuditRecord:
    """Print the audit of a table, and return it for a file."""
    errors = published_errors() if table == PUBLISHED_TABLE else read_error_table(Path(table))
    if dataset is not None and not dataset.is_dir():
        raise InputError(f"--dataset '{dataset}': folder not found")
    labels = published_labels() if dataset is None else dataset_labels(dataset, mapping)
    source = "the labels of the published recordings" if dataset is None else f"the labels of {dataset}"
    print_audit(errors, labels, source)
    return AuditRecord(source, record_audits(errors, labels))


if __name__ == "__main__":
    cli.run_cli(main)
