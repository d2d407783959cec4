"""Laws of what is concluded."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scenarios.common.errors import InputError
from sim.agreement.conclusion.combination import COMBINATION
from sim.agreement.conclusion.conclusion import draw_conclusion
from sim.agreement.conclusion.contest import HEADLINES
from sim.population.population import Population

from .made_up import make_population, partial, whole


def test_it_says_what_it_rests_on():
    basis = whole().basis
    assert (basis.units, basis.scored, basis.families, basis.trainings, basis.repeated) == (72, 72, 12, 24, 12)
    assert basis.driven == 72 * 3 * 30


def test_copies_of_a_training_are_no_trainings_of_their_own():
    population = make_population(families=2, steps=1)
    copies = [
        replace(unit, name=f"{unit.name}-noisy", recipe=f"{unit.recipe} noise", copy_of=unit.course)
        for unit in population.units
    ]
    basis = draw_conclusion(Population((*population.units, *copies), population.better)).basis
    assert (basis.units, basis.trainings, basis.repeated) == (8, 4, 2)


def test_the_mae_and_the_combination_are_judged_over_all_within_families_and_along_checkpoints():
    found = [(each.judgement.metric, each.judgement.part) for each in whole().verdicts]
    assert found == [(metric, part) for metric in ("mae", COMBINATION) for part in HEADLINES]


def test_every_part_of_the_population_is_judged():
    kinds = {each.part.kind for each in whole().parts}
    assert kinds == {"family", "checkpoints", "scenario", "perturbation"}


def test_a_partial_population_tells_nothing_that_it_cannot():
    found = partial()
    assert {each.kind for each in found.verdicts} == {"cannot tell"}
    assert (found.predictor, found.coverage) == (None, None)
    assert "2 families are too few" in found.no_predictor


def test_a_single_unit_is_concluded_from_without_an_error():
    population = make_population(families=1, steps=1)
    found = draw_conclusion(Population(population.units[:1], population.better))
    assert (found.basis.units, {each.kind for each in found.verdicts}) == (1, {"cannot tell"})


def test_a_metric_may_not_be_called_as_the_combination_is():
    population = make_population(families=3, metrics=("mae", COMBINATION))
    with pytest.raises(InputError, match="a metric is called 'combination', as that of all metrics is: rename it"):
        draw_conclusion(population)


def test_without_scores_nothing_can_be_judged():
    with pytest.raises(InputError, match="no unit was scored by 'mae'"):
        draw_conclusion(make_population(families=2, metrics=("rmse",)))
