"""Laws of growth over a run's results."""

import pytest

from sim.benchmark.growth import results
from sim.benchmark.growth.results import drive_rows, measure_results


@pytest.mark.slow  # drives a block
def test_every_part_is_measured_on_as_many_different_rows(monkeypatch):
    kept = []
    before = results.write_parquet
    monkeypatch.setattr(results, "write_parquet", lambda path, rows: kept.extend(rows) or before(path, rows))
    found = measure_results(drive_rows(), 25)
    assert list(found) == ["rows written", "rows read again", "table", "report", "summary"]
    assert all(point.size == 25 and point.seconds > 0.0 for point in found.values())
    assert [row.episode for row in kept] == list(range(25))
    assert len({row.metrics["path_m"] for row in kept}) == 25
