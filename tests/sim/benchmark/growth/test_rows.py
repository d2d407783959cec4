"""Laws of the benchmark of a long run's parent process."""

from __future__ import annotations

import pytest
from rows import make_row

from sim.benchmark.growth.rows import SHARDS, STEPS, make_block_rows, make_plan, measure_rows, measure_step
from sim.results import read_run

DRIVEN = [make_row("straight", number, "success") for number in range(10)]


@pytest.mark.parametrize(("count", "size"), [(1, 20), (20, 20), (21, 40), (100_000, 100_000), (1_000_000, 1_000_000)])
def test_a_plan_has_at_least_so_many_episodes(count, size):
    plan = make_plan(count)
    assert len(plan.cells) * plan.episodes == size


def test_no_two_rows_are_equal():
    plan = make_plan(400)
    rows = [row for block in plan.blocks for row in make_block_rows(block, DRIVEN)]
    assert len({row.key for row in rows}) == len({row.digest for row in rows}) == len(rows) == 400
    assert 100 < sum(row.success for row in rows) < 300


def test_every_step_does_what_it_measures_and_shards_are_the_same_run(tmp_path):
    plan = make_plan(240)
    for name, step in STEPS.items():
        point = measure_step(step, tmp_path, plan, DRIVEN)
        assert (point.size, point.seconds > 0, point.memory_mb > 0) == (240, True, True), name
    alone, merged = read_run(tmp_path / "run"), read_run(tmp_path / "merged")
    assert alone.rows == merged.rows
    assert len(alone.rows) == 240
    assert alone.summary == merged.summary
    assert len(list((tmp_path / "parts").iterdir())) == SHARDS
    assert (tmp_path / "merged/episodes.parquet").is_file()
    assert (tmp_path / "run/report.html").is_file()


@pytest.mark.slow
def test_each_step_has_a_time_and_a_memory_at_two_sizes():
    found = list(measure_rows(400))
    steps = [name for step in STEPS for name in (f"time to {step}", f"memory to {step}")]
    assert list(dict.fromkeys(each.name for each in found))[: len(steps)] == steps
    assert [each.at for each in found] == [40, 400] * (len(found) // 2)
    assert all(each.value > 0 for each in found)
    sizes = {each.name: each.ratio for each in found}
    assert sizes["size of episodes.jsonl"] == pytest.approx(1, abs=0.05)
