"""Laws of the main command. Each run here starts real workers, so there are few and they are small."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow.parquet as pq
import pytest

from policies.dataset import Demonstration
from policies.dataset.hdf5.writer import Hdf5Writer
from scenarios.common.errors import InputError
from sim.evaluate import __main__ as command
from sim.evaluate.__main__ import main

ROOT = Path(__file__).resolve().parents[3]
QUICK = ["--scenario", "corridor", "--video", "none", "--no-offline"]
TWO_POLICIES = [*QUICK, "--policy", "straight,expert", "--episodes", "11"]


def rows(folder):
    return {
        (row["policy"], row["episode"]): row
        for row in map(json.loads, (folder / "episodes.jsonl").read_text().splitlines())
    }


def digests(folder):
    return {key: row["digest"] for key, row in rows(folder).items()}


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """11 episodes of two policies with one worker: a full block and another of each."""
    out = tmp_path_factory.mktemp("reference") / "run"
    assert main([*TWO_POLICIES, "--workers", "1", "--out", str(out)]) == 0
    return out


@pytest.mark.slow
def test_a_run_leaves_every_file_of_the_contract(reference, capsys):
    assert sorted(path.name for path in reference.iterdir()) == [
        "episodes.jsonl", "episodes.parquet", "manifest.json", "report.html", "summary.json", "trajectories.parquet",
        "videos",
    ]  # fmt: skip
    summary = json.loads((reference / "summary.json").read_text())
    rates = {cell["policy"]: cell["success"] for cell in summary["cells"]}
    assert rates["expert"]["k"] == 11
    assert rates["straight"]["k"] < 5
    assert rates["expert"]["n"] == rates["straight"]["n"] == 11
    assert summary["offline"] == []


@pytest.mark.slow
def test_two_workers_give_the_same_episodes_to_the_bit(reference, tmp_path):
    assert main([*TWO_POLICIES, "--workers", "2", "--out", str(tmp_path / "run")]) == 0
    assert digests(tmp_path / "run") == digests(reference)
    assert len(set(digests(reference).values())) == 22


@pytest.mark.slow
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
    assert digests(out) == digests(reference)


def _hear_ctrl_c() -> None:
    """Undo what a shell does to what it starts in the background, and a child inherits: Ctrl-C is ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.slow
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


def _fail(error):
    def fail(*_):
        raise error

    return fail


@pytest.mark.parametrize("phase", ["driving", "writing"])
@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "runs/rows"), "'runs/rows': No space left on device"),
        (OSError(errno.EACCES, "Permission denied", "runs"), "'runs': Permission denied"),
        (KeyboardInterrupt(), "interrupted"),
    ],
)
def test_what_ends_a_run_before_its_files_are_complete_is_3_with_the_command_that_finishes_it(
    tmp_path, monkeypatch, capsys, phase, error, told
):
    pool = SimpleNamespace(run=_fail(error) if phase == "driving" else lambda *_: None)
    run = SimpleNamespace(pending_jobs=list)
    monkeypatch.setattr(command, "_open_run", lambda *_: contextlib.nullcontext((run, pool)))
    monkeypatch.setattr(command, "write_outputs", _fail(error))
    assert main([*QUICK, "--policy", "straight", "--out", str(tmp_path / "run")]) == 3
    said = capsys.readouterr().err
    assert said.startswith(f"not complete: {told}; finish with: python -m sim.evaluate")
    assert said.rstrip().endswith("--resume")


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_what_ends_a_command_before_its_run_is_there_is_told_without_a_command_that_finishes_it(
    tmp_path, monkeypatch, error
):
    monkeypatch.setattr(command, "_open_run", _fail(error))
    with pytest.raises(type(error)):
        main([*QUICK, "--policy", "straight", "--out", str(tmp_path / "run")])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("flag", ["--resume", "--resume-anyway"])
def test_the_command_that_finishes_a_run_keeps_the_flag_that_it_was_resumed_with(flag):
    words = command._resume_command(["--policy", "zero", "--out", "x", flag], Path("x")).split()
    assert [word for word in words if word.startswith("--resume")] == [flag]


