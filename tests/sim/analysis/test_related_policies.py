"""Laws of related policies."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rows import FACTS, make_row

from sim.analysis.related_policies import find_related, select_distinct
from sim.results.plan import Cell
from sim.results.summary.agreement import RelatedPolicies

NAMES = ("a", "b", "c", "d")


def find(digests, weights=(None,) * 4, members=((),) * 4):
    facts = {
        name: replace(FACTS["good"], weights=hash_, members=of)
        for name, hash_, of in zip(NAMES, weights, members, strict=True)
    }
    by_cell = {
        Cell(name, "corridor"): {
            number: replace(make_row(name, number, "success"), digest=digest) for number, digest in enumerate(drives)
        }
        for name, drives in zip(NAMES, digests, strict=True)
    }
    return find_related(NAMES, by_cell, facts)


DIFFERENT = ["12", "34", "56", "78"]


def test_policies_with_equal_weights_are_copies():
    assert find(DIFFERENT, weights=("x", "y", None, "x")) == (RelatedPolicies(("a", "d"), "same weights"),)


def test_mixtures_of_the_same_members_are_no_copies_since_they_may_mix_them_differently():
    found = find(DIFFERENT, weights=("x", "x", "y", "y"), members=(("m", "n"), ("m", "n"), (), ()))
    assert found == (RelatedPolicies(("c", "d"), "same weights"), RelatedPolicies(("b", "a"), "mixture"))
    alike = find(["12", "12", "34", "56"], weights=("x", "x", None, None), members=(("m",), ("m",), (), ()))
    assert RelatedPolicies(("a", "b"), "same drives") in alike
    assert select_distinct(NAMES, found) == ("a", "c")


def test_policies_that_drive_alike_in_every_common_episode_are_copies():
    assert find(["123", "12", "133", "45"]) == (RelatedPolicies(("a", "b"), "same drives"),)


@pytest.mark.parametrize("digests", [[[None], [None], [None], [None]], [[], [], [], []]])
def test_unknown_drives_are_not_alike(digests):
    assert find(digests) == ()


def test_a_mixture_is_related_to_its_members_and_to_mixtures_of_the_same():
    members = (("b", "z"), (), ("z",), ("y",))
    found = find(DIFFERENT, members=members)
    assert found == (RelatedPolicies(("a", "b"), "mixture"), RelatedPolicies(("c", "a"), "mixture"))
    assert select_distinct(NAMES, found) == ("b", "d")


def test_members_stay_where_their_mixture_is_not_compared():
    related = [RelatedPolicies(("mix", "a", "b"), "mixture")]
    assert select_distinct(("a", "b", "c"), related) == ("a", "b", "c")
    assert select_distinct(("mix", "b", "c"), related) == ("b", "c")


def test_one_of_several_copies_stands_for_all_and_a_mixture_of_absent_policies_for_itself():
    related = (RelatedPolicies(("a", "c", "d"), "same drives"), RelatedPolicies(("b", "e"), "mixture"))
    assert select_distinct(NAMES, related) == ("a", "b")
    assert select_distinct(("c", "d"), related) == ("c",)
    assert select_distinct(NAMES, ()) == NAMES
