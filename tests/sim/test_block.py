"""Laws of a block, in the real world."""

from __future__ import annotations

import pytest

from envs.lockstep import Lockstep
from policies.registry import make_policy
from sim.block import run_block, weights_hash
from sim.plan import BLOCK_EPISODES, Block, Cell
from sim.row import COLUMNS


@pytest.fixture(scope="module")
def lockstep():
    made = Lockstep(BLOCK_EPISODES, renderer="auto")
    yield made
    made.close()


def drive(lockstep, tmp_path, policy="straight", first=0, count=3, video="none"):
    heard = []
    block = Block(Cell(policy, "corridor"), 3, first, count)
    rows = run_block(lockstep, make_policy(policy), block, tmp_path, video, heard.append)
    return rows, heard


def test_rows_come_in_order_with_every_column_and_each_was_told_as_it_ended(lockstep, tmp_path):
    rows, heard = drive(lockstep, tmp_path)
    assert [row["episode"] for row in rows] == [0, 1, 2]
    assert all(tuple(row) == COLUMNS for row in rows)
    assert sorted(heard, key=lambda row: row["episode"]) == rows
    assert [row["steps"] for row in heard] == sorted(row["steps"] for row in rows)
    assert all(row["digest"] and row["time_s"] == pytest.approx(row["steps"] / 10) for row in rows)


def test_an_episode_is_the_same_to_the_bit_whatever_was_driven_before_and_beside_it(lockstep, tmp_path):
    few, _ = drive(lockstep, tmp_path, count=2)
    drive(lockstep, tmp_path, policy="expert", first=10, count=1)
    many, _ = drive(lockstep, tmp_path, count=4)
    assert [row["digest"] for row in few] == [row["digest"] for row in many[:2]]
    assert len({row["digest"] for row in many}) == 4


def test_filming_changes_no_episode_and_leaves_a_file_per_video(lockstep, tmp_path):
    plain, _ = drive(lockstep, tmp_path, count=1)
    (tmp_path / "videos").mkdir()
    filmed, _ = drive(lockstep, tmp_path, count=1, video="all")
    assert filmed[0]["digest"] == plain[0]["digest"]
    assert (tmp_path / filmed[0]["video"]).stat().st_size > 1000
    assert plain[0]["video"] is None


def test_the_weights_hash_tells_weights_apart_and_scripts_have_none():
    import torch

    class Holder:
        def __init__(self, model) -> None:
            self.model = model

    with torch.random.fork_rng():
        torch.manual_seed(0)
        a, b = torch.nn.Linear(3, 2), torch.nn.Linear(3, 2)
    first = weights_hash(Holder(a))
    assert first == weights_hash(Holder(a))
    assert first != weights_hash(Holder(b))
    assert first != weights_hash(Holder(a.half()))
    assert weights_hash(make_policy("zero")) is None
