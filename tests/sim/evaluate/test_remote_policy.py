"""Laws of an evaluation whose policy a server computes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scenarios.common.errors import InputError
from sim.evaluate.__main__ import main

POLICY = f"{Path(__file__).parents[2] / 'policies' / 'servers.py'}:Counting"
QUICK = ["--scenario", "corridor", "--video", "none", "--no-offline"]

pytestmark = pytest.mark.slow


@pytest.fixture
def server() -> Iterator[tuple[str, subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "policies.serve", "--policy", POLICY, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().split()[-1], process
        finally:
            process.kill()


def rows(out: Path) -> list[dict]:
    return [json.loads(line) for line in (out / "episodes.jsonl").read_text().splitlines()]


def test_episodes_are_equal_to_the_bit_to_those_without_a_server(server, tmp_path) -> None:
    url, _ = server
    for name, workers, out in ((POLICY, "1", "here"), (url, "1", "served"), (url, "2", "twice")):
        run = [*QUICK, "--policy", name, "--episodes", "12", "--workers", workers, "--out", str(tmp_path / out)]
        assert main(run) == 0
    here, served, twice = (
        {row["episode"]: row["digest"] for row in rows(tmp_path / out)} for out in ("here", "served", "twice")
    )
    assert len(here) == 12
    assert here == served == twice
    facts = json.loads((tmp_path / "served" / "manifest.json").read_text())["policies"][url]
    assert facts["image_size"] == [6, 8]


def test_a_server_that_dies_while_it_is_asked_is_a_policy_fault(server, tmp_path) -> None:
    url, process = server
    written = tmp_path / "run" / "episodes.jsonl"

    def stop_after_the_first_block() -> None:
        while not (written.exists() and written.stat().st_size):
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)

    threading.Thread(target=stop_after_the_first_block, daemon=True).start()
    run = [*QUICK, "--policy", url, "--episodes", "20", "--workers", "1", "--out", str(tmp_path / "run")]
    assert main(run) == 0
    found = {row["episode"]: row for row in rows(tmp_path / "run")}
    assert len(found) == 20
    assert all(found[number]["status"] == "collision" for number in range(10))
    faults = [row for row in found.values() if row["status"] == "policy-fault"]
    assert faults
    assert all("server" in row["error"] and "\n" not in row["error"] for row in faults)


def test_a_server_that_is_down_is_refused_before_anything_is_driven(tmp_path) -> None:
    run = [*QUICK, "--policy", "ws://127.0.0.1:9", "--episodes", "1", "--workers", "1", "--out", str(tmp_path / "run")]
    with pytest.raises(InputError, match="there is no server at"):
        main(run)
    assert not (tmp_path / "run").exists()
