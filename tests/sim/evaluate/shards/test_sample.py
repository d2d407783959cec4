"""Laws of the sample of a run that is driven again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rows import make_row

from scenarios.common.errors import InputError
from sim.evaluate.shards.sample import sample_blocks
from sim.results.plan import RunPlan

PLAN = RunPlan(("good", "bad"), ("corridor",), 500, 0)
ROWS = [make_row(policy, number, "success") for policy in PLAN.policies for number in range(500)]


@pytest.mark.parametrize(("share", "blocks"), [(0.01, 1), (0.02, 2), (0.021, 3), (1.0, 100)])
def test_a_sample_is_so_many_whole_blocks_rounded_up(share, blocks):
    sample = sample_blocks(PLAN, ROWS, share)
    assert len(sample.select(PLAN.blocks)) == blocks
    assert sample.select([("good", "corridor")]) == ()


def test_the_sample_depends_on_every_row_and_on_nothing_else():
    first = sample_blocks(PLAN, ROWS, 0.1)
    assert sample_blocks(PLAN, ROWS[::-1], 0.1) == first
    assert sample_blocks(PLAN, [*ROWS[:-1], replace(ROWS[-1], digest="other")], 0.1) != first


def test_only_complete_blocks_are_drawn():
    for share in (0.01, 1.0):
        sample = sample_blocks(PLAN, ROWS[1:], share)
        assert PLAN.blocks[0] not in sample.blocks
    with pytest.raises(InputError, match="no block of episodes of the run is complete"):
        sample_blocks(PLAN, ROWS[:9], 0.5)
