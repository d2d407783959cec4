"""The results page is that of the tables in the repository."""

from __future__ import annotations

import re
from pathlib import Path
from statistics import mean

from policies.train.population.units.plan import plan_units
from sim.agreement import correlation
from sim.agreement.collection.unit_facts import list_units
from sim.evaluate.options import make_parser, make_request
from sim.evaluate.suites.applied_suite import apply_suite
from sim.population.tables import read_population

ROOT = Path(__file__).parents[1]
TABLES = ROOT / "docs" / "results" / "population"
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGE = (ROOT / "RESULTS.md").read_text(encoding="utf-8")


def test_the_page_rests_on_as_many_units_and_episodes_as_the_tables_hold() -> None:
    units = read_population(TABLES).units
    episodes = sum(len(cell.values) for unit in units for cell in unit.successes.values())
    said = re.search(r"It rests on ([\d,]+) units .* ([\d,]+) driven episodes", PAGE)
    assert said is not None
    assert [int(number.replace(",", "")) for number in said.groups()] == [len(units), episodes]


def test_the_correlation_of_the_mae_on_the_page_is_that_of_the_tables() -> None:
    driven = [unit for unit in list_units(TABLES) if "population" in unit.suites]
    units = [unit for unit in read_population(TABLES).units if unit.name in {each.name for each in driven}]
    success = [mean(cell.mean() for (_, axes), cell in unit.successes.items() if axes == "none") for unit in units]
    errors = [mean(cell.mean() for (name, _), cell in unit.metrics.items() if name == "mae") for unit in units]
    found = correlation(proxy=[-error for error in errors], truth=success, kind="spearman")
    said = re.search(r"^\| `mae` \| (\d+) \| (-?[\d.]+) ", PAGE, re.MULTILINE)
    assert said is not None
    assert said.groups() == (str(len(units)), f"{found:.2f}")


def test_the_readme_quotes_the_answers_of_the_page() -> None:
    answers = re.findall(r"^\d\. (.+)$", PAGE.split("## Verdict")[1].split("\n##")[0], re.MULTILINE)
    (quoted,) = re.findall(r"^> 1\. (.+\n(?:> .+\n)*)", README, re.MULTILINE)
    said = re.sub(r"\n> (?:  +)?", "\n", quoted).strip()
    assert [each.replace("\n", " ") for each in re.split(r"\n\d\. ", said)] == answers


def test_every_unit_of_the_tables_has_its_parentage_and_the_hash_of_its_weights() -> None:
    listed = {unit.name: unit for unit in list_units(TABLES)}
    assert listed.keys() == {unit.name for unit in read_population(TABLES).units}
    parents = {unit.name: unit.parents for unit in plan_units()}
    conditions = {}
    for name in ("population", "population-disturbed"):
        options, applied = apply_suite(make_parser, ("--suite", name, "--policy", "straight"))
        suite = make_request(options, (), applied).suite
        assert suite is not None
        conditions[name] = suite.conditions
    for name, unit in listed.items():
        assert unit.weights_sha256, name
        assert unit.parents == parents[name]
        assert unit.suites
        assert unit.suites.items() <= conditions.items()
