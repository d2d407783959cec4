"""Laws of the command that joins the folders of a run."""

from __future__ import annotations

import shlex
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from parts_of_a_run import PLAN, RUN, read_files, row_of, write_part, write_shards

from scenarios.common.errors import InputError
from sim.evaluate.__main__ import main as evaluate
from sim.evaluate.shards.shard import Shard
from sim.merge.__main__ import main
from sim.results import read_run
from sim.results.manifest import check_same_run
from sim.rollout.digest import combine_digests


@pytest.mark.parametrize("count", [1, 2, 3, 8, 11])
def test_a_merged_run_is_that_of_one_machine_byte_for_byte(tmp_path, monkeypatch, count):
    monkeypatch.chdir(tmp_path)
    write_shards(tmp_path / "parts", count)
    assert main([str(tmp_path / "parts"), "--out", "merged"]) == 0
    merged = read_files(tmp_path / "merged")
    (tmp_path / "merged").rename(tmp_path / "elsewhere")
    alone = read_files(write_part(Path("merged")))
    assert sorted(merged) == sorted(alone)
    assert [name for name in merged if merged[name] != alone[name]] == []
    assert sum(name.startswith("videos/") for name in merged) == 8
    assert "trajectories.parquet" in merged


def test_the_digest_of_digests_is_what_a_shell_computes(tmp_path, capsys):
    write_shards(tmp_path / "parts", 3)
    assert main([str(tmp_path / "parts"), "--out", str(tmp_path / "merged")]) == 0
    said = capsys.readouterr().out
    run = read_run(tmp_path / "merged")
    lines = "".join(f"{row.digest}\n" for row in run.rows)
    shell = subprocess.run("LC_ALL=C sort | sha256sum", input=lines, shell=True, text=True, capture_output=True).stdout
    assert run.summary.digest == shell.split()[0] == combine_digests(row.digest for row in run.rows)
    assert f"digest: {run.summary.digest} of 68 episodes" in said.replace("\n", " ")


def test_what_is_missing_is_said_with_the_commands_that_finish_it(tmp_path, capsys):
    parts = write_shards(tmp_path / "parts", 4, skip=1)
    out = tmp_path / "merged"
    assert main([*map(str, parts[:3]), "--out", str(out)]) == 3
    said = capsys.readouterr().err
    lines = said.splitlines()
    assert lines[0] == "not complete: 38 of 68 episodes missing"
    for number, missing, count in [(1, 10, 20), (2, 10, 20), (3, 10, 20), (4, 8, 8)]:
        assert f"shard {number}/4: {missing} of {count} episodes missing" in said
        assert any(line.endswith(f"--out {tmp_path / 'parts'} --shard {number}/4") for line in lines)
    last = shlex.split(lines[-1].partition(": ")[2])
    assert last[-3:] == ["--out", str(out), "--resume"]
    assert "--shard" not in last
    check_same_run(read_run(out).manifest, RUN, out)  # so that the command can finish it


def test_rows_that_are_there_twice_count_once_if_they_are_equal(tmp_path, capsys):
    parts = write_shards(tmp_path / "parts", 2)
    again = write_part(tmp_path / "again" / "shard-1-of-2", Shard(1, 2))
    timed = write_part(
        tmp_path / "timed" / "x",
        Shard(2, 2),
        change=lambda row: replace(row, metrics={**row.metrics, "policy_ms": 99.0}),
    )
    arguments = [*map(str, [*parts, again, timed]), "--out", str(tmp_path / "merged")]
    assert main(arguments) == 0
    assert "68 episodes were in several folders, with equal digests" in capsys.readouterr().out
    assert len(read_run(tmp_path / "merged").rows) == 68
    assert {row.metrics["policy_ms"] for row in read_run(tmp_path / "merged").rows} == {0.5}


