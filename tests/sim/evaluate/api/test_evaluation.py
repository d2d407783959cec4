"""Laws of ``evaluate``: the rows of the command, in a process that stays as it was."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from policies.policy import PolicySpec
from policies.registry import make_policy
from scenarios.common.errors import InputError
from scenarios.lookup import get_scenario
from scenarios.ranges import IntRange
from sim.evaluate import evaluate
from sim.evaluate.__main__ import main
from sim.metrics.measurements import EpisodeMeasurements
from sim.metrics.registry import Metric, metric_names
from sim.results import read_run
from sim.results.row import EpisodeRow

ROOT = Path(__file__).resolve().parents[4]
TIMES = ("policy_ms", "policy_call_ms")
QUIET = {"dataset": False, "progress": False}
LEARNER = '''
import numpy as np
import torch
from torch import nn

from policies.policy import PolicySpec


class Learner:
    """A network with dropout, which drives otherwise while it is trained."""

    spec = PolicySpec("learner", None, 0.1, (0.0, 0.0, 0.0))

    def __init__(self):
        torch.manual_seed(3)
        self.parts = {"head": [nn.Sequential(nn.Linear(6, 32), nn.BatchNorm1d(32), nn.Dropout(0.5), nn.Linear(32, 3))]}

    def reset(self, slots, instructions): ...

    def act(self, batch):
        with torch.no_grad():
            return torch.tanh(self.parts["head"][0](torch.from_numpy(batch.agent_pos))).numpy()
'''


def without_times(rows):
    """The rows but for the wall times in them."""
    return [replace(row, metrics={n: v for n, v in row.metrics.items() if n not in TIMES}) for row in rows]


@pytest.fixture
def learner(tmp_path):
    """The file of the learner, and an object of its class."""
    file = tmp_path / "learner.py"
    file.write_text(LEARNER)
    namespace: dict = {}
    exec(LEARNER, namespace)
    return file, namespace["Learner"]()


@pytest.mark.slow
@pytest.mark.parametrize(("workers", "policies"), [(1, "hybrid,straight"), (2, "straight")])
def test_the_rows_are_those_of_the_command(tmp_path, workers, policies):
    arguments = ["--scenario", "corridor", "--episodes", "2", "--seed", "5", "--perturb", "lighting=1"]
    command = ["--policy", policies, *arguments, "--no-offline", "--video", "none", "--workers", "1"]
    assert main([*command, "--out", str(tmp_path / "run")]) == 0
    found = evaluate(policies.split(","), episodes=2, seed=5, perturb="lighting=1", workers=workers, **QUIET)
    assert without_times(found.rows) == without_times(read_run(tmp_path / "run").rows)
    assert all(row.digest and row.instruction for row in found.rows)
    assert [cell.success for cell in found.summary.cells] == [
        cell.success for cell in read_run(tmp_path / "run").summary.cells
    ]


@pytest.mark.slow
def test_an_object_drives_as_its_class_does_by_name_and_its_networks_keep_their_mode(learner):
    file, policy = learner
    network = policy.parts["head"][0].train()
    network[1].eval()
    weights = {name: value.clone() for name, value in network.state_dict().items()}
    by_object = evaluate(policy, episodes=2, **QUIET)
    by_name = evaluate(f"{file}:Learner", episodes=2, **QUIET)
    assert [row.digest for row in by_object.rows] == [row.digest for row in by_name.rows]
    assert [module.training for module in network] == [True, False, True, True]
    assert network.training
    assert all(torch.equal(value, weights[name]) for name, value in network.state_dict().items())


class Vandal:
    """Changes what a process keeps, then fails."""

    spec = PolicySpec("vandal", None, 0.1, (0.0, 0.0, 0.0))

    def reset(self, slots, instructions) -> None: ...

    def act(self, batch) -> np.ndarray:
        random.seed(1)
        np.random.seed(1)  # noqa: NPY002
        torch.manual_seed(1)
        torch.set_num_threads(3)
        torch.set_grad_enabled(False)
        torch.set_default_dtype(torch.float64)
        torch.use_deterministic_algorithms(True)
        torch.backends.cudnn.benchmark = True
        np.seterr(all="raise")
        os.environ["VANDAL"] = "was here"
        os.environ.pop("HOME", None)
        os.chdir("/")
        raise SystemExit(1)


def state_of_the_process():
    return (
        random.getstate(),
        tuple(map(str, np.random.get_state())),  # noqa: NPY002
        torch.get_rng_state().tolist(),
        torch.get_num_threads(),
        torch.is_grad_enabled(),
        torch.get_default_dtype(),
        torch.get_default_device(),
        torch.are_deterministic_algorithms_enabled(),
        torch.backends.cudnn.benchmark,
        np.geterr(),
        dict(os.environ),
        os.getcwd(),
        metric_names(),
    )


@pytest.fixture
def two_torch_threads():
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(1)


def test_the_process_stays_as_it_was(two_torch_threads):
    before = state_of_the_process()
    found = evaluate(Vandal(), episodes=1, **QUIET)
    assert found.rows[0].status == "policy-fault"
    assert found.rows[0].error.startswith("SystemExit: 1 (test_evaluation.py:")
    assert state_of_the_process() == before


class Impatient(Vandal):
    def act(self, batch) -> np.ndarray:
        with pytest.raises(SystemExit):
            super().act(batch)
        raise KeyboardInterrupt


def test_the_process_stays_as_it_was_also_when_the_call_is_interrupted(two_torch_threads):
    before = state_of_the_process()
    with pytest.raises(KeyboardInterrupt):
        evaluate(Impatient(), episodes=1, **QUIET)
    assert state_of_the_process() == before


def test_nothing_is_written_without_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = evaluate("straight", episodes=1, perturb=None, metrics=None, **QUIET)
    assert list(tmp_path.iterdir()) == []
    assert (found.folder, found.videos) == (None, ())
    assert "straight on corridor" in found.report("report.html").read_text()


@pytest.mark.slow
def test_a_folder_gets_what_the_command_writes_and_can_be_extended(tmp_path):
    first = evaluate("straight", episodes=2, out=tmp_path / "run", **QUIET)
    longer = evaluate("straight", episodes=3, out=tmp_path / "run", resume=True, **QUIET)
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == [
        "episodes.jsonl", "episodes.parquet", "manifest.json", "report.html", "suite.yaml", "summary.json",
        "trajectories.parquet", "videos",
    ]  # fmt: skip
    assert longer.rows[:2] == first.rows
    assert read_run(tmp_path / "run").rows == longer.rows
    with pytest.raises(InputError, match="can only be extended"):
        evaluate("straight", episodes=2, out=tmp_path / "run", resume=True, **QUIET)


@pytest.mark.slow
def test_videos_without_a_folder_last_as_long_as_the_results(tmp_path):
    found = evaluate("straight", episodes=1, video="all", **QUIET)
    (video,) = found.videos
    assert video.stat().st_size > 1000
    found.report(tmp_path / "report.html")
    assert os.path.relpath(video, tmp_path) in (tmp_path / "report.html").read_text()
    del found
    assert not video.exists()


@pytest.mark.slow
def test_a_scenario_and_a_metric_may_be_objects():
    corridor = get_scenario("corridor")
    mine = replace(corridor, name="my-corridor", spec=replace(corridor.spec, boxes=IntRange(0, 0)))
    turns = Metric(
        name="turns_rad", heading="turns", title="Turns", unit="rad", direction="lower", explanation="the turns",
        compute=count_steps, template="{:.1f}",
    )  # fmt: skip
    found = evaluate("expert", mine, episodes=1, metrics=turns, **QUIET)
    (row,) = found.rows
    assert (row.scenario, row.success, row.metrics["turns_rad"]) == ("my-corridor", True, row.steps)
    assert "turns_rad" not in metric_names()
    with pytest.raises(InputError, match="unknown scenario 'my-corridor'"):
        evaluate("expert", "my-corridor", **QUIET)


def count_steps(episode: EpisodeMeasurements) -> float:
    return float(episode.trace.steps)


def test_progress_may_be_a_function_that_gets_each_row():
    seen: list[EpisodeRow] = []
    found = evaluate("zero", "corridor", 2, dataset=False, progress=seen.append)
    assert sorted(row.episode for row in seen) == [0, 1]
    assert found.success.n == 2


class Incomplete:
    spec = PolicySpec("incomplete", None, 0.1, (0.0, 0.0, 0.0))

    def reset(self, slots, instructions) -> None: ...


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"policy": "exprt"}, "did you mean 'expert'"),
        ({"policy": []}, "give at least one"),
        ({"policy": Vandal}, r"Vandal is a class: pass an object of it, Vandal\(…\)"),
        ({"policy": Incomplete()}, "this Incomplete has no act"),
        ({"policy": [Vandal(), Vandal()]}, "two policies have the name 'vandal'"),
        ({"policy": Vandal(), "workers": 2}, "policy 'vandal' is an object of this process"),
        ({"scenario": "coridor"}, "did you mean 'corridor'"),
        ({"scenario": 3}, "not a int"),
        ({"scenario": "MobileVLA/Corridor-v0"}, "write 'corridor' or 'MobileVLA/Corridor-v1'"),
        ({"episodes": 0}, "episodes=0: it must be a whole number between 1 and"),
        ({"episodes": 1.5}, "episodes=1.5"),
        ({"seed": -1}, "seed=-1"),
        ({"workers": "two"}, "workers='two'"),
        ({"latency": "slow"}, "latency='slow'"),
        ({"perturb": "lightning=2"}, "did you mean 'lighting'"),
        ({"video": "some"}, "video 'some'"),
        ({"renderer": "opengl"}, "renderer 'opengl'"),
        ({"dataset": "nowhere"}, "folder not found"),
        ({"dataset": True}, "dataset=True says nothing"),
        ({"mapping": "mine.yaml"}, "give both, or none"),
        ({"metrics": 3}, "not a int"),
        ({"resume": True}, "resume=True needs out, the folder of the run"),
    ],
)
def test_bad_input_is_one_sentence_of_an_input_error(arguments, words):
    with pytest.raises(InputError, match=words) as found:
        evaluate(**{"policy": "zero", **QUIET, **arguments})
    assert isinstance(found.value, ValueError)


SCRIPT = """
from sim.evaluate import evaluate
print("started")
found = evaluate("straight", episodes=1, dataset=False, workers=2, progress=False)
print(found.success.n)
"""


@pytest.mark.slow
def test_a_script_without_a_guard_of_its_main_part_runs_once(tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    ran = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=250,
    )  # fmt: skip
    assert ran.stdout.splitlines() == ["started", "1"]


def test_importing_it_is_cheap():
    code = "import sys; from sim.evaluate import evaluate; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert not {"torch", "pybullet", "pandas", "moderngl", "transformers"} & set(loaded.split())


def test_torch_keeps_its_threads_and_its_state_where_only_the_call_loads_it():
    code = """
