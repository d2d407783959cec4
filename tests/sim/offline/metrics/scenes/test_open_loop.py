"""Laws of the open-loop driving score."""

from __future__ import annotations

import math

import numpy as np
import pytest
from driven_scenes import make_scene

from sim.offline.metrics.episode import PredictedEpisode
from sim.offline.metrics.scenes import open_loop
from sim.offline.metrics.scenes.open_loop import Terms


@pytest.fixture(scope="module")
def driven():
    return make_scene(frames=30)


def made(actions, predictions):
    return PredictedEpisode(actions, predictions, 10.0)


def test_the_expert_has_the_full_score(driven):
    scene, actions = driven
    assert open_loop.measure_open_loop_score(open_loop.score_episode(made(actions, actions), scene)) == 1.0


def test_standing_still_keeps_all_but_progress(driven):
    scene, actions = driven
    assert open_loop.measure_open_loop_score(
        open_loop.score_episode(made(actions, 0.0 * actions), scene)
    ) == pytest.approx(7 / 12)


def test_driving_into_a_wall_scores_nothing(driven):
    scene, actions = driven
    aside = np.tile([0.0, 1.0, 0.0], (30, 1))
    roll = open_loop.score_from(made(actions, aside), scene, 0)
    assert (roll.score, roll.contact) == (0.0, True)


def rated(monkeypatch, own, expert):
    found = iter([own, expert])
    monkeypatch.setattr(open_loop, "rate_roll", lambda rolled, scene: next(found))
    return open_loop.score_rolls(None, None, None)


FINE = Terms(no_contact=True, no_near_contact=True, comfortable=True, progress_m=2.0)


@pytest.mark.parametrize(
    ("own", "by_hand"),
    [
        (FINE, 1.0),
        (FINE._replace(no_near_contact=False), 7 / 12),
        (FINE._replace(comfortable=False), 10 / 12),
        (FINE._replace(progress_m=0.5), (5 + 5 * 0.25 + 2) / 12),
        (FINE._replace(progress_m=-1.0), 7 / 12),
        (FINE._replace(progress_m=9.0), 1.0),
        (FINE._replace(no_contact=False), 0.0),
    ],
)
def test_terms_are_weighted_by_hand(monkeypatch, own, by_hand):
    assert rated(monkeypatch, own, FINE).score == pytest.approx(by_hand)


def test_what_the_expert_fails_too_counts_as_fulfilled(monkeypatch):
    bad = Terms(no_contact=False, no_near_contact=False, comfortable=False, progress_m=0.0)
    assert rated(monkeypatch, bad, bad) == (1.0, False, 1.0)


def test_jerks_and_near_contacts_are_seen(driven):
    scene, actions = driven
    jerky = actions.copy()
    jerky[1, 2] += 0.6
    period_s = 0.1
    assert not open_loop.rate_roll(open_loop.roll_from(jerky, scene.poses[0], 0, period_s), scene).comfortable
    clearance = float(scene.measure_clearance(scene.poses[:1, :2], [0])[0])
    aside = np.tile([0.0, 1.0, 0.0], (2, 1))  # 0.23 m, then up to 1.15 m more
    terms = open_loop.rate_roll(open_loop.roll_from(aside, scene.poses[0], 0, period_s), scene)
    assert terms.no_contact == (clearance > 0.23)
    assert not terms.no_near_contact


def test_an_episode_too_short_has_no_score(driven):
    scene, actions = driven
    short = made(actions[:5], actions[:5])
    assert list(open_loop.list_anchors(short)) == []
    assert math.isnan(open_loop.measure_open_loop_score(open_loop.score_episode(short, scene)))
    assert list(open_loop.list_anchors(made(actions, actions))) == [0, 10, 20]


def test_contacts_and_progress_are_means_over_rolls_by_hand():
    rolls = [open_loop.RollScore(0.0, True, 0.4), open_loop.RollScore(1.0, False, 1.0)]
    assert open_loop.measure_open_loop_score(rolls) == 0.5
    assert open_loop.measure_contacts(rolls) == 0.5
    assert open_loop.measure_rolled_progress(rolls) == pytest.approx(0.7)
