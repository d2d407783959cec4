import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from policies.policy import InferenceRuntime
from sim.evaluate.job_kinds import (
    CheckPolicy,
    DriveBlock,
    EvaluationSettings,
    RecordHeldOut,
    ScoreOffline,
    TimePolicy,
)
from sim.results.plan import Block, Cell
from sim.workers.job import Job

ROOT = Path(__file__).parents[3]
WORK = (
    EvaluationSettings("gl", "all", InferenceRuntime("cuda")),
    CheckPolicy("zero", None),
    TimePolicy("zero", "corridor", 3),
    DriveBlock(Block(Cell("zero", "corridor"), 3, 0, 10), 0.1),
    RecordHeldOut("corridor"),
    ScoreOffline("zero", "corridor", None),
)


@pytest.mark.parametrize("work", WORK, ids=lambda work: type(work).__name__)
def test_a_job_reaches_a_worker_as_it_was_sent(work):
    job = Job("name", work, Path("out"), frozenset(["first"]))
    assert pickle.loads(pickle.dumps(job)) == job


def test_the_parent_process_need_not_load_what_its_workers_load():
    code = "import sys, sim.evaluate.job_kinds; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert not {"torch", "pybullet", "moderngl", "sim.evaluate.jobs"} & set(loaded.split())
