"""Laws of a block, in the real world."""

from __future__ import annotations

import pytest

from envs.simulation.lockstep import Lockstep
from policies.registry import make_policy
from scenarios.common.errors import InputError
from sim.evaluate.block import drive_block, film_block, make_row
from sim.results.codec import to_json
from sim.results.plan import BLOCK_EPISODES, UNPERTURBED, Block, Cell
from sim.results.row import column_names, video_path
from sim.rollout.episode import Outcome

pytestmark = pytest.mark.slow  # drives and films blocks of episodes


@pytest.fixture(scope="module")
def lockstep():
    made = Lockstep(BLOCK_EPISODES, renderer="auto")
    yield made
    made.close()


def drive(
    lockstep, tmp_path, policy="straight", first=0, count=3, video="none", perturbation=UNPERTURBED, latency_s=0.0
):
    heard = []
    block = Block(Cell(policy, "corridor", perturbation), 3, first, count)
    driven = drive_block(lockstep, make_policy(policy), block, heard.append, latency_s)
    film_block(lockstep, driven, tmp_path, video)
    return [episode.row for episode in driven], heard


def test_rows_come_in_order_with_every_column_and_each_was_told_as_it_ended(lockstep, tmp_path):
    rows, heard = drive(lockstep, tmp_path)
    assert [row.episode for row in rows] == [0, 1, 2]
    assert all(tuple(to_json(row)) == column_names() for row in rows)
    assert sorted(heard, key=lambda row: row.episode) == rows
    assert [row.steps for row in heard] == sorted(row.steps for row in rows)
    assert all(row.digest and row.metrics["time_s"] == pytest.approx(row.steps / 10) for row in rows)


def test_an_episode_is_the_same_to_the_bit_whatever_was_driven_before_and_beside_it(lockstep, tmp_path):
    few, _ = drive(lockstep, tmp_path, count=2)
    drive(lockstep, tmp_path, policy="expert", first=10, count=1)
    many, _ = drive(lockstep, tmp_path, count=4)
    assert [row.digest for row in few] == [row.digest for row in many[:2]]
    assert len({row.digest for row in many}) == 4


def test_filming_changes_no_episode_and_leaves_a_file_per_video(lockstep, tmp_path):
    plain, _ = drive(lockstep, tmp_path, count=1)
    assert list(tmp_path.iterdir()) == []
    filmed, _ = drive(lockstep, tmp_path, count=1, video="all")
    assert filmed[0].digest == plain[0].digest
    assert (tmp_path / video_path(filmed[0])).stat().st_size > 1000


def test_a_perturbed_block_is_another_drive_and_the_same_each_time(lockstep, tmp_path):
    plain, _ = drive(lockstep, tmp_path, count=2)
    disturbed, _ = drive(lockstep, tmp_path, count=2, perturbation="lighting=3")
    again, _ = drive(lockstep, tmp_path, count=2, perturbation="lighting=3")
    assert {row.perturbation for row in disturbed} == {"lighting=3"}
    assert [row.digest for row in disturbed] == [row.digest for row in again]
    assert not {row.digest for row in disturbed} & {row.digest for row in plain}
    # Who looks at nothing drives the same way in any light: the pictures alone are others.
    assert [row.metrics["path_m"] for row in disturbed] == [row.metrics["path_m"] for row in plain]


def test_thinking_makes_the_expert_late_and_is_part_of_what_a_drive_is(lockstep, tmp_path):
    prompt, _ = drive(lockstep, tmp_path, policy="expert", count=1)
    slow, _ = drive(lockstep, tmp_path, policy="expert", count=1, latency_s=0.2)
    again, _ = drive(lockstep, tmp_path, policy="expert", count=1, latency_s=0.2)
    axis, _ = drive(lockstep, tmp_path, policy="expert", count=1, perturbation="latency=1", latency_s=0.1)
    assert slow[0].digest == again[0].digest == axis[0].digest
    assert slow[0].digest != prompt[0].digest
    assert slow[0].metrics["on_policy_mae"] > 2.0 * prompt[0].metrics["on_policy_mae"]


def test_a_perturbation_that_is_none_is_refused(lockstep, tmp_path):
    with pytest.raises(InputError, match="did you mean 'lighting'"):
        drive(lockstep, tmp_path, count=1, perturbation="lightning=1")


def test_a_row_is_made_of_its_episode_alone(lockstep, tmp_path):
    policy = make_policy("straight")
    driven = drive_block(lockstep, policy, Block(Cell("straight", "corridor"), 3, 0, 2), lambda row: None)
    for world, trace, row in driven:
        outcome = Outcome(row.status, row.steps, row.error)
        assert make_row(row.cell, world, outcome, trace, row.digest) == row
        assert row.phrase == world.phrase is not None


def test_the_numbers_of_what_was_filmed_are_told(lockstep, tmp_path):
    block = Block(Cell("straight", "corridor"), 3, 4, 1)
    driven = drive_block(lockstep, make_policy("straight"), block, lambda row: None)
    assert film_block(lockstep, driven, tmp_path, "none") == []
    assert film_block(lockstep, driven, tmp_path, "all") == [4]
    assert sorted(path.name for path in (tmp_path / "videos").iterdir()) == sorted(
        video_path(row).removeprefix("videos/") for _, _, row in driven
    )
