"""Laws of a block, in the real world."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path

import pytest

from envs.simulation.lockstep import Lockstep
from envs.simulation.simulation import CONTROL_PERIOD_S, DRIVE_HZ
from policies.registry import make_policy
from scenarios.common.errors import InputError
from sim.evaluate.job_kinds import EvaluationSettings, TimePolicy
from sim.evaluate.jobs import EvaluationJobs, hash_weights, run_block
from sim.results.plan import BLOCK_EPISODES, UNPERTURBED, Block, Cell
from sim.results.row import COLUMNS
from sim.rollout.loop import DRIVE_TICKS
from sim.workers.job import Job

ROOT = Path(__file__).parents[3]


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
    rows = run_block(lockstep, make_policy(policy), block, tmp_path, video, heard.append, latency_s)
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


def test_a_perturbed_block_is_another_drive_and_the_same_each_time(lockstep, tmp_path):
    plain, _ = drive(lockstep, tmp_path, count=2)
    disturbed, _ = drive(lockstep, tmp_path, count=2, perturbation="lighting=3")
    again, _ = drive(lockstep, tmp_path, count=2, perturbation="lighting=3")
    assert {row["perturbation"] for row in disturbed} == {"lighting=3"}
    assert [row["digest"] for row in disturbed] == [row["digest"] for row in again]
    assert not {row["digest"] for row in disturbed} & {row["digest"] for row in plain}
    # Who looks at nothing drives the same way in any light: the pictures alone are others.
    assert [row["path_m"] for row in disturbed] == [row["path_m"] for row in plain]


def test_thinking_makes_the_expert_late_and_is_part_of_what_a_drive_is(lockstep, tmp_path):
    prompt, _ = drive(lockstep, tmp_path, policy="expert", count=1)
    slow, _ = drive(lockstep, tmp_path, policy="expert", count=1, latency_s=0.2)
    again, _ = drive(lockstep, tmp_path, policy="expert", count=1, latency_s=0.2)
    axis, _ = drive(lockstep, tmp_path, policy="expert", count=1, perturbation="latency=1", latency_s=0.1)
    assert slow[0]["digest"] == again[0]["digest"] == axis[0]["digest"]
    assert slow[0]["digest"] != prompt[0]["digest"]
    assert slow[0]["on_policy_mae"] > 2.0 * prompt[0]["on_policy_mae"]


def test_ticks_are_those_of_the_simulation():
    assert round(CONTROL_PERIOD_S * DRIVE_HZ) == DRIVE_TICKS


def test_a_perturbation_that_is_none_is_refused(lockstep, tmp_path):
    with pytest.raises(InputError, match="did you mean 'lighting'"):
        drive(lockstep, tmp_path, count=1, perturbation="lightning=1")


@pytest.mark.parametrize("policy", ["zero", "expert"])
def test_a_policy_is_timed_on_a_robot_s_first_view(policy):
    class Unwatched:
        def in_policy(self):
            return contextlib.nullcontext()

    jobs = EvaluationJobs(EvaluationSettings("auto", "none"), Unwatched())
    found = jobs.do(Job("time", TimePolicy(policy, "corridor", 3)), lambda part: None)
    assert 0.0 < found["latency_s"] < 0.1
    jobs._simulations().close()


def test_work_of_another_kind_is_an_error():
    with pytest.raises(TypeError, match="not a job"):
        EvaluationJobs(EvaluationSettings("auto", "none"), None).do(Job("tea", "make tea"), lambda part: None)


def test_a_worker_imports_neither_the_report_nor_what_prints_the_tables():
    code = "import sys, sim.evaluate.jobs; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert not {"jinja2", "rich", "sim.report", "sim.console", "sim.evaluate.run", "torch"} & set(loaded.split())


def test_the_weights_hash_tells_weights_apart_and_scripts_have_none():
    import torch

    class Holder:
        def __init__(self, model) -> None:
            self.model = model

    with torch.random.fork_rng():
        torch.manual_seed(0)
        a, b = torch.nn.Linear(3, 2), torch.nn.Linear(3, 2)
    first = hash_weights(Holder(a))
    assert first == hash_weights(Holder(a))
    assert first != hash_weights(Holder(b))
    assert first != hash_weights(Holder(a.half()))
    assert hash_weights(make_policy("zero")) is None
