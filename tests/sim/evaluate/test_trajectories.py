"""Laws of the trajectories of a run: every step once, in the order of the plan, however the run was made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from rows import MANIFEST, make_row
from traces import make_trace, poses_of

from sim.evaluate.trajectories import GROUP_ROWS, NUMBERS, merge_trajectories, write_trajectories
from sim.results.folder import EpisodeRows
from sim.results.plan import RunPlan
from sim.rollout.episode import Episode

STEPS = 3


def plan_of(episodes: int) -> RunPlan:
    return RunPlan(("good", "bad"), ("corridor",), episodes, 0)


def trace_of(number: int, shift: float = 0.0):
    poses = poses_of(x=lambda t: t + number + shift, seconds=STEPS / 10)
    return make_trace(
        poses,
        episode=Episode("corridor", 0, number),
        actions=np.full((STEPS, 3), (0.5, 0.0, -0.5), np.float32),
        labels=np.full((STEPS, 3), (1.0, 0.0, 0.25), np.float32),
        clearance_m=np.linspace(1.0, 0.7, STEPS + 1),
    )


def write_parts(out: Path, blocks, shift: float = 0.0) -> None:
    for block in blocks:
        write_trajectories(out, block, [trace_of(episode.number, shift) for episode in block.episodes])


def rows_of(plan: RunPlan, blocks=None) -> EpisodeRows:
    """The rows of some blocks of a plan, of all by default."""
    rows = EpisodeRows(MANIFEST)
    rows.append(
        make_row(block.cell.policy, episode.number, "success")
        for block in (plan.blocks if blocks is None else blocks)
        for episode in block.episodes
    )
    return rows


def read(out: Path):
    return pq.read_table(out / "trajectories.parquet")


def test_each_state_is_a_row_with_its_command_and_the_experts(tmp_path):
    plan = plan_of(2)
    write_parts(tmp_path, plan.blocks)
    merge_trajectories(tmp_path, plan, rows_of(plan))
    table = read(tmp_path)
    assert table.column_names == ["policy", "scenario", "perturbation", "episode", "step", *NUMBERS]
    assert {str(table.schema.field(name).type) for name in NUMBERS} == {"float"}
    first, last = table.to_pylist()[0], table.to_pylist()[STEPS]
    assert first["policy"] == "good"
    assert [first[name] for name in ("step", "time_s", "x_m", "vx", "wz", "expert_vx", "expert_wz", "clearance_m")] == [
        0, 0.0, 0.0, 0.5, -0.5, 1.0, 0.25, 1.0,
    ]  # fmt: skip
    assert (last["step"], last["vx"], last["expert_vx"]) == (STEPS, None, None)
    assert last["time_s"] == pytest.approx(STEPS / 10)
    assert last["clearance_m"] == pytest.approx(0.7)
    assert [path.name for path in tmp_path.iterdir()] == ["trajectories.parquet"]


def test_blocks_stand_in_the_order_of_the_plan_whichever_ended_first(tmp_path):
    plan = plan_of(12)
    write_parts(tmp_path, reversed(plan.blocks))
    merge_trajectories(tmp_path, plan, rows_of(plan))
    table = read(tmp_path)
    wanted = [(policy, number) for policy in plan.policies for number in range(12) for _ in range(STEPS + 1)]
    assert list(zip(table["policy"].to_pylist(), table["episode"].to_pylist(), strict=True)) == wanted


def test_an_unfinished_block_waits_for_its_rows(tmp_path):
    plan = plan_of(12)
    write_parts(tmp_path, plan.blocks)
    merge_trajectories(tmp_path, plan, rows_of(plan, plan.blocks[1:]))
    assert len(read(tmp_path)) == 14 * (STEPS + 1)
    merge_trajectories(tmp_path, plan, rows_of(plan))
    assert len(read(tmp_path)) == 24 * (STEPS + 1)


@pytest.mark.parametrize("episodes", [5, 10, 12, 20])
def test_an_extended_run_has_the_table_of_a_run_made_at_once(tmp_path, episodes):
    for folder in ("extended", "at-once"):
        (tmp_path / folder).mkdir()
    short, long = plan_of(episodes), plan_of(25)
    write_parts(tmp_path / "extended", short.blocks)
    merge_trajectories(tmp_path / "extended", short, rows_of(short))
    pending = [block for block in long.blocks if not rows_of(short).has_block(block)]
    write_parts(tmp_path / "extended", pending)
    merge_trajectories(tmp_path / "extended", long, rows_of(long))
    write_parts(tmp_path / "at-once", long.blocks)
    merge_trajectories(tmp_path / "at-once", long, rows_of(long))
    assert read(tmp_path / "extended").to_pylist() == read(tmp_path / "at-once").to_pylist()


def test_a_block_that_was_driven_again_replaces_its_trajectories_and_merging_may_be_repeated(tmp_path):
    plan = plan_of(12)
    write_parts(tmp_path, plan.blocks)
    merge_trajectories(tmp_path, plan, rows_of(plan))
    write_parts(tmp_path, plan.blocks[1:2], shift=100.0)
    parts = [(path, path.read_bytes()) for path in (tmp_path / "trajectories").iterdir()]
    merge_trajectories(tmp_path, plan, rows_of(plan))
    once = read(tmp_path).to_pylist()
    (tmp_path / "trajectories").mkdir()
    for path, content in parts:  # as if it had been interrupted before they were deleted
        path.write_bytes(content)
    merge_trajectories(tmp_path, plan, rows_of(plan))
    assert read(tmp_path).to_pylist() == once
    assert [row["x_m"] for row in once if row["step"] == 0][9:13] == [9.0, 110.0, 111.0, 0.0]


def test_a_row_group_holds_many_blocks_and_few_bytes_a_row(tmp_path, monkeypatch):
    monkeypatch.setattr("sim.evaluate.trajectories.GROUP_ROWS", 50)
    plan = plan_of(40)
    write_parts(tmp_path, plan.blocks)
    merge_trajectories(tmp_path, plan, rows_of(plan))
    write_parts(tmp_path, plan.blocks[3:4])
    merge_trajectories(tmp_path, plan, rows_of(plan))
    with pq.ParquetFile(tmp_path / "trajectories.parquet") as file:
        assert file.num_row_groups == 80 * (STEPS + 1) // 80
        assert file.metadata.num_rows == 80 * (STEPS + 1)
        assert file.metadata.row_group(0).column(5).compression == "ZSTD"
    assert GROUP_ROWS > 1000


def test_a_run_without_parts_has_no_table(tmp_path):
    plan = plan_of(2)
    merge_trajectories(tmp_path, plan, rows_of(plan))
    assert list(tmp_path.iterdir()) == []
