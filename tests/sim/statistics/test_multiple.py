"""Laws of tests of many pairs, and published numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.statistics.multiple import correct_holm, mcnemar_p

p_values = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=30)


@pytest.mark.parametrize(("gained", "lost", "p_value"), [(1, 7, 0.0391), (0, 0, 1.0), (0, 6, 0.015625), (5, 5, 1.0)])
def test_mcnemar_has_the_published_p_values(gained, lost, p_value):
    """The first is Fagerland, Lydersen and Laake's example of airway hyper-responsiveness."""
    assert mcnemar_p(gained=gained, lost=lost) == pytest.approx(p_value, abs=5e-5)
    assert mcnemar_p(gained=lost, lost=gained) == mcnemar_p(gained=gained, lost=lost)


def test_holm_by_hand():
    assert correct_holm([0.01, 0.04, 0.03, 0.005]).tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])


@given(p_values)
def test_a_corrected_p_value_is_no_smaller_no_larger_than_bonferroni_s_and_keeps_the_order(raw):
    corrected = correct_holm(raw)
    for one, fixed in zip(raw, corrected, strict=True):
        assert one <= fixed <= min(1.0, one * len(raw)) + 1e-12
        assert all(fixed <= other for value, other in zip(raw, corrected, strict=True) if value > one)


def test_thousands_of_changed_episodes_have_a_p_value():
    assert 0.0 < mcnemar_p(gained=800, lost=286) < 1e-50
    assert mcnemar_p(gained=1000, lost=1000) == 1.0
    assert mcnemar_p(gained=1045, lost=955) == pytest.approx(2 * stats.norm.sf(90 / 2000**0.5), rel=0.01)
