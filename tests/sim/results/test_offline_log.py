"""Laws of what outlives a killed run."""

from __future__ import annotations

from sim.results.offline_log import JOURNAL, Journal


def test_entries_come_back_in_order_also_after_a_half_written_one(tmp_path):
    journal = Journal(tmp_path)
    assert journal.entries() == []
    journal.add({"policy": "a"})
    journal.add({"policy": "b"})
    with (tmp_path / JOURNAL).open("a") as stream:
        stream.write('{"policy": "c')
    assert Journal(tmp_path).entries() == [{"policy": "a"}, {"policy": "b"}]
    journal.add({"policy": "d"})
    assert Journal(tmp_path).entries() == [{"policy": "a"}, {"policy": "b"}, {"policy": "d"}]


def test_closing_leaves_nothing(tmp_path):
    journal = Journal(tmp_path)
    journal.close()
    journal.add({})
    journal.close()
    assert list(tmp_path.iterdir()) == []
