"""Laws of timing a drive: its stages add up to it, and it drives what an evaluation drives."""

import pytest

from envs.simulation.lockstep import Lockstep
from policies.registry import make_policy
from sim.benchmark.loop import drive
from sim.benchmark.loop.drive import make_block, time_drive
from sim.evaluate.block import drive_block

pytestmark = pytest.mark.slow  # drives episodes


@pytest.fixture(scope="module")
def lockstep():
    block = Lockstep(10)
    yield block
    block.close()


def test_timing_changes_no_episode_and_every_stage_takes_time(lockstep):
    block = make_block("straight", 0)
    times = time_drive(lockstep, make_policy("straight"), block)
    untimed = drive_block(lockstep, make_policy("straight"), block, lambda row: None)
    assert [episode.row.digest for episode in times.driven] == [episode.row.digest for episode in untimed]
    assert times.observations == sum(episode.row.steps for episode in times.driven) > 0
    expected = {drive.SET_UP, drive.PHYSICS, drive.PICTURE, drive.INFERENCE, drive.TRACE, drive.DIGEST, drive.ROW}
    assert set(times.seconds) == {*expected, drive.REST}
    assert all(times.seconds[stage] > 0.0 for stage in expected)
    assert times.total_s == pytest.approx(sum(times.seconds.values()))


def test_blocks_are_numbered_one_after_the_other():
    assert [make_block("zero", number).first for number in range(3)] == [0, 10, 20]
