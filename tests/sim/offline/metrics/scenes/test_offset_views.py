"""Laws of pseudo-simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from driven_scenes import make_scene

from sim.offline.metrics.episode import PredictedEpisode
from sim.offline.metrics.scenes import offset_views
from sim.offline.metrics.scenes.offset_views import OffsetViews


@pytest.fixture(scope="module")
def driven():
    return make_scene(frames=30)


def views_at(scene, offsets, labels, predictions):
    poses = np.array([scene.poses[20] + [0.0, aside, 0.0] for aside in offsets])
    count = len(offsets)
    return OffsetViews(np.zeros(count, int), np.full(count, 20), poses, np.array(labels), np.array(predictions))


def test_the_error_over_views_is_that_by_hand(driven):
    scene, _ = driven
    views = views_at(scene, [0.0, 0.1], [[0.5, 0, 0], [0.5, 0, 0]], [[0.2, 0, 0], [0.5, 0, 0.6]])
    assert offset_views.measure_offset_error(views) == pytest.approx((0.1 + 0.2) / 2)


def test_views_weigh_by_their_distance_from_where_the_predictions_lead_by_hand(driven):
    scene, actions = driven
    still = PredictedEpisode(actions, 0.0 * actions, 10.0)  # leads nowhere: to the pose of frame 0
    views = views_at(scene, [0.0, 0.0], np.zeros((2, 3)), [[0.3, 0, 0], [0.6, 0, 0]])
    views = views._replace(poses=np.array([scene.poses[0], scene.poses[0] + [0.5, 0.0, 0.0]]))
    far = math.exp(-0.5)  # one standard deviation away
    weights = offset_views.weigh_views(still, scene, views, np.arange(2))
    assert weights == pytest.approx([1 / (1 + far), far / (1 + far)])
    assert offset_views.measure_led_error(still, scene, views) == pytest.approx((0.1 + 0.2 * far) / (1 + far))


def test_far_away_views_still_weigh_something(driven):
    scene, actions = driven
    views = views_at(scene, [0.0, 0.1], np.zeros((2, 3)), np.zeros((2, 3)))
    views = views._replace(poses=np.add(views.poses, [1000.0, 0.0, 0.0]))
    weights = offset_views.weigh_views(PredictedEpisode(actions, actions, 10.0), scene, views, np.arange(2))
    assert weights.sum() == pytest.approx(1.0)


def test_who_answers_as_the_expert_everywhere_has_the_full_score(driven):
    scene, actions = driven
    views = views_at(scene, [0.0], actions[20:21], actions[20:21])
    expert = PredictedEpisode(actions, actions, 10.0)
    assert offset_views.measure_pseudo_simulation(expert, scene, views) == 1.0


def test_both_stages_multiply(driven):
    scene, actions = driven
    still = np.zeros((1, 3))
    views = views_at(scene, [0.0], actions[20:21], still)
    alone = offset_views.measure_pseudo_simulation(PredictedEpisode(actions, actions, 10.0), scene, views)
    assert alone == pytest.approx(7 / 12)  # standing still keeps all but progress
    both = offset_views.measure_pseudo_simulation(PredictedEpisode(actions, 0.0 * actions, 10.0), scene, views)
    assert both == pytest.approx((7 / 12) ** 2)


def test_without_views_there_is_no_value(driven):
    scene, actions = driven
    none = OffsetViews(np.zeros(0, int), np.zeros(0, int), *[np.zeros((0, 3))] * 3)
    episode = PredictedEpisode(actions, actions, 10.0)
    assert math.isnan(offset_views.measure_offset_error(none))
    assert math.isnan(offset_views.measure_led_error(episode, scene, none))
    assert math.isnan(offset_views.measure_pseudo_simulation(episode, scene, none))
