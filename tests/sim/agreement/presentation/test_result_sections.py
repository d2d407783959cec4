"""Laws of the sections on claims, leaderboard and cost."""

from __future__ import annotations

from sim.agreement.collection.gather import PopulationCosts
from sim.agreement.presentation.result_sections import (
    list_seconds,
    write_claims,
    write_costs,
    write_disturbed,
    write_leaderboard,
)
from sim.claims.claim_answer import answer_all_claims
from sim.claims.published_claims import CLAIMS
from sim.offline.metrics.evidence import Cost

from ..conclusion.made_up import whole


def test_all_nine_claims_have_a_line_even_where_their_units_are_not_there_yet(tmp_path):
    text = write_claims(answer_all_claims({}))
    assert all(claim.sentence in text for claim in CLAIMS.values())
    assert "| ensemble-mlp against mobile-vla, under disturbances |" in text
    assert text.count("have no results of equal seeds") == sum(len(claim.pairs) for claim in CLAIMS.values())


def test_the_leaderboard_has_a_column_for_each_scenario_and_each_disturbance():
    found = whole()
    _, table = write_leaderboard(found.population, found.leaderboard).split("\n\n")
    heading, _, *rows = table.split("\n")
    assert heading.endswith("| corridor | doorway |")
    assert len(rows) == 12
    _, table = write_disturbed(found.population, found.leaderboard).split("\n\n")
    heading, _, *rows = table.split("\n")
    assert heading == "| recipe | episodes of each | undisturbed | lighting=2 |"
    assert len(rows) == 12


def test_metrics_of_the_same_work_share_a_line():
    costs = PopulationCosts({"mae": Cost(10), "rmse": Cost(10), "led": Cost(10, 5, 0)}, {"population": 61.4})
    text = write_costs(costs)
    assert "| `population` | 61 |" in text
    assert "| `mae`, `rmse` | 10 | 0 | 0 |" in text
    assert "| `led` | 10 | 5 | 0 |" in text


def test_a_combination_takes_as_long_as_its_most_expensive_part():
    costs = PopulationCosts({"mae": Cost(seconds=2.0), "led": Cost(seconds=5.0), "drives": Cost(seconds=9.0)})
    assert list_seconds(costs, ("mae", "led")) == {"mae": 2.0, "led": 5.0, "drives": 9.0, "combination": 5.0}
    assert list_seconds(PopulationCosts(), ("mae",)) == {}
