"""Laws of the score by an offline metric."""

from __future__ import annotations

import json

from sim.offline.metrics.evidence import Cost
from sim.offline.metrics.score import ContestEntry, MetricScore
from sim.results.codec import from_json, to_json


def test_a_score_survives_json():
    score = MetricScore(
        "mae", "error", "", "smaller", ("labels",), "ours", Cost(4, 0, 0, 0.1), 0.2, episodes=(0.2, None)
    )
    entry = ContestEntry("one", None, "folder", (score,))
    assert from_json(ContestEntry, json.loads(json.dumps(to_json(entry))), "here") == entry
