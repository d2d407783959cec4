"""Laws of what outlives a killed run."""

from __future__ import annotations

from rows import make_offline

from sim.evaluate.run.offline_log import OFFLINE_LOG, OfflineScoreLog

A, B, D = make_offline("a", 0.1), make_offline("b", None), make_offline("d", 0.2)


def test_scores_come_back_in_order_also_after_a_half_written_one(tmp_path):
    journal = OfflineScoreLog(tmp_path)
    assert journal.read_scores() == []
    journal.add(A)
    journal.add(B)
    with (tmp_path / OFFLINE_LOG).open("a") as stream:
        stream.write('{"policy": "c')
    assert OfflineScoreLog(tmp_path).read_scores() == [A, B]
    journal.add(D)
    assert OfflineScoreLog(tmp_path).read_scores() == [A, B, D]


def test_closing_leaves_nothing(tmp_path):
    journal = OfflineScoreLog(tmp_path)
    journal.delete()
    journal.add(A)
    journal.delete()
    assert list(tmp_path.iterdir()) == []
