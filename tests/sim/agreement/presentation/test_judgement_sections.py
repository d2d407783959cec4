"""Laws of the sections on the verdict and on the metrics."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from sim.agreement.conclusion.conclusion import draw_conclusion
from sim.agreement.conclusion.contest import HEADLINES
from sim.agreement.judgement import judge_metric
from sim.agreement.presentation.answers import choose_best
from sim.agreement.presentation.judgement_sections import (
    describe_basis,
    describe_combination,
    describe_predictor,
    write_ceilings,
    write_choices,
    write_contest,
    write_decisions,
    write_parts,
    write_verdict,
)
from sim.population.population import EpisodeValues, Population

from ..conclusion.made_up import SCENARIOS, make_population, partial, whole


def test_the_verdict_says_what_it_rests_on_and_every_sentence():
    text = write_verdict(partial())
    assert "It rests on 12 units of 2 families in 4 trainings, 2 recipes with two training seeds or more" in text
    assert all(each.sentence in text for each in partial().verdicts)
    assert text.count("cannot tell whether mae predicts success") == 3


def test_units_that_cannot_be_compared_are_counted_with_a_reason():
    population = make_population(families=1, steps=1)
    text = describe_basis(draw_conclusion(population))
    assert "2 units can't be compared, such as 'family-0-1000-1': fewer than 3 units in 'all'." in text
    assert "can't be compared" not in describe_basis(partial())


def test_units_without_the_mae_are_named_whatever_the_best_metric_is():
    population = make_population(families=6)
    first, *rest = population.units
    metrics = {key: each for key, each in first.metrics.items() if key[0] != "mae"}
    found = draw_conclusion(Population((replace(first, metrics=metrics), *rest), population.better))
    assert found.contest[0].metric == "rmse"
    assert "1 unit can't be compared, such as 'family-0-1000-1': no mae in corridor." in describe_basis(found)


def test_the_predictor_tells_its_range_and_how_often_its_interval_held():
    text = describe_predictor(whole())
    assert "at an MAE of" in text
    assert re.search(r"with its 90 % interval: \d+ % \(.*; nothing is said below -?[\d.]+ and above -?[\d.]+\.", text)
    coverage = whole().coverage
    assert (
        f"90 % interval held for {coverage.held} of {coverage.units} units, {100 * coverage.share:.0f} % of those"
        in text
    )
    assert "can't be predicted from the MAE yet: 2 families are too few" in describe_predictor(partial())


def test_the_contest_has_a_line_for_each_metric_with_its_gains():
    lines = write_contest(whole()).split("\n")
    assert {line.split("`")[1] for line in lines[2:]} == {"mae", "rmse", "combination"}
    (mae,) = (line for line in lines if "`mae`" in line)
    assert mae.startswith(f"| `mae` | {len(whole().population.units)} | ")
    (rmse,) = (line for line in lines if "`rmse`" in line)
    assert [rmse.split(" | ")[place][0] in "+-" for place in (3, 5, 7)] == [True] * 3


def test_decisions_by_each_metric_have_their_cost():
    lines = write_decisions(whole(), {"mae": 1.25}).split("\n")
    (mae,) = (line for line in lines if "`mae`" in line)
    assert mae.endswith("| 1.25 |")
    assert len(mae.split(" | ")) == len(lines[0].split(" | "))
    (rmse,) = (line for line in lines if "`rmse`" in line)
    assert rmse.endswith("| - |")
    (name,), rate = choose_best(whole().population, "mae")
    assert f" | `{name}`, {100 * rate:.0f} % | " in mae


def test_a_metric_of_fewer_units_says_of_how_many_and_cannot_be_chosen():
    population = make_population(families=6)
    units = [add_perfect_metric(unit) if place < 12 else unit for place, unit in enumerate(population.units)]
    found = draw_conclusion(Population(tuple(units), {**population.better, "rare": "larger"}))
    lines = write_contest(found).split("\n")
    assert [line.split(" | ")[1] for line in lines if "`rare`" in line] == ["12"]
    assert "rare" not in {choice.metric for choices in found.choices.values() for choice in choices}
    decisions = [line.split(" | ") for line in write_decisions(found, {}).split("\n")]
    place = next(place for place, cells in enumerate(decisions) if cells[0] == "| `rare`")
    assert decisions[place - 1][:2] == ["| `mae` over the next ones' units", "12"]
    few = draw_conclusion(Population(population.units[:12], population.better))
    (mae,) = (row for row in few.contest if row.metric == "mae")
    assert decisions[place - 1][2].startswith(f"{100 * mae.judgements[HEADLINES[0]].estimates['pairwise'].value:.0f}")


def add_perfect_metric(unit):
    """The unit with a metric that is its success."""
    rates = {
        ("rare", name): EpisodeValues(np.arange(12), np.full(12, unit.successes[name, "none"].mean()))
        for name in SCENARIOS
    }
    return replace(unit, metrics={**unit.metrics, **rates})


def test_choices_name_both_halves():
    lines = [line.split(" | ") for line in write_choices(whole()).split("\n")[2:]]
    assert [cells[1] for cells in lines] == ["even episodes", "odd episodes"] * 3
    first = whole().choices[HEADLINES[0]][0]
    assert lines[0][3].startswith(f"{first.flattered:.2f}")
    on_odd = judge_metric(whole().population, "mae", HEADLINES[0], episodes="odd", resamples=20)
    assert lines[0][5] == f"{on_odd.estimates['spearman'].value:.2f}"
    assert "recorded" in lines[0][6]  # 12 in two scenarios: too few in a half for an interval


def test_every_part_and_every_ceiling_has_a_line():
    text = write_parts(whole())
    assert text.count("\n| ") == text.count("| MAE |") * 2 + len(whole().parts)
    assert re.findall("### (.*)", text) == [
        "Within one family",
        "Along one training",
        "In one scenario",
        "Under one disturbance",
    ]
    assert "No interval: 2 trainings are too few for an interval: it needs 5." in text  # said once for all families
    assert write_ceilings(whole()).count("\n") == 1 + len(whole().ceilings)


def test_the_combination_is_compared_with_the_mae():
    assert "within families +" in describe_combination(whole())
    assert "There is no combination of metrics yet" in describe_combination(partial())
