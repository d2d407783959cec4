"""Laws of a row of the registry."""

from __future__ import annotations

import numpy as np

from sim.offline.metrics.episode import PredictedEpisode
from sim.offline.metrics.evidence import Evidence
from sim.offline.metrics.metric import of_each


def test_a_function_of_an_episode_becomes_one_of_the_evidence():
    episodes = tuple(PredictedEpisode(np.zeros((length, 3)), np.zeros((length, 3)), 10.0) for length in (3, 5))
    assert of_each(lambda episode: len(episode.labels))(Evidence(0.1, 1, episodes)).tolist() == [3, 5]
