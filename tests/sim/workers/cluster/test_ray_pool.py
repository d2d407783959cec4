"""The same blocks on a Ray cluster give the same rows, whatever nodes do; what goes wrong there is told here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from scenarios.common.errors import InputError
from sim.evaluate.__main__ import main
from sim.scenarios import main as write_scenario
from sim.workers.cluster import ray_pool
from sim.workers.cluster.connection import LOOPBACK_ONLY, NO_TELEMETRY
from sim.workers.cluster.node_queue import MOST_LOSSES
from sim.workers.cluster.ray_pool import RayWorkerPool
from sim.workers.job import Job
from sim.workers.pool import Timeouts

ROOT = Path(__file__).resolve().parents[4]
NODE = {"num_cpus": 1, "include_dashboard": False, "node_ip_address": "127.0.0.1", "object_store_memory": 100 * 2**20}
QUICK = ["--policy", "straight", "--scenario", "corridor", "--episodes", "11", "--no-offline", "--video", "failures"]


def _rows(folder: Path) -> list[dict]:
    rows = [json.loads(line) for line in (folder / "episodes.jsonl").read_text().splitlines()]
    return sorted(({**row, "policy_ms": None, "policy_call_ms": None} for row in rows), key=lambda row: row["episode"])


@pytest.mark.slow
def test_a_cluster_gives_the_rows_and_films_of_one_machine(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    assert main([*QUICK, "--workers", "1", "--out", str(here)]) == 0
    assert main([*QUICK, "--workers", "2", "--out", str(there), "--executor", "ray"]) == 0
    assert _rows(here) == _rows(there)
    films = sorted(path.name for path in (there / "videos").iterdir())
    assert films == sorted(path.name for path in (here / "videos").iterdir())
    assert len(films) == len([row for row in _rows(there) if row["video"]]) > 1


class Reference:
    """What an actor's method will return, once the actor has room on a node."""

    def __init__(self, actor, value):
        self.actor, self.value = actor, value


class Actor:
    """An actor that does each job at once; its node can be lost."""

    def __init__(self, ray, number):
        self.ray, self.number, self.jobs = ray, number, []
        for method in ("describe", "begin", "take_events", "close"):
            setattr(self, method, SimpleNamespace(remote=partial(self.call, method)))

    def call(self, method, *arguments):
        if method == "begin":
            self.jobs.append(arguments[0].name)
        given = {"describe": {"code": self.ray.codes.get(self.number, "ours")}, "take_events": self.take_events_of}
        value = given.get(method)
        return Reference(self, value() if callable(value) else value)

    def take_events_of(self):
        if self.number in self.ray.losing and len(self.jobs) > self.ray.losing[self.number]:
            return self.ray.exceptions.ActorDiedError("its node died")
        return [("part", {"by": self.number}), ("done", {"by": self.number})]


class RayError(Exception):
    actor_init_failed = False


class FakeRay:
    """Ray with room for so many actors, of which some lose their node in a job, and some nodes have other code."""

    exceptions = SimpleNamespace(
        RayError=RayError,
        RayTaskError=type("RayTaskError", (RayError,), {}),
        ActorDiedError=type("ActorDiedError", (RayError,), {}),
    )

    def __init__(self, room, losing=(), codes=()):
        self.room, self.losing, self.codes, self.actors, self.killed = room, dict(losing), dict(codes), [], []

    def init(self, **_):
        pass

    def shutdown(self):
        pass

    def remote(self, **_):
        return lambda kind: SimpleNamespace(remote=self.start)

    def start(self, *_):
        self.actors.append(Actor(self, len(self.actors)))
        return self.actors[-1]

    def kill(self, actor):
        self.killed.append(actor.number)
        if actor.number in self.losing:
            raise RayError("System error: Actor creation cancelled.")

    def wait(self, references, num_returns, timeout):
        alive = [actor.number for actor in self.actors if actor.number not in self.killed][: self.room]
        ready = [each for each in references if each.actor.number in alive]
        return ready[:1], []

    def get(self, reference):
        if isinstance(reference.value, Exception):
            raise reference.value
        return reference.value


class Heard:
    """Hears how jobs end; like the checks before a run, it accepts only what some workers say."""

    def __init__(self, refused=()):
        self.refused, self.done_by, self.failures = refused, {}, {}

    def part(self, job, part):
        pass

    def done(self, job, result):
        if result["by"] in self.refused:
            raise InputError("workers use different renderers")
        self.done_by[job.name] = result["by"]

    def failed(self, job, reason):
        self.failures[job.name] = reason


CHECKS, JOBS = [Job("load", 0)], [Job(f"block {number}", number) for number in range(6)]


