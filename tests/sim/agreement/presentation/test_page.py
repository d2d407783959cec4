"""Laws of the results page."""

from __future__ import annotations

import re
from dataclasses import replace

from sim.agreement.collection.gather import PopulationCosts
from sim.agreement.conclusion.conclusion import draw_conclusion
from sim.agreement.presentation.page import write_page
from sim.claims.claim_answer import answer_all_claims
from sim.claims.unit_results import list_unit_results
from sim.offline.metrics.evidence import Cost
from sim.population.population import Population

from ..conclusion.made_up import make_population, partial, whole

SECTIONS = {
    *("Verdict", "Contest of the offline metrics", "Deciding by a metric", "Noise ceiling", "Made by"),
    *("Chosen on some episodes, reported on others", "The MAE by family, training, scenario and disturbance"),
    *("Leaderboard: success in percent", "Leaderboard under disturbances", "What would change the conclusion"),
}
OF_THE_POPULATION = {
    *("Correlation against cost", "Published claims", "What it cost"),
    "What compact models in our scenes can and can't tell about full-size ones",
}


def list_sections(text):
    assert text.startswith("# Results\n")
    assert "nan" not in text.lower().split()
    return set(re.findall("\n## (.*)\n", text))


def test_the_page_has_all_that_was_promised():
    planned = rename(
        whole(), "enhanced-2d-1000", "enhanced-norm-no-resampler-2d-1000", "enhanced-norm-no-resampler-1000"
    )
    claims = answer_all_claims(list_unit_results(planned.population))
    costs = PopulationCosts({"mae": Cost(frames=10, seconds=2.0)}, {"population": 30.0})
    text = write_page(planned, costs, claims, "cost.svg")
    assert list_sections(text) == SECTIONS | OF_THE_POPULATION
    assert "](cost.svg)" in text
    assert "policies.train population" in text


def test_a_page_of_policies_of_ones_own_has_what_there_is_of_them():
    for found in (whole(), partial()):
        text = write_page(found, PopulationCosts(), answer_all_claims({}), "cost.svg")
        assert list_sections(text) == SECTIONS
        assert "policies.train population" not in text
        assert "python -m sim.evaluate" in text


def rename(found, *names):
    """The conclusion with the names of some units changed."""
    units = found.population.units
    renamed = [replace(unit, name=name) for unit, name in zip(units, names, strict=False)]
    return replace(found, population=Population((*renamed, *units[len(names) :]), found.population.better))


def test_the_page_is_the_same_again():
    found = [draw_conclusion(make_population(families=5, steps=1)) for _ in range(2)]
    pages = [write_page(each, PopulationCosts(), answer_all_claims({}), "a.svg") for each in found]
    assert pages[0] == pages[1]
