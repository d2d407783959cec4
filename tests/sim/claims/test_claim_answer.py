"""Laws of answers to claims: differences of pairs by hand, and the rule of the verdicts."""

from __future__ import annotations

import pytest

from sim.claims.claim_answer import (
    CANNOT_TELL,
    CONFIRMED,
    CONTRADICTED,
    SMALLER,
    Margin,
    answer_all_claims,
    answer_claim,
    compare_loss,
    compare_mae,
    compare_success,
    judge_difference,
)
from sim.claims.published_claims import CLAIMS, UNIT_SEEDS
from sim.claims.seed_difference import SeedDifference
from sim.claims.unit_results import UnitResults

NONE, MARGIN = "no difference within ±5 points", Margin(0.05, "5 points")


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.01, 0.3, CONFIRMED),
        (-0.3, -0.01, CONTRADICTED),
        (-0.04, 0.04, NONE),
        (0.01, 0.04, NONE),  # excludes 0, and is too small to matter
        (-0.04, 0.06, CANNOT_TELL),
        (-0.3, 0.3, CANNOT_TELL),
        (0.0, 0.3, CANNOT_TELL),
        (None, None, CANNOT_TELL),
    ],
)
def test_the_verdict_follows_from_the_interval_and_the_margin(low, high, verdict):
    middle = 0.0 if low is None else (low + high) / 2
    found = SeedDifference(middle, low, high, 3, 50)
    assert judge_difference(found, 1.0, MARGIN) == verdict
    other = {CONFIRMED: CONTRADICTED, CONTRADICTED: CONFIRMED}
    assert judge_difference(found, -1.0, MARGIN) == other.get(verdict, verdict)


def test_without_results_nothing_can_be_told():
    assert judge_difference(None, 1.0, MARGIN) == CANNOT_TELL


def unit(wins=(), mae=None, perturbed=(), episodes=10):
    success = {("corridor", "none"): {n: n in wins for n in range(episodes)}}
    if perturbed is not None:
        success["corridor", "lighting=2"] = {n: n in perturbed for n in range(episodes)}
    errors = {} if mae is None else {"corridor": mae if isinstance(mae, dict) else dict(enumerate(mae))}
    return UnitResults(success, errors)


def test_the_mae_is_paired_by_demonstration_and_each_counts_alike():
    pairs = [(unit(mae=[0.2, 0.3]), unit(mae=[0.1, 0.1])), (unit(mae=[0.2, 0.2]), unit(mae=[0.2, 0.1]))]
    found = compare_mae(pairs)
    assert found.difference == pytest.approx(((0.1 + 0.2) / 2 + (0.0 + 0.1) / 2) / 2)
    assert (found.seeds, found.episodes) == (2, 2)


def test_the_mae_is_compared_on_equal_demonstrations_and_of_the_seeds_that_have_it():
    one, other = unit(mae={0: 0.1, 2: 0.9}), unit(mae={0: 0.1, 1: 0.1})
    assert compare_mae([(one, other)]).difference == 0.0
    found = compare_mae([(one, other), (unit(), unit(mae=[0.5])), (unit(mae=[0.3, 0.3]), other)])
    assert (found.difference, found.seeds, found.episodes) == (pytest.approx(0.1), 2, 1)


def test_a_seed_without_such_drives_is_left_out():
    undriven = unit(wins={0}, perturbed=None)
    pairs = [(unit(perturbed={0, 1}), unit()), (undriven, undriven), (unit(perturbed={0}), unit())]
    found = compare_success(pairs, perturbed=True)
    assert (found.seeds, found.difference) == (2, pytest.approx(0.15))


def test_success_is_compared_in_the_episodes_that_all_units_drove():
    pairs = [(unit(wins={0, 1, 2}), unit(wins={2})), (unit(wins={0}), unit(episodes=5))]
    found = compare_success(pairs, perturbed=False)
    assert found.episodes == 5
    assert found.difference == pytest.approx((2 / 5 + 1 / 5) / 2)