def test_the_gate_fails_with_1_and_names_the_cell(tmp_path, capsys):
    arguments = [*QUICK, "--policy", "zero", "--episodes", "1", "--workers", "1", "--out", str(tmp_path / "run")]
    assert main([*arguments, "--fail-under", "0.5"]) == 1
    assert "gate failed: zero on corridor: 0.0% < 50.0%" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--policy", "exprt", "--scenario", "corridor"], "did you mean 'expert'"),
        (["--policy", "zero", "--scenario", "coridor"], "did you mean 'corridor'"),
        (["--policy", "zero,zero", "--scenario", "corridor"], "twice"),
        (["--policy", "zero"], "--scenario"),
        (["--policy", "zero", "--scenario", "corridor", "--episodes", "0"], "at least|between"),
        (["--policy", "zero", "--scenario", "corridor", "--workers", "none"], "is not a whole number"),
        (["--policy", "zero", "--scenario", "corridor", "--renderer", "opengl"], "renderer 'opengl'"),
        (["--policy", "zero", "--scenario", "corridor", "--video", "some"], "'some'"),
        (["--policy", "zero", "--scenario", "corridor", "--fail-under", "90"], "between 0 and 1"),
        (["--policy", "zero", "--scenario", "corridor", "--dataset", "nowhere"], "folder not found"),
        (["--policy", "zero", "--scenario", "corridor", "--dataset", ".", "--no-offline"], "exclude"),
        (["--policy", "zero", "--scenario", "corridor", "--perturb", "lightning=2"], "did you mean 'lighting'"),
        (["--policy", "zero", "--scenario", "corridor", "--perturb", "lighting"], "write axis=level"),
        (["--policy", "zero", "--scenario", "corridor", "--perturb", "all=4"], "levels are 0"),
        (["--policy", "zero", "--scenario", "corridor", "--perturb", "lighting=0"], "level 0 changes nothing"),
        (["--policy", "zero", "--scenario", "corridor", "--probe", "words"], "'words'"),
        (["--policy", "zero", "--scenario", "corridor", "--latency", "slow"], "not a number, or 'measured'"),
        (["--policy", "zero", "--scenario", "absent/my.yaml"], "absent/my.yaml"),
        (["--policy", "zero", "--scenario", "file.yaml"], "file.yaml"),
        (["--policy", "zero", "--scenario", "corridor", "--resume"], "needs --out"),
        (["--policy", "zero", "--scenario", "corridor", "--out", "file"], "is a file"),
        (["--policy", "zero", "--scenario", "corridor", "--out", "absent", "--resume"], "no run to resume"),
    ],
)
def test_bad_input_is_refused_before_anything_is_started_or_written(tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    (tmp_path / "file.yaml").write_text("family: corridoor")
    with pytest.raises(InputError, match=words):
        main(arguments)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "file.yaml"]


def test_what_only_a_worker_can_find_out_leaves_nothing_behind_either(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "checkpoint").mkdir()
    with pytest.raises(InputError, match="checkpoint"):
        main(["--policy", "./checkpoint", *QUICK, "--out", "run", "--workers", "1"])
    assert not (tmp_path / "run").exists()
    with pytest.raises(InputError):
        main(
            ["--policy", "zero", "--scenario", "corridor", "--dataset", "checkpoint", "--out", "run", "--workers", "1"]
        )
    assert not (tmp_path / "run").exists()


def test_a_data_set_that_does_not_fit_a_policy_is_refused_before_anything_is_driven(tmp_path):
    actions = np.zeros((5, 3), np.float32)
    with Hdf5Writer(tmp_path / "set", period_s=0.1, label=lambda _: "keys") as writer:
        pixels, agent_pos = np.zeros((5, 64, 64, 3), np.uint8), np.zeros((5, 6), np.float32)
        writer.add(Demonstration(None, "go", True, "expert", agent_pos, actions, actions, pixels=pixels))
    arguments = ["--scenario", "corridor", "--dataset", str(tmp_path / "set"), "--out", str(tmp_path / "run")]
    with pytest.raises(InputError, match="the scenes that it was recorded in"):
        main(["--policy", "expert", *arguments, "--workers", "1"])
    (tmp_path / "mapping.yaml").write_text("camera: front")
    with pytest.raises(InputError, match=r"mapping\.yaml, line 1: unknown camera 'front'"):
        main(["--policy", "zero", *arguments, "--mapping", str(tmp_path / "mapping.yaml")])
    assert not (tmp_path / "run").exists()