import json, sys
from sim.evaluate import evaluate
found = evaluate("hybrid", episodes=1, dataset=False, progress=False)
import torch
fresh = torch.equal(torch.get_rng_state(), torch.Generator().get_state())
print(json.dumps([torch.get_num_threads(), fresh, torch.is_grad_enabled(), found.rows[0].digest]))
"""
    environment = {**os.environ, "OMP_NUM_THREADS": "2"}
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT, env=environment
    )
    assert json.loads(ran.stdout) == [2, True, True, evaluate("hybrid", episodes=1, **QUIET).rows[0].digest]


def test_networks_that_are_evaluated_as_they_are_made_drive_the_same_when_called_again():
    policy = make_policy("hybrid")
    first, again = (evaluate(policy, episodes=1, **QUIET).rows[0].digest for _ in range(2))
    assert first == again
    assert isinstance(policy.network, nn.Module)


@pytest.mark.slow
def test_an_object_is_scored_offline_and_driven_in_one_call_and_in_the_next(tmp_path, monkeypatch):
    monkeypatch.setenv("MOBILE_VLA_CACHE", str(tmp_path))
    policy = make_policy("hybrid")
    first = evaluate(policy, episodes=2, progress=False)
    again = evaluate(policy, episodes=2, latency="measured", progress=False)
    (score,) = first.summary.offline
    assert (score.policy, score.error) == ("hybrid", None)
    assert score.mae == again.summary.offline[0].mae
    assert {row.status for row in (*first.rows, *again.rows)} <= {
        "success",
        "collision",
        "timeout",
        "stuck",
        "wrong-target",
    }


GROWING = """
from sim.evaluate import evaluate

def memory():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmRSS"))

sizes = []
for seed in range(14):
    evaluate("straight", episodes=1, seed=seed, dataset=False, progress=False)
    sizes.append(memory())
print(sizes[3], sizes[-1])
"""


@pytest.mark.slow
def test_calls_do_not_make_the_process_grow():
    ran = subprocess.run([sys.executable, "-c", GROWING], capture_output=True, text=True, check=True, cwd=ROOT)
    early, late = map(int, ran.stdout.split())
    assert late < 1.1 * early
