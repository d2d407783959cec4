"""Laws of correlation, MMRV, pairwise accuracy and regret; equality with SciPy; published and worked examples."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from scenarios.common.errors import InputError
from sim.agreement import correlation, mmrv, pairwise_accuracy, regret
from sim.statistics.correlation import correlate_rows, pearson_rows
from sim.statistics.ranking import KINDS, measure_violations

# nuPlan Val14: open-loop and closed-loop score of UrbanDriver, GC-PGP, PlanCNN, IDM, PDM-Open, PDM-Closed, PDM-Hybrid
CLOSED, OPEN = [44, 54, 72, 77, 54, 92, 92], [76, 82, 64, 38, 86, 44, 84]

few = st.integers(-3, 3).map(float)  # with many ties
pairs = st.lists(st.tuples(few, few), min_size=2, max_size=12).map(lambda both: tuple(zip(*both, strict=True)))
SCIPY = {"pearson": stats.pearsonr, "spearman": stats.spearmanr, "kendall": stats.kendalltau}


def correlate_by_definition(proxy, truth, kind):
    rows = np.array([proxy], float), np.array([truth], float)
    rho, tau = correlate_rows(*rows)
    return {"pearson": pearson_rows(*rows), "spearman": rho, "kendall": tau}[kind][0]


@pytest.mark.parametrize("kind", KINDS)
@given(pairs)
def test_a_correlation_is_that_of_scipy_and_of_the_definition_and_none_where_one_side_does_not_vary(kind, both):
    proxy, truth = both
    found = correlation(proxy=proxy, truth=truth, kind=kind)
    if len(set(proxy)) == 1 or len(set(truth)) == 1:
        assert found is None
    else:
        assert found == pytest.approx(SCIPY[kind](proxy, truth).statistic, abs=1e-12)
        assert found == pytest.approx(correlate_by_definition(proxy, truth, kind), abs=1e-12)


def test_open_loop_scores_of_nuplan_rank_planners_the_wrong_way_round():
    assert correlation(proxy=OPEN, truth=CLOSED, kind="spearman") == pytest.approx(-0.33, abs=0.005)
    assert regret(proxy=OPEN, truth=CLOSED, k=1) == 92 - 54  # PDM-Open scores best open-loop
    assert regret(proxy=OPEN, truth=CLOSED, k=2) == 0  # PDM-Hybrid is second


def reference_mmrv(proxy, truth):
    """SIMPLER's formula, spelled out."""
    count = len(proxy)
    return np.mean(
        [
            max(abs(truth[i] - truth[j]) * ((proxy[i] < proxy[j]) != (truth[i] < truth[j])) for j in range(count))
            for i in range(count)
        ]
    )


@given(pairs)
def test_mmrv_is_simplers_formula(both):
    proxy, truth = both
    assert mmrv(proxy=proxy, truth=truth) == pytest.approx(reference_mmrv(proxy, truth))


def test_mmrv_takes_its_magnitude_from_the_truth_and_is_not_symmetric():
    proxy, truth = [0.50, 0.51, 0.9], [0.6, 0.2, 0.9]
    assert mmrv(proxy=proxy, truth=truth) == pytest.approx((0.4 + 0.4 + 0.0) / 3)
    assert mmrv(proxy=truth, truth=proxy) == pytest.approx((0.01 + 0.01 + 0.0) / 3)


def test_of_two_equal_proxies_mmrv_charges_the_item_of_smaller_truth():
    assert mmrv(proxy=[1, 1, 1], truth=[0.0, 0.0, 1.0]) == pytest.approx((1 + 1 + 0) / 3)
    assert mmrv(proxy=[1, 1, 1], truth=[0.0, 1.0, 1.0]) == pytest.approx((1 + 0 + 0) / 3)


def test_weights_count_items_as_often_as_copies_would():
    proxy, truth, weights = np.array([0.3, 0.1, 0.7, 0.2]), np.array([0.1, 0.5, 0.6, 0.6]), np.array([2, 1, 0, 3])
    copied = mmrv(proxy=np.repeat(proxy, weights), truth=np.repeat(truth, weights))
    assert measure_violations(proxy[None], truth[None], weights[None])[0] == pytest.approx(copied)


def test_pairs_are_counted_by_hand_and_equal_proxies_count_half():
    assert pairwise_accuracy(proxy=[1, 2, 3], truth=[0.1, 0.3, 0.2]) == pytest.approx(2 / 3)
    assert pairwise_accuracy(proxy=[1, 1, 3], truth=[0.1, 0.3, 0.2]) == pytest.approx((0.5 + 1 + 0) / 3)
    assert pairwise_accuracy(proxy=[1, 2, 3], truth=[0.5, 0.5, 0.5]) is None


