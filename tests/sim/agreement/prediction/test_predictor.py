"""Laws of the prediction of success from offline figures, and the coverage of its interval."""

from __future__ import annotations

import numpy as np
import pytest
from populations import draw_population, draw_scores, draw_truth

from scenarios.common.errors import InputError
from sim.agreement.prediction.predictor import MIN_FAMILIES, fit_predictor, fit_scores, measure_coverage


def simulate(families=12, units=3):
    rng = np.random.default_rng(0)
    truth = draw_truth(rng, families=families, units=units, relation=0.9)
    return draw_population(rng, truth, episodes=60, recorded=30)


@pytest.mark.parametrize("bent", [False, True])
def test_the_interval_of_units_of_a_new_family_covers_nine_of_ten_whether_or_not_the_model_is_right(bent):
    covered = []
    for seed in range(20):
        scores = draw_scores(np.random.default_rng(seed), families=25, bent=bent)
        new = scores.families >= 20
        predictor = fit_scores(scores.select(~new), ("first", "second"))
        for figures, rate in zip(scores.figures[new], scores.rates[new], strict=True):
            if ((predictor.lowest <= figures) & (figures <= predictor.highest)).all():
                found = predictor.predict({"first": figures[0], "second": figures[1]})
                covered.append(found.low <= rate <= found.high)
    assert len(covered) > 300
    assert 0.85 <= np.mean(covered) <= 0.95


def test_leaving_families_out_of_one_population_measures_the_coverage():
    found = [
        measure_coverage(draw_scores(np.random.default_rng(seed), 12, 3), ("first", "second")) for seed in range(6)
    ]
    assert 0.85 <= np.mean([each.share for each in found]) <= 0.95
    assert all(each.units + each.refused == 36 for each in found)
    assert all(0.75 * each.units <= each.held <= each.units for each in found)
    assert any(each.refused for each in found)


def test_the_expected_success_lies_in_its_interval_and_falls_with_the_error():
    predictor = fit_predictor(simulate(), ["mae"])
    errors = np.linspace(predictor.lowest[0], predictor.highest[0], 9)
    found = [predictor.predict({"mae": error}) for error in errors]
    assert all(0.0 <= each.low <= each.expected <= each.high <= 1.0 for each in found)
    assert np.all(np.diff([each.expected for each in found]) < 0.0)


def test_outside_of_its_range_it_refuses_in_one_sentence():
    predictor = fit_predictor(simulate(), ["mae"])
    low, high = float(predictor.lowest[0]), float(predictor.highest[0])
    for value in (low - 0.1, high + 0.1, float("nan")):
        with pytest.raises(InputError) as error:
            predictor.predict({"mae": value})
        assert str(error.value) == f"no prediction for mae {value:.4g}: the population has {low:.4g} to {high:.4g}"
    with pytest.raises(InputError, match="no prediction without mae: it takes mae"):
        predictor.predict({"rmse": 0.1})


def test_too_few_families_are_refused():
    with pytest.raises(
        InputError, match=f"8 families are too few for a 90 % interval of success: it needs {MIN_FAMILIES}"
    ):
        fit_predictor(simulate(families=8), ["mae"])


def test_with_the_least_families_the_interval_is_as_wide_as_the_worst_family_asks():
    scores = draw_scores(np.random.default_rng(1), families=MIN_FAMILIES, units=1)
    predictor = fit_scores(scores, ("first", "second"))
    middle = dict(zip(("first", "second"), np.median(scores.figures, axis=0), strict=True))
    centres = np.array([model.predict(np.array([list(middle.values())]))[0] for model in predictor.without])
    ends = centres + predictor.errors
    assert predictor.predict(middle).high == pytest.approx(min(1.0, max(ends)))
