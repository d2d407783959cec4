"""Laws of what outlives a killed run."""

from __future__ import annotations

from sim.results.offline_log import OFFLINE_LOG, OfflineScoreLog


def test_entries_come_back_in_order_also_after_a_half_written_one(tmp_path):
    journal = OfflineScoreLog(tmp_path)
    assert journal.entries() == []
    journal.add({"policy": "a"})
    journal.add({"policy": "b"})
    with (tmp_path / OFFLINE_LOG).open("a") as stream:
        stream.write('{"policy": "c')
    assert OfflineScoreLog(tmp_path).entries() == [{"policy": "a"}, {"policy": "b"}]
    journal.add({"policy": "d"})
    assert OfflineScoreLog(tmp_path).entries() == [{"policy": "a"}, {"policy": "b"}, {"policy": "d"}]


def test_closing_leaves_nothing(tmp_path):
    journal = OfflineScoreLog(tmp_path)
    journal.delete()
    journal.add({})
    journal.delete()
    assert list(tmp_path.iterdir()) == []
