"""Laws of the ledger."""

import pytest

from sim.benchmark.loop import ledger
from sim.benchmark.loop.ledger import measure_ledger
from sim.benchmark.loop.turn import STAGES, Entry


def test_a_ratio_is_the_median_of_the_turns_and_a_missing_limit_leaves_none():
    found = ledger._summarise("x", "ms/frame", [Entry(1.0, 0.5), Entry(30.0, 10.0), Entry(2.0, 0.5)])
    assert (found.value, found.limit, found.ratio) == (2000.0, 500.0, 3.0)
    assert ledger._summarise("x", "ms/frame", [Entry(1.0, 0.5), Entry(1.0)]).ratio is None


@pytest.mark.slow  # drives and films episodes
def test_the_stages_of_a_drive_add_up_to_it():
    found = {one.name.removeprefix("straight: "): one for one in measure_ledger("straight", repeats=1)}
    stages = [found[stage] for stage in STAGES if stage in found]
    assert sum(one.value for one in stages) == pytest.approx(found["the drive"].value)
    assert sum(one.limit or 0.0 for one in stages) == pytest.approx(found["the drive"].limit)
    assert found["physics, contacts and task"].ratio > 0.0
    assert found["drive and film"].value > found["the drive"].value