@pytest.fixture
def run(monkeypatch):
    """Do the checks and the jobs with a fake of Ray; return what was heard of the jobs."""
    monkeypatch.delenv("RAY_ADDRESS", raising=False)

    def run(ray, size, checks=None, identity="", between=lambda: None):
        monkeypatch.setitem(sys.modules, "ray", ray)
        with RayWorkerPool("a:b", None, size, Timeouts(), identity) as pool:
            pool.run(CHECKS, checks or Heard())
            between()
            pool.run(JOBS, heard := Heard())
        return heard

    return run


def test_workers_without_room_get_no_job_and_keep_nobody_waiting(run):
    ray = FakeRay(room=2)
    heard = run(ray, size=5)
    assert sorted(heard.done_by) == sorted(job.name for job in JOBS)
    assert [bool(actor.jobs) for actor in ray.actors] == [True, True, False, False, False]


def test_a_lost_node_costs_no_job_and_its_worker_starts_again(run):
    ray = FakeRay(room=2, losing={1: 1})
    heard = run(ray, size=2)
    assert sorted(heard.done_by) == sorted(job.name for job in JOBS)
    assert not heard.failures
    assert ray.killed[0] == 1
    assert ray.actors[2].jobs[0] == "load"


def test_a_job_that_loses_each_of_its_nodes_is_given_up_and_the_run_ends(run):
    ray = FakeRay(room=1, losing=dict.fromkeys(range(100), 1))
    heard = run(ray, size=1)
    assert heard.done_by == {}
    assert set(heard.failures.values()) == {f"its node was lost (ActorDiedError), {MOST_LOSSES} times"}


def test_a_node_that_joins_is_checked_as_the_first_ones_were(run):
    ray = FakeRay(room=1)
    heard = run(ray, size=3, checks=Heard(refused={1}), between=lambda: setattr(ray, "room", 3))
    assert ray.actors[1].jobs == ["load"]
    assert ray.actors[2].jobs[:2] in (["load"], ["load", "block 1"], ["load", "block 2"], ["load", "block 3"])
    assert set(heard.done_by.values()) <= {0, 2}
    assert heard.failures == {"a worker on a node": "a node that joined can't be used: workers use different renderers"}


def test_a_node_with_other_code_is_refused_before_the_run_and_left_out_in_it(run, monkeypatch):
    monkeypatch.setattr(os, "describe", lambda: {"code": "ours"}, raising=False)
    with pytest.raises(InputError, match="other code: code theirs for ours; install the same on all"):
        run(FakeRay(room=1, codes={0: "theirs"}), size=1, identity="os:describe")
    late = FakeRay(room=1, codes={1: "theirs"})
    heard = run(late, size=2, identity="os:describe", between=lambda: setattr(late, "room", 2))
    assert set(heard.done_by.values()) == {0}
    assert late.actors[1].jobs == []


def test_without_room_all_is_given_up_after_a_time(run, monkeypatch):
    monkeypatch.setattr(ray_pool, "ROOM_S", 0.0)
    checks = Heard()
    heard = run(FakeRay(room=0), size=2, checks=checks)
    assert set((checks.failures | heard.failures).values()) == {
        "no node of the cluster had room for a worker within 0 s"
    }
    assert len(heard.failures) == len(JOBS)


@pytest.fixture
def cluster(monkeypatch):
    """A cluster of four node processes on this machine, with room for one worker each."""
    pytest.importorskip("ray", reason="Ray isn't installed")
    from ray.cluster_utils import Cluster

    monkeypatch.setenv(*NO_TELEMETRY)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # of the nodes
    cluster = Cluster(initialize_head=True, head_node_args=NODE)
    for _ in range(3):
        cluster.add_node(**NODE)
    yield cluster
    cluster.shutdown()


def count_rows(folder: Path) -> int:
    return (folder / "episodes.jsonl").read_bytes().count(b"\n") if (folder / "episodes.jsonl").is_file() else 0


@pytest.mark.slow
def test_a_node_that_is_killed_and_one_that_joins_change_no_row(tmp_path: Path, cluster) -> None:
    words = ["--policy", "straight", "--scenario", "corridor", "--episodes", "100", "--no-offline", "--video", "none"]
    here, there = tmp_path / "here", tmp_path / "there"
    command = [sys.executable, "-m", "sim.evaluate", *words, "--workers", "4", "--executor", "ray", "--out", str(there)]
    where = {"RAY_ADDRESS": cluster.address, LOOPBACK_ONLY[0]: LOOPBACK_ONLY[1]}
    with subprocess.Popen(command, env={**os.environ, **where}, stdout=subprocess.PIPE) as run:
        while count_rows(there) < 20:
            assert run.poll() is None
            time.sleep(0.05)
        cluster.remove_node(sorted(cluster.worker_nodes, key=str)[0], allow_graceful=False)
        cluster.add_node(**NODE)
        assert count_rows(there) < 100, "the run was over before the node joined"
        run.communicate(timeout=300)
    assert run.returncode == 0
    assert not (there / "faults.log").exists()
    assert main([*words, "--workers", "1", "--out", str(here)]) == 0
    assert _rows(here) == _rows(there)
    digests = [json.loads((folder / "summary.json").read_text())["digest"] for folder in (here, there)]
    assert digests[0] == digests[1]