def test_only_pairs_that_are_told_apart_count():
    apart = np.zeros((3, 3), bool)
    apart[1, 2] = apart[2, 1] = True
    assert pairwise_accuracy(proxy=[1, 2, 3], truth=[0.1, 0.3, 0.2], apart=apart) == 0.0
    with pytest.raises(InputError, match=r"need \(3, 3\)"):
        pairwise_accuracy(proxy=[1, 2, 3], truth=[1, 2, 3], apart=np.ones((2, 2), bool))


@given(pairs)
def test_tau_without_ties_is_twice_the_pairwise_accuracy_less_one(both):
    proxy, truth = both
    if len(set(proxy)) == len(proxy) and len(set(truth)) == len(truth):
        tau = correlation(proxy=proxy, truth=truth, kind="kendall")
        assert pairwise_accuracy(proxy=proxy, truth=truth) == pytest.approx((tau + 1) / 2)


def expected_regret(proxy, truth, report, k):
    """The mean over all orders of equal proxies."""
    best = np.mean([report[i] for i in range(len(truth)) if truth[i] == max(truth)])
    losses = []
    for shuffled in itertools.permutations(range(len(proxy))):
        chosen = sorted(shuffled, key=lambda i: -proxy[i])[:k]  # stable: ties in the order of the permutation
        surely = [i for i in chosen if proxy[i] > min(proxy[j] for j in chosen)]
        top = max(truth[i] for i in chosen)
        taken = [i for i in surely if truth[i] == top] or [i for i in chosen if truth[i] == top]
        losses.append(best - np.mean([report[i] for i in taken]))
    return np.mean(losses)


small = st.lists(st.tuples(few, few, few), min_size=1, max_size=5).map(lambda rows: tuple(zip(*rows, strict=True)))


@given(small, st.data())
def test_regret_is_the_expected_loss_over_all_orders_of_equal_proxies(rows, data):
    proxy, truth, report = rows
    k = data.draw(st.integers(1, len(proxy)))
    assert regret(proxy=proxy, truth=truth, k=k) == pytest.approx(expected_regret(proxy, truth, truth, k))
    found = regret(proxy=proxy, truth=truth, k=k, report=report)
    assert found == pytest.approx(expected_regret(proxy, truth, report, k))


@given(pairs)
def test_regret_never_grows_with_k_and_ends_at_zero(both):
    proxy, truth = both
    losses = [regret(proxy=proxy, truth=truth, k=k) for k in range(1, len(proxy) + 1)]
    assert all(later <= earlier + 1e-12 for earlier, later in itertools.pairwise(losses))
    assert losses[-1] == pytest.approx(0.0)


@given(pairs)
def test_an_error_that_is_said_to_be_better_smaller_is_judged_as_its_negative(both):
    error, truth = both
    score = [-one for one in error]
    for measure in (mmrv, pairwise_accuracy):
        assert measure(proxy=error, truth=truth, better="smaller") == measure(proxy=score, truth=truth)
    assert regret(proxy=error, truth=truth, k=1, better="smaller") == regret(proxy=score, truth=truth, k=1)


@pytest.mark.parametrize(
    ("measure", "arguments"),
    [
        (correlation, {"kind": "pearson"}),
        (mmrv, {}),
        (pairwise_accuracy, {}),
        (regret, {"k": 1}),
    ],
)
def test_bad_input_is_one_sentence(measure, arguments):
    for proxy, truth, words in (
        ([1, 2], [1, 2, 3], r"shape \(2,\) and truth \(3,\)"),
        ([[1], [2]], [[1], [2]], "one number per item"),
        ([], [], "have 0 items: at least"),
        ([1, math.nan, 2], [1, 2, 3], "proxy of item 1 is nan"),
        ([1, 2, 3], [1, 2, math.inf], "truth of item 2 is inf"),
    ):
        with pytest.raises(InputError, match=words):
            measure(proxy=proxy, truth=truth, **arguments)


def test_unknown_names_and_numbers_are_refused():
    with pytest.raises(InputError, match="did you mean 'spearman'"):
        correlation(proxy=[1, 2], truth=[1, 2], kind="spearmann")
    with pytest.raises(InputError, match="regret@4 of 3 items: k must be a whole number from 1 to 3"):
        regret(proxy=[1, 2, 3], truth=[1, 2, 3], k=4)
    with pytest.raises(InputError, match="unknown direction 'lower'"):
        mmrv(proxy=[1, 2], truth=[1, 2], better="lower")
    with pytest.raises(TypeError):
        mmrv([1, 2], [1, 2])
