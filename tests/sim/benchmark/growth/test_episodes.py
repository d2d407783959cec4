"""Laws of growth over episodes: short episodes without pictures, otherwise as in an evaluation."""

import pytest

from sim.benchmark.growth.episodes import TIME_LIMIT_S, BlankRenderer, measure_episodes
from sim.benchmark.growth.results import drive_rows


@pytest.mark.slow  # drives episodes
def test_short_episodes_have_complete_rows():
    rows = drive_rows()
    assert [row.episode for row in rows] != []
    assert sorted(row.episode for row in rows) == list(range(10))
    assert all(1 <= row.steps <= TIME_LIMIT_S * 10 + 1 and row.digest and row.metrics for row in rows)


@pytest.mark.slow  # drives episodes
def test_each_size_adds_the_episodes_that_are_missing():
    first, second = measure_episodes((3, 14))
    assert (first.size, second.size) == (3, 14)
    assert 0.0 < first.seconds < second.seconds
    assert 0.0 < first.memory_mb <= second.memory_mb


def test_blank_pictures_are_black():
    assert not BlankRenderer().render_rgb([None, None]).any()
