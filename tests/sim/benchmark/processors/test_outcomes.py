"""Laws of comparing outcomes."""

from __future__ import annotations

import pytest

from sim.benchmark.processors.outcomes import count_changed, drive_outcomes
from sim.results.plan import BLOCK_EPISODES


def test_an_episode_counts_as_changed_if_only_one_drive_succeeded():
    assert count_changed([True, True, False, False], [True, False, True, False]) == 2


@pytest.mark.slow
def test_the_same_process_drives_the_same_outcomes():
    first = drive_outcomes("straight", 1)
    assert len(first) == BLOCK_EPISODES
    assert first == drive_outcomes("straight", 1)
