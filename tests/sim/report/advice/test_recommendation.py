"""Laws of the choice: the highest success within the limits, and what the data can't tell from it."""

from __future__ import annotations

import pytest
from advised import candidate

from sim.report.advice.needs import Need
from sim.report.advice.recommendation import Limits, describe_limits, recommend_policy

BEST = Need("best")
NO_LIMITS = Limits()


def test_the_highest_success_is_recommended_with_its_interval():
    found = recommend_policy(BEST, [candidate("low", 10), candidate("high", 36)], NO_LIMITS)
    assert found.policy.name == "high"
    assert (found.success.k, found.success.n, found.considered) == (36, 40, 2)
    assert found.success.low < 0.9 < found.success.high


def test_what_the_episodes_do_not_tell_from_it_is_named_with_its_paired_difference():
    close, far = candidate("close", 34), candidate("far", 10)
    found = recommend_policy(BEST, [far, close, candidate("high", 36)], NO_LIMITS)
    assert [rival.name for rival in found.rivals] == ["close"]
    assert found.rivals[0].difference.difference == pytest.approx(-2 / 40)
    assert found.rivals[0].difference.low < -0.05 < found.rivals[0].difference.high


def test_the_more_policies_there_are_the_more_it_takes_to_tell_them_apart():
    high, other = candidate("high", set(range(40))), candidate("other", set(range(34)))
    assert not recommend_policy(BEST, [high, other], NO_LIMITS).rivals  # six of six episodes differ: mid-p 0.016
    many = [high, *(candidate(f"other-{n}", set(range(34))) for n in range(4))]
    assert len(recommend_policy(BEST, many, NO_LIMITS).rivals) == 4


def test_of_equally_successful_policies_the_smaller_is_recommended():
    found = recommend_policy(BEST, [candidate("a", 30, size_mb=8.0), candidate("b", 30, size_mb=4.0)], NO_LIMITS)
    assert found.policy.name == "b"
    assert [rival.name for rival in found.rivals] == ["a"]


def test_balanced_is_the_smallest_that_can_not_be_told_from_the_best():
    need = Need("balanced", smallest=True)
    policies = [
        candidate("big", 36, size_mb=9.0),
        candidate("small", 35, size_mb=2.0),
        candidate("tiny", 5, size_mb=1.0),
    ]
    found = recommend_policy(need, policies, NO_LIMITS)
    assert found.policy.name == "small"
    assert [rival.name for rival in found.rivals] == ["big"]


def test_what_is_recommended_in_place_of_the_best_has_its_own_rivals():
    """The peer is worse than the best, and not told from the small one, which is recommended."""
    policies = [
        candidate("big", set(range(80)), size_mb=9.0, episodes=100),
        candidate("small", set(range(76)), size_mb=2.0, episodes=100),
        candidate("peer", set(range(72)), size_mb=5.0, episodes=100),
    ]
    assert [each.name for each in recommend_policy(BEST, policies, NO_LIMITS).rivals] == ["small"]
    found = recommend_policy(Need("balanced", smallest=True), policies, NO_LIMITS)
    assert (found.policy.name, [rival.name for rival in found.rivals]) == ("small", ["big", "peer"])


@pytest.mark.parametrize(
    ("limits", "name"),
    [
        (Limits(size_mb=5.0), "small"),
        (Limits(latency_s=0.01), "fast"),
        (NO_LIMITS, "best"),
        (Limits(size_mb=1.0), None),
    ],
)
def test_limits_hold_for_every_need(limits, name):
    policies = [
        candidate("best", 36, size_mb=20.0),
        candidate("small", 30, size_mb=5.0),
        candidate("fast", 20, size_mb=20.0, latency_s=0.01),
        candidate("untimed", 36, size_mb=20.0, latency_s=None),
    ]
    found = recommend_policy(BEST, policies[:3] if limits == NO_LIMITS else policies, limits)
    assert (found.policy and found.policy.name) == name
    assert bool(found.reason) == (name is None)


