"""``python -m sim.agreement``: does offline error predict success? Drives and scores a population, and judges it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from scenarios.common import cli
from scenarios.common.errors import InputError
from scenarios.common.files import check_new_file, write_text
from scenarios.common.locks import lock_folder
from sim.agreement.collection.commands import SUITES, list_cheap_metrics, name_suite
from sim.agreement.collection.drive import collect_results
from sim.agreement.collection.gather import PopulationCosts, drop_changed_units, gather_tables, read_costs
from sim.agreement.collection.unit_facts import list_finished, list_units, remember_units
from sim.agreement.conclusion.conclusion import Conclusion, draw_conclusion
from sim.agreement.presentation.figure import draw_correlation_against_cost
from sim.agreement.presentation.output import print_conclusion
from sim.agreement.presentation.page import write_page
from sim.agreement.presentation.result_sections import list_seconds
from sim.claims.claim_answer import answer_all_claims
from sim.claims.unit_results import find_runs, find_score_files, list_unit_results
from sim.console.console import print_plain_line, standard_console
from sim.offline.metrics.registry import select_metrics
from sim.population.population import Population
from sim.population.tables import DRIVES, read_population

RESULTS = Path("runs/population-results")
SUITE, DEMONSTRATIONS = "population", 5


def make_parser() -> cli.Parser:
    """Make the command-line parser."""
    parser = cli.Parser(
        prog="python -m sim.agreement",
        description="Judge offline metrics by the success of a population of policies: how well does each rank them?",
    )
    add = parser.add_argument
    add(
        "results",
        nargs="?",
        type=Path,
        default=RESULTS,
        metavar="FOLDER",
        help=f"folder of {DRIVES} and metrics.parquet, and of the runs that they are gathered from",
    )
    drive = "first drive and score what 'python -m policies.train population --out DIR' has made; again to go on"
    add("--population", type=Path, metavar="DIR", help=drive)
    units = "only units that match, as 'hybrid-*' (default: all that are finished)"
    add("--units", type=cli.parse_name_list, metavar="PATTERN[,…]", help=units)
    suite = f"what each unit drives: {', '.join(SUITES)}, or a suite file of your own (default: {SUITE})"
    add("--suite", metavar="NAME|FILE.yaml", help=suite)
    metrics = (
        "offline metrics to score by, as after --metrics of sim.offline (default: all that one pass over frames gives)"
    )
    add("--metrics", type=cli.parse_name_list, metavar="NAME[,…]", help=metrics)
    demonstrations = f"held-out demonstrations of each scenario to score on (default: {DEMONSTRATIONS})"
    add(
        "--demonstrations",
        type=cli.bounded_int(1, 20),
        metavar="N",
        help=demonstrations,
    )
    add("--write", type=Path, metavar="FILE.md", help="also write all of it as a page, with its figure beside it")
    return parser


def main(arguments: Sequence[str]) -> int:
    """Run the command; the exit code is 3 if a unit couldn't be driven or scored."""
    options = make_parser().parse_args(arguments)
    folder: Path = options.results
    console = standard_console()
    failures: tuple[str, ...] = ()
    if options.write is not None:
        check_new_file(options.write, "--write", (".md",))
    if options.population is None:
        _refuse_flags(options)
        if not folder.is_dir():
            problem = "is a file" if folder.exists() else "folder not found"
            raise InputError(f"'{folder}': {problem}: name the folder of a run of sim.evaluate, or of results")
    else:
        name_suite(options.suite or SUITE)
        metrics = [metric.name for metric in select_metrics(options.metrics or ())] or list_cheap_metrics()
        finished = list_finished(options.population, options.units or ("*",))
        folder.mkdir(parents=True, exist_ok=True)
        with lock_folder(folder):
            drop_changed_units(folder, finished)
            remember_units(folder, finished)
        names = {unit.name for unit in finished}
        failures = collect_results(
            [unit for unit in list_units(folder) if unit.name in names],
            options.population,
            folder,
            suite=options.suite or SUITE,
            metrics=metrics,
            demonstrations=options.demonstrations or DEMONSTRATIONS,
            console=console,
        )
    if find_runs(folder) or find_score_files(folder):
        with lock_folder(folder):
            gather_tables(folder)
    if failures and not (folder / DRIVES).is_file():
        raise InputError(failures[0])
    population = read_population(folder)
    found, costs = draw_conclusion(population), read_costs(folder)
    print_conclusion(found, costs, console)
    if options.write is not None:
        _write(options.write, population, found, costs)
    for failure in failures:
        print_plain_line(console, failure)
    return cli.INCOMPLETE if failures else cli.DONE


def _refuse_flags(options: argparse.Namespace) -> None:
    """Refuse what says how units are driven and scored where none are."""
    given = [f"--{name}" for name in ("units", "suite", "metrics", "demonstrations") if getattr(options, name)]
    if given:
        raise InputError(
            f"{', '.join(given)}: only with --population DIR, whose units are then driven and scored; without it, all "
            f"that '{options.results}' holds is judged"
        )


def _write(page: Path, population: Population, found: Conclusion, costs: PopulationCosts) -> None:
    """Write the page, and the figure beside it where costs are known."""
    figure = page.with_name(f"{page.stem.lower()}-correlation-against-cost.svg")
    seconds = list_seconds(costs, found.complete)
    if seconds:
        write_text(figure, draw_correlation_against_cost(found, seconds, costs.cpu_seconds.get(SUITE)))
    write_text(page, write_page(found, costs, answer_all_claims(list_unit_results(population)), figure.name))
    print(f"results: {page}")


if __name__ == "__main__":
    cli.run_cli(main)