@pytest.mark.parametrize("change", [{"digest": "other"}, {"status": "stuck", "failure": "stuck"}])
def test_two_results_of_one_episode_are_refused_with_both_named(tmp_path, change):
    parts = write_shards(tmp_path / "parts", 2)
    other = write_part(
        tmp_path / "other" / "x",
        Shard(1, 2),
        change=lambda row: replace(row, **change) if row.key == row_of("bad", 5).key else row,
    )
    with pytest.raises(InputError, match="different results of episode 5 of bad on corridor") as raised:
        main([*map(str, [*parts, other]), "--out", str(tmp_path / "merged")])
    assert str(other) in str(raised.value)
    assert str(parts[0]) in str(raised.value)
    assert not (tmp_path / "merged").exists()


FOREIGN = {
    "plan.episodes is 34 there and 35 here": replace(RUN, plan=replace(RUN.plan, episodes=35)),
    "plan.suite_seed is 0 there and 1 here": replace(RUN, plan=replace(RUN.plan, suite_seed=1)),
    'policies.good.weights is null there and "ab" here': replace(
        RUN, policies={**RUN.policies, "good": replace(RUN.policies["good"], weights="ab")}
    ),
    'code.version is "0.1.0" there and "9" here': replace(RUN, code=replace(RUN.code, version="9")),
    'packages.numpy is "2.0" there and "3.0" here': replace(RUN, packages={"numpy": "3.0"}),
    'renderer.device is "llvmpipe" there and "a GPU" here': replace(
        RUN, renderer=replace(RUN.renderer, device="a GPU")
    ),
    'scenarios.corridor.spec is "abc" there and "x" here': replace(
        RUN, scenarios={"corridor": replace(RUN.scenarios["corridor"], spec="x")}
    ),
    'python is "3.11.9" there and "3.12.0" here': replace(RUN, python="3.12.0"),
}


@pytest.mark.parametrize("difference", FOREIGN)
def test_a_folder_of_another_run_is_refused_and_the_difference_named(tmp_path, difference):
    ours = write_part(tmp_path / "ours", Shard(2, 2))
    other = write_part(tmp_path / "other", Shard(1, 2), manifest=FOREIGN[difference])
    with pytest.raises(InputError) as raised:
        main([str(other), str(ours), "--out", str(tmp_path / "merged")])
    assert f"'{ours}' is not part of the same run as '{other}': {difference}" in str(raised.value)
    assert not (tmp_path / "merged").exists()


def test_another_machine_of_the_same_run_is_welcome(tmp_path):
    first = write_part(tmp_path / "a", Shard(1, 2))
    there = replace(RUN, machine=replace(RUN.machine, cpu="another"), started="2031-01-01T00:00:00+00:00")
    second = write_part(tmp_path / "b", Shard(2, 2), manifest=there)
    assert main([str(second), str(first), "--out", str(tmp_path / "merged")]) == 0
    assert read_run(tmp_path / "merged").manifest.machine.cpu == "a processor"


def test_a_video_outside_the_folder_is_refused(tmp_path):
    part = write_part(
        tmp_path / "part", change=lambda row: replace(row, video="videos/../../secret") if row.video else row
    )
    with pytest.raises(InputError, match="names the video"):
        main([str(part), "--out", str(tmp_path / "merged")])


def test_own_metrics_are_run_only_if_they_are_named(tmp_path):
    part = write_part(tmp_path / "part", manifest=replace(RUN, plan=replace(PLAN.record(), metrics=("bad.py:metric",))))
    with pytest.raises(InputError, match=r"give --metric bad\.py:metric"):
        main([str(part), "--out", str(tmp_path / "merged")])


def test_no_run_and_a_folder_that_is_taken_are_named(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="contains no run"):
        main([str(tmp_path / "empty"), "--out", str(tmp_path / "merged")])
    part = write_part(tmp_path / "part")
    with pytest.raises(InputError, match="is not empty"):
        main([str(part), "--out", str(part)])


