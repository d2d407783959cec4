"""Laws of reading what ``sim.offline --out`` wrote."""

from __future__ import annotations

import json

import pytest

from scenarios.common.errors import InputError
from sim.offline.metrics.evidence import Cost
from sim.offline.metrics.results_file import read_offline_results
from sim.offline.metrics.score import ContestEntry, MetricScore
from sim.results.codec import to_json
from sim.results.summary.offline_score import OfflineScore

SCORE = OfflineScore("one", "corridor", "folder", episode_mae=(0.1, 0.2), episode_frames=(3, 4))
ENTRY = ContestEntry(
    "one", "corridor", "folder", (MetricScore("mae", "error", "", "smaller", ("labels",), "ours", Cost(4), 0.2),)
)


def test_scores_and_entries_come_back_as_they_were_written(tmp_path):
    file = tmp_path / "scores.json"
    file.write_text(json.dumps({"schema": 1, "offline": to_json([SCORE]), "metrics": to_json([ENTRY])}))
    assert read_offline_results(file) == ((SCORE,), (ENTRY,))


def test_results_without_offline_metrics_have_no_entries(tmp_path):
    file = tmp_path / "scores.json"
    file.write_text(json.dumps({"offline": []}))
    assert read_offline_results(file) == ((), ())


def test_another_file_is_refused(tmp_path):
    file = tmp_path / "other.json"
    file.write_text("{}")
    with pytest.raises(InputError, match=r"wasn't written by 'python -m sim.offline --out'"):
        read_offline_results(file)