def test_a_mapping_without_a_data_set_is_refused(tmp_path):
    with pytest.raises(InputError, match="--mapping says how to read --dataset: give both, or none"):
        main(["--policy", "zero", "--scenario", "corridor", "--mapping", str(tmp_path / "mapping.yaml")])


@pytest.mark.slow
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


@pytest.mark.slow
def test_an_extended_run_is_a_run_made_at_once(reference, tmp_path):
    out = tmp_path / "run"
    for episodes, more in (("3", ()), ("11", ("--resume",))):
        assert main([*TWO_POLICIES[:-1], episodes, "--workers", "1", "--out", str(out), *more]) == 0
    assert strip_times(rows(out)) == strip_times(rows(reference))
    summaries = [json.loads((folder / "summary.json").read_text()) for folder in (out, reference)]
    assert strip_times(summaries[0]) == strip_times(summaries[1])
    tables = [pq.read_table(folder / name) for folder in (out, reference) for name in ("trajectories.parquet",)]
    assert tables[0].to_pylist() == tables[1].to_pylist()
    steps = [row["steps"] + 1 for row in rows(reference).values()]
    assert len(tables[0]) == sum(steps)
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["plan"]["episodes"] == 11
    assert "--resume" not in manifest["command"]


FAILING = """
from policies.policy import PolicySpec

class Failing:
    spec = PolicySpec("failing", None, 0.1, (0.0, 0.0, 0.0))
    made = 0

    def __init__(self):
        Failing.made += 1
        assert Failing.made == 1, "made again"

    def reset(self, slots, instructions): ...

    def act(self, batch):
        raise KeyError("stats")
"""


def test_a_policy_that_fails_in_every_episode_is_bad_input_named_with_its_line_and_made_once(tmp_path, capsys):
    (tmp_path / "failing.py").write_text(FAILING)
    arguments = [*QUICK, "--policy", f"{tmp_path}/failing.py:Failing", "--episodes", "11", "--workers", "1"]
    assert main([*arguments, "--no-check", "--out", str(tmp_path / "run")]) == 2
    printed = capsys.readouterr()
    assert "failed in each of its 11 episodes: KeyError: 'stats' (failing.py:15)" in printed.err
    assert "errors of" in printed.out
    assert {row["status"] for row in rows(tmp_path / "run").values()} == {"policy-fault"}
    assert (tmp_path / "run/report.html").is_file()


@pytest.fixture(scope="module")
def perturbed(tmp_path_factory):
    """Two episodes of one policy, four cells, thinking as long as it takes here."""
    out = tmp_path_factory.mktemp("perturbed") / "run"
    asked = ["--perturb", "latency=1,lighting=2", "--perturb", "control-rate=1", "--probe", "language"]
    arguments = [*QUICK, "--policy", "expert", "--episodes", "2", "--workers", "1", *asked, "--latency", "measured"]
    assert main([*arguments, "--out", str(out)]) == 0
    return out, arguments


@pytest.mark.slow
def test_every_perturbed_cell_has_its_matched_episodes_and_a_difference(perturbed):
    out, _ = perturbed
    summary = json.loads((out / "summary.json").read_text())
    names = ["none", "lighting=2+latency=1", "control-rate=1", "instruction=3"]
    assert [cell["perturbation"] for cell in summary["cells"]] == names
    assert [cell["paired"] and cell["paired"]["n"] for cell in summary["cells"]] == [None, 2, 2, 2]
    assert [(found["policy"], found["pairs"]) for found in summary["language"]] == [("expert", 2)]
    assert summary["complete"]
    lines = [json.loads(line) for line in (out / "episodes.jsonl").read_text().splitlines()]
    starts = {(row["perturbation"], row["episode"]): row["optimal_m"] for row in lines}
    for number in range(2):
        assert starts["none", number] == starts["lighting=2+latency=1", number]
        assert starts["none", number] != starts["instruction=3", number]