USER_POLICY = """
import numpy as np
from speed import SPEED

class Turner:
    spec = {"image_size": None, "rate_hz": 10, "hold_action": [0, 0, 0]}

    def reset(self, slots, instructions):
        pass

    def act(self, batch):
        return np.tile(np.float32([SPEED, 0.0, 0.1]), (len(batch.live), 1))
"""


@pytest.mark.slow
def test_nodes_get_the_files_that_the_command_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ray", reason="Ray isn't installed")
    from ray.cluster_utils import Cluster

    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv(*NO_TELEMETRY)
    cluster = Cluster(initialize_head=True, head_node_args=NODE)
    try:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "mine/turner.py").write_text(USER_POLICY)
        (tmp_path / "mine/speed.py").write_text("SPEED = 0.2")
        assert write_scenario(["corridor", "--write", "hall.yaml"]) == 0
        words = ["--policy", "mine/turner.py:Turner", "--scenario", "hall.yaml", "--episodes", "3", "--no-offline"]
        command = [sys.executable, "-m", "sim.evaluate", *words, "--workers", "1", "--video", "none", "--out"]
        where = {"RAY_ADDRESS": cluster.address, LOOPBACK_ONLY[0]: LOOPBACK_ONLY[1]}
        there = subprocess.run([*command, "there", "--executor", "ray"], env={**os.environ, **where}, check=False)
        here = subprocess.run([*command, "here"], check=False)
    finally:
        cluster.shutdown()
    assert (there.returncode, here.returncode) == (0, 0)
    assert _rows(tmp_path / "here") == _rows(tmp_path / "there")


@pytest.mark.slow
def test_the_workers_of_a_node_share_one_process_for_a_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ray", reason="Ray isn't installed")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    (tmp_path / "speed.py").write_text("SPEED = 0.2")
    loaded = tmp_path / "loaded.txt"
    tell = f"import os; open({str(loaded)!r}, 'a').write(f'{{os.getpid()}}\\n')\n"
    (tmp_path / "turner.py").write_text(tell + USER_POLICY)
    words = ["--policy", f"{tmp_path}/turner.py:Turner", "--scenario", "corridor", "--episodes", "22", "--no-check"]
    command = [sys.executable, "-m", "sim.evaluate", *words, "--no-offline", "--video", "none", "--workers", "2"]
    subprocess.run([*command, "--executor", "ray", "--out", str(tmp_path / "run")], check=True)
    assert len(_rows(tmp_path / "run")) == 22
    assert len(set(loaded.read_text().split())) == 1


@pytest.mark.slow
def test_ray_on_this_machine_listens_on_loopback_only(tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="Ray isn't installed")
    code = """
import os
from sim.workers.cluster.ray_pool import RayWorkerPool
from sim.workers.pool import Timeouts
with RayWorkerPool("os:getcwd", None, 1, Timeouts()) as pool:
    import psutil  # comes with Ray
    own = {os.getpid(), *(process.pid for process in psutil.Process().children(recursive=True))}
    found = {each.laddr.ip for each in psutil.net_connections("inet") if each.pid in own and each.status == "LISTEN"}
    print(len(own), *sorted(found))
"""
    environment = {name: value for name, value in os.environ.items() if name not in ("RAY_ADDRESS", LOOPBACK_ONLY[0])}
    ran = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    count, *addresses = ran.stdout.split()
    assert int(count) > 3
    assert addresses
    assert {address.removeprefix("::ffff:") for address in addresses} <= {"127.0.0.1", "::1"}


@pytest.mark.slow
@pytest.mark.parametrize("cause", ["long folder", "no cluster"])
def test_trouble_with_ray_is_exit_code_2_and_one_sentence(tmp_path: Path, cause: str) -> None:
    words = [sys.executable, "-m", "sim.evaluate", *QUICK, "--executor", "ray", "--out", str(tmp_path / "run")]
    long = tmp_path / ("long" * 25)
    long.mkdir()
    changed = (
        {"TMPDIR": str(long), "RAY_TMPDIR": str(long)} if cause == "long folder" else {"RAY_ADDRESS": "127.0.0.1:9"}
    )
    began = time.monotonic()
    ended = subprocess.run(words, env={**os.environ, **changed}, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr.splitlines()[-1].startswith("error: ")
    assert "Traceback" not in ended.stderr
    assert time.monotonic() - began < 240
