"""Laws of evidence and its cost."""

from __future__ import annotations

from sim.offline.metrics.evidence import NEEDS, Cost


def test_costs_add_up():
    assert Cost(1, 2, 3, 0.5) + Cost(10, 20, 30, 0.25) == Cost(11, 22, 33, 0.75)


def test_labels_come_first_as_most_other_parts_need_them():
    assert NEEDS[0] == "labels"
