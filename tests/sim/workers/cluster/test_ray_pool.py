"""The same blocks on a Ray cluster give the same rows, whatever nodes do; what goes wrong there is told here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim.evaluate.__main__ import main
from sim.workers.cluster.connection import LOOPBACK_ONLY

pytest.importorskip("ray")
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


@pytest.fixture
def cluster(monkeypatch):
    """A cluster of four node processes on this machine, with room for one worker each."""
    from ray.cluster_utils import Cluster

    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
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