def test_a_size_that_is_not_known_keeps_no_limit_and_is_never_the_smallest():
    policies = [candidate("unknown", 36, size_mb=None), candidate("known", 35, size_mb=9.0)]
    assert recommend_policy(BEST, policies, NO_LIMITS).policy.name == "unknown"
    assert recommend_policy(BEST, policies, Limits(size_mb=10.0)).policy.name == "known"
    assert recommend_policy(Need("balanced", smallest=True), policies, NO_LIMITS).policy.name == "known"


def test_scenarios_that_are_asked_for_replace_those_of_a_need():
    cells = (("corridor", "none"), ("doorway", "none"))
    one = candidate("one", 40, cells=cells)
    success = {key: won and key[0] == "doorway" for key, won in one.success.items()}
    other = candidate("other", 30, cells=cells)
    policies = [type(one)("one", one.facts, 4.0, 0.02, success), other]
    tight = Need("tight", scenarios=("doorway",))
    found = recommend_policy(tight, policies, NO_LIMITS)
    assert (found.policy.name, found.scenarios) == ("one", ("doorway",))
    found = recommend_policy(tight, policies, Limits(scenarios=("corridor",)))
    assert (found.policy.name, found.scenarios) == ("other", ("corridor",))


def test_limits_are_described_where_there_are_any():
    assert describe_limits(NO_LIMITS) == []
    said = "limits for every need: weights up to 20 MB, an answer within 0.5 s, episodes of corridor and doorway"
    assert describe_limits(Limits(20.0, 0.5, ("corridor", "doorway"))) == [said]


def test_a_policy_that_did_not_drive_all_its_episodes_is_not_recommended():
    found = recommend_policy(BEST, [candidate("whole", 5), candidate("part", 20, episodes=20)], NO_LIMITS)
    assert (found.policy.name, found.considered) == ("whole", 1)


@pytest.mark.parametrize(
    ("need", "limits", "reason"),
    [
        (BEST, NO_LIMITS, "no policy that drove all its episodes ever succeeded"),
        (BEST, Limits(size_mb=9.0), "no policy that keeps the limits ever succeeded"),
        (Need("small", "up to 9 MB"), NO_LIMITS, "no policy that keeps the limits ever succeeded"),
        (BEST, Limits(size_mb=1.0), "no policy that drove all its episodes keeps the limits"),
    ],
)
def test_a_policy_without_a_single_success_is_no_candidate(need, limits, reason):
    failing, other = candidate("failing", 0, size_mb=2.0), candidate("other", 0)
    found = recommend_policy(need, [failing, other], limits)
    assert (found.policy, found.considered, found.reason) == (None, 0, reason)


def test_a_policy_that_never_succeeded_is_neither_recommended_as_the_smallest_nor_a_rival():
    """One success of 40 and none can't be told apart by the data."""
    policies = [candidate("lucky", 1, size_mb=9.0), candidate("failing", 0, size_mb=2.0)]
    found = recommend_policy(Need("balanced", smallest=True), policies, NO_LIMITS)
    assert (found.policy.name, found.rivals, found.considered) == ("lucky", (), 1)


def test_only_successes_in_the_episodes_that_count_make_a_candidate():
    policies = [candidate("a", 5, cells=(("corridor", "none"), ("corridor", "lighting=2")))]
    success = {key: won and key[1] == "none" for key, won in policies[0].success.items()}
    failing = [type(policies[0])("a", policies[0].facts, 4.0, 0.02, success)]
    robust = Need("robust", perturbed=True)
    assert recommend_policy(robust, policies, NO_LIMITS).policy.name == "a"
    assert recommend_policy(robust, failing, NO_LIMITS).policy is None
    assert recommend_policy(BEST, failing, NO_LIMITS).policy.name == "a"


@pytest.mark.parametrize(
    ("need", "reason"),
    [
        (Need("tight", scenarios=("doorway", "clutter")), "the run has no episodes in doorway or clutter"),
        (Need("robust", perturbed=True), "the run has no episodes under perturbations"),
    ],
)
def test_without_the_episodes_of_a_need_there_is_no_advice(need, reason):
    assert recommend_policy(need, [candidate("a", 5)], NO_LIMITS).reason == reason