@pytest.mark.slow
def test_a_measured_latency_stands_in_the_manifest_and_a_resume_drives_with_it(perturbed):
    out, arguments = perturbed
    manifest = json.loads((out / "manifest.json").read_text())
    latency_s = manifest["policies"]["expert"]["latency_s"]
    assert manifest["plan"]["latency"] == "measured"
    assert 0.0 < latency_s < 0.1
    path = out / "episodes.jsonl"
    before = path.read_text().splitlines()
    manifest["policies"]["expert"]["latency_s"] = 0.2  # as if measured on a slower machine
    (out / "manifest.json").write_text(json.dumps(manifest))
    path.write_text("\n".join(before[:2]) + "\n")
    assert main([*arguments, "--out", str(out), "--resume"]) == 0
    assert json.loads((out / "manifest.json").read_text())["policies"]["expert"]["latency_s"] == 0.2
    after = path.read_text().splitlines()
    assert after[:2] == before[:2]
    assert [json.loads(a)["digest"] != json.loads(b)["digest"] for a, b in zip(after[2:], before[2:], strict=True)] == [
        True
    ] * 6


def test_a_scenario_can_be_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my").mkdir()
    (tmp_path / "my/easy.yaml").write_text("family: corridor\nranges:\n  boxes: 0\n")
    arguments = [
        "--policy",
        "expert",
        "--scenario",
        "my/easy.yaml",
        "--episodes",
        "1",
        "--workers",
        "1",
        "--no-offline",
    ]
    assert main([*arguments, "--video", "none"]) == 0
    (out,) = (tmp_path / "runs").iterdir()
    assert out.name.endswith("-expert-easy")
    (row,) = rows(out).values()
    assert (row["scenario"], row["status"]) == ("my/easy.yaml", "success")
    assert json.loads((out / "summary.json").read_text())["cells"][0]["scenario"] == "my/easy.yaml"


@pytest.mark.slow
def test_several_policies_end_in_one_table_and_an_agreement(reference, capsys):
    assert main([*TWO_POLICIES, "--workers", "1", "--resume", "--out", str(reference)]) == 0
    printed = capsys.readouterr().out
    assert printed.index("expert*") < printed.index("straight°")
    agreement = json.loads((reference / "summary.json").read_text())["agreement"]
    assert [row["policy"] for row in agreement["rows"]] == ["expert", "straight"]
    assert agreement["spearman"] is None
    assert agreement["reason"] in printed


DOUBTFUL = """
import numpy as np
from policies.policy import PolicySpec

class Tiny:
    spec = PolicySpec("tiny", None, 0.1, (0.0, 0.0, 0.0))

    def reset(self, slots, instructions): ...

    def act(self, batch):
        return np.full((len(batch.live), 3), self.speed, np.float32)

    speed = 0.1

class Undefined(Tiny):
    speed = np.nan
"""


def test_a_policy_of_ones_own_is_checked_before_it_drives(tmp_path, capsys):
    (tmp_path / "doubtful.py").write_text(DOUBTFUL)
    arguments = [*QUICK, "--episodes", "1", "--workers", "1", "--policy"]
    assert main([*arguments, f"{tmp_path}/doubtful.py:Tiny", "--out", str(tmp_path / "tiny")]) == 0
    assert "doubtful.py:Tiny': range: no action is above 0.1 of full speed" in capsys.readouterr().err
    undefined = [*arguments, f"{tmp_path}/doubtful.py:Undefined", "--out", str(tmp_path / "undefined")]
    with pytest.raises(InputError, match=r"breaks its contract: finite: .* NaN .*--no-check"):
        main(undefined)
    assert not (tmp_path / "undefined").exists()
    main([*undefined, "--no-check"])
    assert {row["status"] for row in rows(tmp_path / "undefined").values()} == {"policy-fault"}
