"""Laws of the answers in plain sentences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.agreement.conclusion.conclusion import draw_conclusion
from sim.agreement.conclusion.contest import HEADLINES
from sim.agreement.judgement import AgreementEstimate
from sim.agreement.presentation.answers import choose_best, list_answers
from sim.population.population import EpisodeValues, Population

from ..conclusion.made_up import SCENARIOS, make_population, partial, whole


def test_whole_populations_are_told_about_in_four_answers():
    over_all, choice, related, better = list_answers(whole())
    assert over_all.startswith("Over all policies the MAE ranks success: Spearman 0.")
    (name,), rate = choose_best(whole().population, "mae")
    assert choice.startswith(
        f"The policy with the lowest MAE, `{name}`, succeeds in {100 * rate:.0f} % of its episodes"
    )
    assert "Choosing by the MAE costs " in choice
    assert related.startswith("Among policies of one family ")
    assert better.startswith("None of 2 other metrics is shown to rank better: no gain in Spearman's rho")


def test_the_best_metric_of_few_policies_stands_beside_the_mae_of_the_same():
    population = make_population(families=6, steps=1)
    perfect = {
        ("rare", name): EpisodeValues(np.arange(2), np.zeros(2) + 0.1 * place) for place, name in enumerate(SCENARIOS)
    }
    units = [
        replace(
            unit,
            metrics={
                **unit.metrics,
                **{key: EpisodeValues(each.numbers, each.values + skill(unit)) for key, each in perfect.items()},
            },
        )
        for unit in population.units[:8]
    ]
    found = draw_conclusion(Population((*units, *population.units[8:]), {**population.better, "rare": "larger"}))
    mae = draw_conclusion(Population(population.units[:8], {"mae": "smaller", "rmse": "smaller"}))
    (of_mae,) = (row.rho(HEADLINES[0]) for row in mae.contest if row.metric == "mae")
    said = list_answers(found)[-1]
    assert "1 of them were computed for fewer policies, 8 at least. The best of these, `rare`, ranks its 8" in said
    assert f"with 1.00, the MAE the same ones with {of_mae:.2f}; choosing by it costs " in said


def skill(unit):
    """Its success, over scenarios."""
    return np.mean([unit.successes[name, "none"].mean() for name in SCENARIOS])


def test_policies_that_a_metric_likes_alike_are_counted():
    population = make_population(families=6)
    flat = {key: EpisodeValues(each.numbers, 0.0 * each.values) for key, each in population.units[0].metrics.items()}
    units = tuple(replace(unit, metrics=flat) if place < 4 else unit for place, unit in enumerate(population.units))
    best = choose_best(Population(units, dict.fromkeys(population.better, "larger")), "mae")
    rates = [np.mean([unit.successes[name, "none"].mean() for name in SCENARIOS]) for unit in units[:4]]
    liked = max(units[4:], key=lambda unit: np.mean([unit.metrics["mae", name].mean() for name in SCENARIOS]))
    assert len(best.names) == 1
    assert str(best).startswith(f"`{liked.name}`, ")
    alike = choose_best(Population(units[:4], population.better), "mae")
    assert (len(alike.names), alike.rate) == (4, pytest.approx(np.mean(rates)))
    assert str(alike) == f"4 alike, {100 * np.mean(rates):.0f} % in the mean"


def test_few_policies_tell_nothing_yet():
    answers = list_answers(partial())
    assert answers[0].startswith("Over all policies it can't be told yet whether the MAE ranks success: ")
    assert "2 families are too few" in answers[0]


def test_a_metric_is_better_where_the_interval_of_its_gain_lies_above_zero():
    assert "2 other metrics is shown to rank better" in say_gain(AgreementEstimate(0.3, -0.1, 0.6))
    assert "2 other metrics is shown to rank better" in say_gain(AgreementEstimate(0.3))
    assert "`rmse` within families, +0.30 (+0.10 to +0.60). Of so many" in say_gain(AgreementEstimate(0.3, 0.1, 0.6))


def say_gain(gain):
    """The last answer if 'rmse' gains so much within families, and nothing else gains anything."""
    contest = []
    for row in whole().contest:
        gains = {
            part: replace(
                each,
                differences={
                    **each.differences,
                    "spearman": gain if (row.metric, part) == ("rmse", HEADLINES[1]) else AgreementEstimate(0.0),
                },
            )
            for part, each in row.gains.items()
        }
        contest.append(row._replace(gains=gains))
    return list_answers(replace(whole(), contest=tuple(contest)))[-1]
