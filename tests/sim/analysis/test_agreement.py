"""Laws of the agreement between offline error and success."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from rows import FACTS, make_offline, make_ranked, make_row

from sim.analysis.summary import summarise_run
from sim.results.codec import from_json, to_json
from sim.results.plan import RunPlan
from sim.results.summary.agreement import Agreement, BeatenBaselines, MeanMae, Ranks
from sim.results.summary.rates import SuccessRate
from sim.statistics.exact import success_interval

WINS = {"a": 18, "b": 12, "c": 6, "d": 1}
ERRORS = {"a": 0.05, "b": 0.03, "c": 0.08, "d": 0.3}


def by_policy(agreement):
    return {row.policy: row for row in agreement.rows}


def test_rows_are_sorted_by_success_and_have_both_ranks_and_the_baselines():
    agreement = make_ranked(WINS, ERRORS).agreement
    assert [row.policy for row in agreement.rows] == ["a", "b", "c", "d"]
    assert [row.ranks for row in agreement.rows] == [Ranks(1, 2), Ranks(2, 1), Ranks(3, 3), Ranks(4, 4)]
    low, high = success_interval(successes=18, trials=20)
    assert agreement.rows[0].success == SuccessRate(18, 20, 0.9, low, high)
    assert agreement.rows[0].mae == MeanMae(0.05, pytest.approx(0.04), pytest.approx(0.06), datasets=1)
    assert agreement.rows[0].baselines == {"zero": 0.35, "mean": 0.21, "median": 0.2, "hold": 0.02}
    assert agreement.ranking.policies == 4
    assert agreement.ranking.spearman.value == pytest.approx(-0.8)


def test_equal_policies_share_a_rank_and_the_lower_mae_comes_first():
    rows = make_ranked({"a": 5, "b": 9, "c": 5}, {"a": 0.09, "b": 0.02, "c": 0.03}).agreement.rows
    assert [(row.policy, row.ranks.success) for row in rows] == [("b", 1), ("c", 2), ("a", 2)]


def test_an_mae_is_compared_with_the_constants_and_with_hold():
    found = by_policy(make_ranked(WINS, {"a": 0.01, "b": 0.1, "c": 0.2, "d": None}).agreement)
    assert {name: row.beats for name, row in found.items()} == {
        "a": BeatenBaselines(True, True),
        "b": BeatenBaselines(True, False),
        "c": BeatenBaselines(False, False),
        "d": BeatenBaselines(None, None),
    }


def test_references_and_privileged_policies_are_listed_without_a_rank():
    wins = {**WINS, "zero": 0, "expert": 20}
    agreement = make_ranked(wins, {**ERRORS, "zero": 0.35, "expert": 0.001}, privileged=["expert"]).agreement
    rows = agreement.rows
    assert [row.policy for row in rows] == ["expert", "a", "b", "c", "d", "zero"]
    assert (rows[0].kind, rows[-1].kind) == ("privileged", "reference")
    assert rows[0].ranks == rows[-1].ranks == Ranks()
    assert agreement.ranking.policies == 4
    assert agreement.ranking.spearman == make_ranked(WINS, ERRORS).agreement.ranking.spearman


def test_a_policy_without_an_offline_error_is_listed_and_left_out_with_a_reason():
    agreement = make_ranked(WINS, {**ERRORS, "b": None}).agreement
    found = by_policy(agreement)
    assert (found["b"].mae, found["b"].baselines, found["b"].left_out) == (None, None, "no offline MAE")
    assert found["b"].success.k == 12
    assert [found[name].ranks.mae for name in "acd"] == [1, 2, 3]
    assert agreement.ranking.policies == 3


def test_no_offline_errors_at_all_leave_the_successes():
    agreement = make_ranked(WINS, {}).agreement
    assert [row.success.k for row in agreement.rows] == [18, 12, 6, 1]
    assert (agreement.ranking.spearman, agreement.ranking.pairs) == (None, None)
    assert "no policy" in agreement.ranking.reason


def test_one_policy_has_a_row_and_no_correlation_with_a_reason():
    agreement = make_ranked({"a": 10}, {"a": 0.1}).agreement
    assert len(agreement.rows) == 1
    assert (agreement.ranking.spearman, agreement.ranking.reason) == (None, "only one policy can be ranked")


def several(offline, missing=0):
    """Three policies on two scenarios, the last policy without its last episodes."""
    plan = RunPlan(("a", "b", "c"), ("corridor", "rooms"), 10, 0)
    rows = [
        replace(make_row(policy, number, "success" if number < wins else "stuck"), scenario=scenario)
        for policy, places in {"a": (9, 1), "b": (5, 4), "c": (2, 3)}.items()
        for scenario, wins in zip(plan.scenarios, places, strict=True)
        for number in range(10)
    ]
    facts = dict.fromkeys(plan.policies, FACTS["good"])
    return summarise_run(plan, rows[: len(rows) - missing], offline, facts).agreement


SCORES = {"a": (0.02, 0.06), "b": (0.03, 0.03), "c": (0.09, 0.08)}
OFFLINE = [
    make_offline(policy, mae, scenario)
    for policy, errors in SCORES.items()
    for scenario, mae in zip(("corridor", "rooms"), errors, strict=True)
]


def test_over_several_scenarios_success_is_pooled_and_mae_a_mean():
    agreement = several(OFFLINE)
    found = by_policy(agreement)
    assert [found[name].success.k for name in "abc"] == [10, 9, 5]
    assert {name: each.k for name, each in found["a"].success_by_scenario.items()} == {"corridor": 9, "rooms": 1}
    assert [found[name].mae.mean for name in "abc"] == pytest.approx([0.04, 0.03, 0.085])
    assert found["a"].mae.datasets == 2
    assert found["a"].mae.high - found["a"].mae.mean == pytest.approx(0.01 / 2**0.5)
    assert agreement.ranking.spearman.value == pytest.approx(-0.5)
    assert [(each.scenario, each.spearman) for each in agreement.scenarios] == [
        ("corridor", pytest.approx(-1.0)),
        ("rooms", pytest.approx(-0.5)),
    ]


def test_a_data_set_given_by_its_folder_counts_for_all_scenarios():
    agreement = several([make_offline(policy, errors[0], None) for policy, errors in SCORES.items()])
    assert agreement.ranking.spearman.value == pytest.approx(-1.0)
    assert [each.policies for each in agreement.scenarios] == [3, 3]


def test_a_mean_over_fewer_data_sets_is_shown_but_not_compared():
    agreement = several(OFFLINE[1:])
    found = by_policy(agreement)["a"]
    assert (found.mae.mean, found.mae.datasets) == (0.06, 1)
    assert found.left_out == "offline MAE on 1 of 2 data sets"
    assert agreement.ranking.policies == 2


def test_a_policy_with_missing_episodes_is_shown_but_not_compared():
    found = by_policy(several(OFFLINE, missing=4))
    assert found["c"].left_out == "16 of 20 episodes"
    assert found["c"].success.n == 16
    nothing = by_policy(several(OFFLINE, missing=20))["c"]
    assert (nothing.success, nothing.success_by_scenario) == (None, {"corridor": None, "rooms": None})


def test_perturbed_episodes_are_not_part_of_the_agreement():
    plan = RunPlan(("a", "b"), ("corridor",), 4, 0, ("none", "lighting=2"))
    rows = [make_row(policy, n, "success", "none") for policy in "ab" for n in range(4)]
    rows += [make_row(policy, n, "stuck", "lighting=2") for policy in "ab" for n in range(4)]
    facts = dict.fromkeys("ab", FACTS["good"])
    assert [row.success.k for row in summarise_run(plan, rows, [], facts).agreement.rows] == [4, 4]


def test_an_agreement_is_json_and_independent_of_the_order_of_rows():
    agreement = make_ranked(WINS, ERRORS).agreement
    assert from_json(Agreement, json.loads(json.dumps(to_json(agreement), allow_nan=False)), "here") == agreement
    assert make_ranked(dict(reversed(WINS.items())), ERRORS).agreement.rows == agreement.rows
