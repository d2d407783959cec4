"""The same blocks on a Ray cluster give the same rows; what goes wrong there is told here."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from scenarios.common.errors import InputError
from sim.evaluate.__main__ import main
from sim.workers.ray_pool import check_address, connect_ray

pytest.importorskip("ray")
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


@pytest.mark.parametrize("address", ["", "auto", "local"])
def test_an_address_that_names_no_place_is_left_to_ray(address: str) -> None:
    check_address(address)


@pytest.mark.parametrize("address", ["nonsense", "host:", ":6379", "host:port", "ray://host", "host:0", "host:99999"])
def test_what_is_no_address_of_a_cluster_is_refused(address: str) -> None:
    with pytest.raises(InputError, match="give HOST:PORT"):
        check_address(address)


@pytest.mark.parametrize("address", ["127.0.0.1:{}", "ray://127.0.0.1:{}", "[::1]:{}"])
def test_an_address_where_nothing_answers_is_refused_within_seconds(address: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(InputError, match="nothing answers there"):
        check_address(address.format(port))


def test_an_address_where_something_answers_is_tried() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        check_address(f"127.0.0.1:{server.getsockname()[1]}")


def test_what_never_gets_ready_is_given_up() -> None:
    over = threading.Event()
    with pytest.raises(InputError, match=r"'host:1': no Ray cluster answers there within 0\.05 s"):
        connect_ray(over.wait, "host:1", limit_s=0.05)
    over.set()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError("validate_socket_filename failed: AF_UNIX path length cannot exceed 107 bytes"), "set RAY_TMPDIR"),
        (ConnectionError("no\nnode"), "RAY_ADDRESS 'host:1': no node"),
        (RuntimeError("version mismatch"), "version mismatch"),
    ],
)
def test_what_ray_raises_is_one_sentence(error: Exception, told: str) -> None:
    def fail() -> None:
        raise error

    with pytest.raises(InputError, match=told) as raised:
        connect_ray(fail, "host:1")
    assert "\n" not in str(raised.value)


def test_an_error_of_ours_stays_one() -> None:
    with pytest.raises(ZeroDivisionError):
        connect_ray(lambda: 1 / 0, "")


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
