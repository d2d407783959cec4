"""Laws of whole runs: what they leave behind, and that neither workers nor interruptions change it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from scenarios.common.errors import InputError
from sim.evaluate.__main__ import main

from ..small_runs import QUICK, TWO_POLICIES, read_digests, read_rows

ROOT = Path(__file__).resolve().parents[4]
pytestmark = pytest.mark.slow  # starts processes that drive


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """11 episodes of two policies with one worker: a full block and another of each."""
    out = tmp_path_factory.mktemp("reference") / "run"
    assert main([*TWO_POLICIES, "--workers", "1", "--out", str(out)]) == 0
    return out


def test_a_run_leaves_every_file_of_the_contract(reference, capsys):
    assert sorted(path.name for path in reference.iterdir()) == [
        "episodes.jsonl", "episodes.parquet", "manifest.json", "report.html", "suite.yaml", "summary.json",
        "trajectories.parquet", "videos",
    ]  # fmt: skip
    summary = json.loads((reference / "summary.json").read_text())
    rates = {cell["policy"]: cell["success"] for cell in summary["cells"]}
    assert rates["expert"]["k"] == 11
    assert rates["straight"]["k"] < 5
    assert rates["expert"]["n"] == rates["straight"]["n"] == 11
    assert summary["offline"] == []


def test_the_suite_that_a_run_writes_repeats_it_and_every_result_has_its_hash(reference, tmp_path, capsys):
    out = tmp_path / "again"
    assert main(["--suite", str(reference / "suite.yaml"), "--workers", "1", "--out", str(out)]) == 0
    assert read_digests(out) == read_digests(reference)
    manifests, summaries = (
        [json.loads((folder / name).read_text()) for folder in (reference, out)]
        for name in ("manifest.json", "summary.json")
    )
    (known,) = {each["suite"]["hash"] for each in (*manifests, *summaries)}
    assert known in (out / "report.html").read_text()
    assert f"suite:  {known} (conditions" in capsys.readouterr().out
    assert manifests[0]["plan"] == manifests[1]["plan"]


def test_two_workers_give_the_same_episodes_to_the_bit(reference, tmp_path):
    assert main([*TWO_POLICIES, "--workers", "2", "--out", str(tmp_path / "run")]) == 0
    assert read_digests(tmp_path / "run") == read_digests(reference)
    assert len(set(read_digests(reference).values())) == 22


def test_a_killed_run_is_finished_by_resume_and_gives_the_same_episodes(reference, tmp_path):
    out = tmp_path / "run"
    arguments = [*TWO_POLICIES, "--workers", "1", "--out", str(out)]
    process = subprocess.Popen([sys.executable, "-m", "sim.evaluate", *arguments], cwd=ROOT, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not ((out / "episodes.jsonl").exists() and (out / "episodes.jsonl").stat().st_size):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.02)
    process.kill()
    process.wait()
    with (out / "episodes.jsonl").open("a") as stream:
        stream.write('{"policy": "expert", "scena')
    assert 0 < len((out / "episodes.jsonl").read_text().splitlines()) < 22
    assert main([*arguments, "--resume"]) == 0
    assert read_digests(out) == read_digests(reference)


def _hear_ctrl_c() -> None:
    """Undo what a shell does to what it starts in the background, and a child inherits: Ctrl-C is ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_leaves_a_folder_that_says_how_to_finish_it(tmp_path):
    out = tmp_path / "run"
    arguments = [*QUICK, "--policy", "zero", "--episodes", "400", "--workers", "1", "--out", str(out)]
    process = subprocess.Popen(
        [sys.executable, "-m", "sim.evaluate", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_hear_ctrl_c,
    )
    deadline = time.monotonic() + 120
    while not ((out / "episodes.jsonl").exists() and (out / "episodes.jsonl").stat().st_size):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 3
    assert "Traceback" not in said
    assert "--resume" in said
    assert not json.loads((out / "summary.json").read_text())["complete"]


def test_another_plan_can_not_be_resumed(reference):
    with pytest.raises(InputError, match=r"plan\.suite_seed = 0, this command 1"):
        main([*TWO_POLICIES, "--seed", "1", "--out", str(reference), "--resume"])
    with pytest.raises(InputError, match="can only be extended: give --episodes 11 or more"):
        main([*TWO_POLICIES[:-1], "10", "--out", str(reference), "--resume"])


def strip_times(value):
    """Drop the wall times from JSON."""
    if isinstance(value, list):
        return [strip_times(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {name: strip_times(each) for name, each in value.items() if name not in ("policy_ms", "policy_call_ms")}


def test_an_extended_run_is_a_run_made_at_once(reference, tmp_path):
    out = tmp_path / "run"
    for episodes, more in (("3", ()), ("11", ("--resume",))):
        assert main([*TWO_POLICIES[:-1], episodes, "--workers", "1", "--out", str(out), *more]) == 0
    assert strip_times(read_rows(out)) == strip_times(read_rows(reference))
    summaries = [json.loads((folder / "summary.json").read_text()) for folder in (out, reference)]
    assert strip_times(summaries[0]) == strip_times(summaries[1])
    tables = [pq.read_table(folder / name) for folder in (out, reference) for name in ("trajectories.parquet",)]
    assert tables[0].to_pylist() == tables[1].to_pylist()
    steps = [row["steps"] + 1 for row in read_rows(reference).values()]
    assert len(tables[0]) == sum(steps)
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["plan"]["episodes"] == 11
    assert "--resume" not in manifest["command"]


def test_several_policies_end_in_one_table_and_an_agreement(reference, capsys):
    assert main([*TWO_POLICIES, "--workers", "1", "--resume", "--out", str(reference)]) == 0
    printed = capsys.readouterr().out
    assert printed.index("expert*") < printed.index("straight°")
    agreement = json.loads((reference / "summary.json").read_text())["agreement"]
    assert [row["policy"] for row in agreement["rows"]] == ["expert", "straight"]
    assert agreement["spearman"] is None
    assert agreement["reason"] in printed
