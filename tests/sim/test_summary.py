"""Laws of the summary."""

from __future__ import annotations

import json

import pytest
from rows import PLAN, make_offline, make_row, make_rows

from sim.plan import Plan
from sim.statistics import wilson
from sim.summary import summarise


def test_a_cell_counts_success_and_every_kind_of_failure():
    summary = summarise(PLAN, make_rows(), [])
    good, bad = summary["cells"]
    assert (good["policy"], good["scenario"]) == ("good", "corridor")
    assert (good["perturbation"], good["episodes"]) == ("none", 12)
    low, high = wilson(successes=11, trials=12)
    assert good["success"] == {"k": 11, "n": 12, "rate": 11 / 12, "low": low, "high": high}
    assert good["failures"] == {"collision": 1}
    assert bad["failures"] == {"timeout": 7, "stuck": 4, "policy-fault": 1}
    assert sum(bad["failures"].values()) + bad["success"]["k"] == bad["episodes"]
    assert summary["complete"]
    assert summary["schema"] == 1


def test_means_are_over_what_is_there():
    bad = summarise(PLAN, make_rows(), [])["cells"][1]
    assert bad["time_s"] == pytest.approx(7.5)
    assert bad["spl"] == 0.0
    assert bad["ndtw"] is None


def test_missing_episodes_are_seen():
    assert not summarise(PLAN, make_rows()[:-1], [])["complete"]


def test_the_order_in_which_rows_came_does_not_matter():
    rows = make_rows()
    assert summarise(PLAN, rows, []) == summarise(PLAN, rows[::-1], [])


def test_the_summary_is_json():
    json.dumps(summarise(PLAN, make_rows(), [make_offline("good", 0.03)]), allow_nan=False)


def _ranked(privileged=(), scenario="corridor"):
    policies = ("a", "b", "c", "d")
    rows = [
        make_row(policy, number, "success" if number < 10 - 3 * place else "stuck")
        for place, policy in enumerate(policies)
        for number in range(10)
    ]
    offline = [make_offline(policy, 0.02 + 0.01 * place, scenario) for place, policy in enumerate(policies)]
    return summarise(Plan(policies, ("corridor",), 10, 0), rows, offline, privileged)["agreement"]["scenarios"][0]


@pytest.mark.parametrize("scenario", ["corridor", None])
def test_agreement_is_minus_one_where_mae_ranks_as_success_does(scenario):
    found = _ranked(scenario=scenario)
    assert (found["policies"], found["spearman"]) == (4, pytest.approx(-1.0))


def test_privileged_policies_take_no_part_in_the_agreement():
    assert _ranked(privileged=["a"])["policies"] == 3


def test_two_policies_agree_on_nothing():
    found = _ranked(privileged=["a", "b"])
    assert (found["policies"], found["spearman"]) == (2, None)


def test_a_policy_without_an_offline_error_takes_no_part():
    summary = summarise(PLAN, make_rows(), [make_offline("good", 0.03), make_offline("bad", None)])
    assert summary["agreement"]["scenarios"][0]["policies"] == 1
