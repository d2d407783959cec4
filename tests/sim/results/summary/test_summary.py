"""Laws of the summary as a type."""

from __future__ import annotations

from rows import FACTS, PERTURBED, PLAN, make_offline, make_perturbed_rows, make_rows

from sim.analysis.summary import summarise_run
from sim.metrics.registry import metric_names
from sim.results.codec import to_json


def test_a_run_is_perturbed_if_any_cell_is():
    assert not summarise_run(PLAN, make_rows(), [], FACTS).is_perturbed
    assert summarise_run(PERTURBED, make_perturbed_rows(), [], FACTS).is_perturbed


def test_the_keys_of_a_cell_are_those_of_schema_1_in_order():
    cell = to_json(summarise_run(PLAN, make_rows(), [], FACTS))["cells"][0]
    assert list(cell) == [
        *("policy", "scenario", "perturbation", "privileged", "latency_s", "runtime", "episodes", "success"),
        *("failures", "steps", *metric_names(), "paired", "phrases", "period_s"),
    ]


def test_a_summary_s_keys_are_those_of_schema_1_in_order():
    summary = to_json(summarise_run(PERTURBED, make_perturbed_rows(), [], FACTS))
    assert list(summary) == ["schema", "complete", "cells", "language", "offline", "agreement", "floors", "digest"]
    assert list(summary["cells"][1]["paired"]) == ["with", "n", "difference", "low", "high", "lost", "gained"]
    assert list(summary["language"][0]) == ["policy", "scenario", "pairs", "score", "low", "high", "phrases"]


def test_the_offline_score_of_a_cell_is_that_of_its_scenario_or_of_the_data_set_given_by_its_folder():
    own, given = make_offline("good", 0.03), make_offline("bad", 0.2, None)
    summary = summarise_run(PLAN, make_rows(), [own, given], FACTS)
    assert summary.find_offline("good", "corridor") == own
    assert summary.find_offline("bad", "corridor") == given
    assert summary.find_offline("good", "rooms") is None