def test_what_perturbations_cost_is_told_of_equal_episodes():
    """The changed one loses two of ten, one of which it gains elsewhere; the base loses nothing, as it has nothing."""
    changed, base = unit(wins={0, 1, 2}, perturbed={2, 3}), unit(wins={0}, perturbed={0})
    assert compare_loss([(changed, base)]).difference == pytest.approx(0.1)
    assert compare_loss([(base, changed)]).difference == pytest.approx(-0.1)
    assert compare_loss([(unit(perturbed=None), base)]) is None
    fewer = unit(wins={0, 1, 2}, perturbed={2, 3}, episodes=5)
    assert compare_loss([(fewer, base)]).episodes == 5


def test_a_claim_on_perturbations_is_answered_by_success_and_by_loss():
    ensemble, member = unit(wins=set(range(10)), perturbed=set(range(5))), unit(perturbed=set())
    answer = answer_claim(CLAIMS["ensembles"], results_of("ensembles", ensemble, member))[0]
    assert (answer.success_verdict, answer.loss_verdict) == (CONFIRMED, CONTRADICTED)
    assert (answer.success.difference, answer.loss.difference) == pytest.approx((0.5, 0.5))
    assert answer_claim(CLAIMS["yaw"], {})[0].loss_verdict is None


def test_robustness_is_success_under_perturbations_alone():
    pairs = [(unit(wins={0}, perturbed={1, 2}), unit(wins={0, 1}, perturbed={}))]
    assert compare_success(pairs, perturbed=True).difference == pytest.approx(0.2)
    assert compare_success(pairs, perturbed=False).difference == pytest.approx(-0.1)


def test_without_common_results_there_is_no_difference():
    assert compare_mae([]) is None
    assert compare_mae([(unit(), unit())]) is None
    assert compare_mae([(unit(mae={0: 0.1}), unit(mae={1: 0.1}))]) is None
    assert compare_success([], perturbed=False) is None
    assert compare_success([(unit(perturbed=None), unit())], perturbed=True) is None


def results_of(claim, changed, base, seeds=UNIT_SEEDS):
    pair = CLAIMS[claim].pairs[0]
    return {name: each for seed in seeds for name, each in zip(pair.names(seed), (changed, base), strict=True)}


@pytest.mark.parametrize(
    ("claim", "mae", "verdicts"),
    [
        ("resampler", ([0.1, 0.1], [0.2, 0.2]), (CONFIRMED, CONFIRMED)),
        ("resampler", ([0.2, 0.2], [0.1, 0.1]), (CONTRADICTED, CONFIRMED)),
        ("resampler", ([0.2, 0.2], [0.2, 0.2]), ("no difference within ±0.01", CONFIRMED)),
        ("yaw", ([0.2, 0.2], [0.1, 0.1]), (CONFIRMED, CONTRADICTED)),
    ],
)
def test_a_claim_is_answered_in_mae_and_in_success_by_its_own_sign(claim, mae, verdicts):
    better, worse = unit(wins=set(range(10)), mae=mae[0]), unit(mae=mae[1])
    answer = answer_claim(CLAIMS[claim], results_of(claim, better, worse))[0]
    assert (answer.mae_verdict, answer.success_verdict) == verdicts
    assert answer.success.difference == pytest.approx(1.0)
    assert answer.success.high <= 1.0


def test_a_gain_that_is_all_smaller_than_the_published_one_is_said_to_be():
    claim = CLAIMS["normalization"]  # published: -0.144
    for base, verdict in (([0.20, 0.21], SMALLER), ([0.40, 0.41], CONFIRMED)):
        answer = answer_claim(claim, results_of("normalization", unit(mae=[0.1, 0.11]), unit(mae=base)))[0]
        assert answer.mae_verdict == verdict


def test_one_training_seed_tells_nothing():
    better, worse = unit(wins=set(range(10)), mae=[0.1, 0.1]), unit(mae=[0.2, 0.2])
    answer = answer_claim(CLAIMS["resampler"], results_of("resampler", better, worse, UNIT_SEEDS[:1]))[0]
    assert (answer.mae_verdict, answer.success_verdict, answer.mae.seeds) == (CANNOT_TELL, CANNOT_TELL, 1)


def test_without_results_no_claim_can_be_told():
    found = answer_all_claims({})
    assert set(found) == set(CLAIMS)
    assert {answer.mae_verdict for given in found.values() for answer in given} == {CANNOT_TELL}
