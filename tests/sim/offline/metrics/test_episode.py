"""Laws of a recorded episode with predictions."""

from __future__ import annotations

import numpy as np
import pytest

from sim.offline.metrics.episode import PredictedEpisode


def test_errors_are_in_double_precision_and_axes_are_found_by_name():
    labels = np.array([[0.1, 0.2]], np.float32)
    episode = PredictedEpisode(labels, labels + np.float32(0.5), 5.0, ("vx", "wz"))
    assert episode.errors.dtype == np.float64
    assert episode.label("wz") == pytest.approx([0.2])
    assert episode.prediction("wz") == pytest.approx([0.7])


def test_a_time_is_at_least_one_frame():
    episode = PredictedEpisode(np.zeros((1, 3)), np.zeros((1, 3)), 2.0)
    assert (episode.count_frames(2.0), episode.count_frames(0.1)) == (4, 1)