ROOT = Path(__file__).resolve().parents[3]
EVALUATE = [
    *("--policy", "straight", "--scenario", "corridor", "--episodes", "12", "--perturb", "lighting=2"),
    *("--video", "failures", "--no-offline", "--workers", "1"),
]
TIMED = {"policy_ms", "policy_call_ms"}


def facts(folder):
    """The rows of a run without the times that its policies took, in order."""
    rows = read_run(folder).rows
    return [replace(row, metrics={k: v for k, v in row.metrics.items() if k not in TIMED}) for row in rows]


@pytest.mark.slow
def test_shards_that_are_driven_and_merged_equal_the_run_of_one_machine(tmp_path, monkeypatch, capsys):
    """One shard is named, one is told by Slurm, which starts it twice, and one by Kubernetes."""
    assert evaluate([*EVALUATE, "--out", str(tmp_path / "alone")]) == 0
    alone = read_run(tmp_path / "alone")
    out = tmp_path / "parts"
    assert evaluate([*EVALUATE, "--out", str(out), "--shard", "1/3"]) == 0
    for _ in range(2):  # the second time, there is nothing left to do
        with monkeypatch.context() as slurm:
            slurm.setenv("SLURM_ARRAY_TASK_ID", "2")
            slurm.setenv("SLURM_ARRAY_TASK_COUNT", "3")
            slurm.setenv("SLURM_ARRAY_TASK_MIN", "1")
            assert evaluate([*EVALUATE, "--out", str(out), "--shard", "auto"]) == 0
    assert main([str(out), "--out", str(tmp_path / "early")]) == 3
    assert "shard 3/3" in capsys.readouterr().err
    with monkeypatch.context() as kubernetes:
        kubernetes.setenv("JOB_COMPLETION_INDEX", "2")
        kubernetes.setenv("JOB_COMPLETIONS", "3")
        assert evaluate([*EVALUATE, "--out", str(out), "--shard", "auto"]) == 0
    assert main([str(out), "--out", str(tmp_path / "merged")]) == 0
    merged = read_run(tmp_path / "merged")
    assert merged.summary.digest == alone.summary.digest
    assert facts(tmp_path / "merged") == facts(tmp_path / "alone")
    for name in ("trajectories.parquet",):
        assert (tmp_path / "merged" / name).read_bytes() == (tmp_path / "alone" / name).read_bytes()
    assert {path.name for path in (tmp_path / "merged/videos").iterdir()} == {
        path.name for path in (tmp_path / "alone/videos").iterdir()
    }


@pytest.mark.slow
def test_two_processes_that_claim_of_which_one_is_told_to_leave_make_the_run_of_one_machine(tmp_path):
    words = ["--policy", "straight", "--scenario", "corridor", "--episodes", "30", *EVALUATE[-3:], "--video", "none"]
    out = tmp_path / "parts"
    command = [sys.executable, "-m", "sim.evaluate", *words, "--out", str(out), "--shard", "claim"]
    leaver = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 240
    while not any(path.stat().st_size for path in out.glob("*/episodes.jsonl")):
        assert time.monotonic() < deadline
        assert leaver.poll() is None
        time.sleep(0.02)
    leaver.send_signal(signal.SIGTERM)
    _, said = leaver.communicate(timeout=120)
    assert leaver.returncode == 3
    assert "of 30 episodes missing" in said
    assert evaluate([*words, "--out", str(out), "--shard", "claim"]) == 0
    assert evaluate([*words, "--out", str(tmp_path / "alone")]) == 0
    assert main([str(out), "--out", str(tmp_path / "merged")]) == 0
    merged, alone = read_run(tmp_path / "merged"), read_run(tmp_path / "alone")
    assert merged.summary.digest == alone.summary.digest
    counts = [len(read_run(path.parent).rows) for path in out.glob("*/episodes.jsonl")]
    assert (
        30 <= sum(counts) <= 40
    )  # it may have been told to leave with a block written that it had not yet called done
    assert min(counts) > 0
