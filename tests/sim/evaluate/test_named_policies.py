"""What is typed after ``--policy`` reaches rows, summary and manifest. Each run here starts a worker."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from policies.names.shipped import CHECKPOINTS
from policies.scripted.plans import Plan, save_plans
from scenarios.common.errors import InputError
from sim.evaluate.__main__ import main
from sim.evaluate.options import make_parser, make_request
from sim.results.run_files import read_manifest

from ...policies.tiny_models import save_pretrained_pair

QUICK = ["--scenario", "corridor", "--episodes", "1", "--video", "none", "--no-offline", "--workers", "1"]
CHUNKS = """
import numpy as np
class Ahead:
    spec = {"image_size": None, "rate_hz": 5, "hold_action": [0, 0, 0], "chunk": 4, "action": {"columns": ["vx", "wz"]}}
    def __init__(self, speed): self.speed = speed
    def reset(self, slots, instructions): ...
    def act(self, batch): return np.full((len(batch.live), 4, 2), (self.speed, 0.0), np.float32)
"""


def read_lines(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "episodes.jsonl").read_text().splitlines()]


@pytest.mark.slow
def test_two_checkpoints_of_one_folder_name_are_two_policies_by_their_labels(tmp_path) -> None:
    for run, speed in (("a", 0.2), ("b", 1.0)):
        save_plans({"park": Plan(((5.0, 0.0),), speed, 3, 4)}, tmp_path / run / "best")
    policies = f"slow={tmp_path}/a/best,fast={tmp_path}/b/best"
    assert main([*QUICK, "--policy", policies, "--out", str(tmp_path / "run")]) == 0
    assert [row["policy"] for row in read_lines(tmp_path / "run")] == ["slow", "fast"]
    facts = read_manifest(tmp_path / "run").policies
    assert {name: each.source for name, each in facts.items()} == {
        "slow": f"{tmp_path}/a/best",
        "fast": f"{tmp_path}/b/best",
    }


@pytest.mark.slow
def test_arguments_formats_and_replan_horizon_are_recorded_and_told(tmp_path, capsys) -> None:
    (tmp_path / "mine.py").write_text(CHUNKS)
    policy = f"ahead={tmp_path}/mine.py:Ahead"
    more = ["--policy-args", '{"speed": 0.5}', "--replan", "2", "--out", str(tmp_path / "run")]
    assert main([*QUICK, "--policy", policy, *more]) == 0
    facts = read_manifest(tmp_path / "run").policies["ahead"]
    assert (facts.chunk, facts.replan, facts.period_s, facts.action) == (4, 2, 0.2, "velocity vx, wz")
    assert facts.source == f'{tmp_path}/mine.py:Ahead {{"speed": 0.5}}'
    (cell,) = json.loads((tmp_path / "run/summary.json").read_text())["cells"]
    assert (cell["chunk"], cell["replan"], cell["period_s"]) == (4, 2, 0.2)
    told = "5 Hz, no frames, replan horizon 2 of 4 actions"
    assert f"control of ahead: {told}" in capsys.readouterr().out
    assert told in (tmp_path / "run/report.html").read_text()
    with pytest.raises(InputError, match="--resume"):
        main([*QUICK, "--policy", policy, *more[:3], "1", *more[4:], "--resume"])


@pytest.mark.slow
def test_a_system_at_full_scale_on_from_pretrained_folders_drives(tmp_path) -> None:
    from policies.systems.__main__ import main as systems

    save_pretrained_pair(tmp_path / "weights")
    sources = ["--clip", str(tmp_path / "weights/clip"), "--kosmos2", str(tmp_path / "weights/kosmos2")]
    assert systems(["build", "enhanced-norm", *sources, "--out", str(tmp_path / "full")]) == 0
    assert main([*QUICK, "--policy", str(tmp_path / "full"), "--out", str(tmp_path / "run")]) == 0
    (row,) = read_lines(tmp_path / "run")
    assert row["status"] != "policy-fault"
    facts = read_manifest(tmp_path / "run").policies[str(tmp_path / "full")]
    assert facts.weights
    assert facts.parameters > 1_000_000


@pytest.mark.slow
def test_a_moved_checkpoint_drives_as_the_shipped_one_to_the_bit(tmp_path) -> None:
    import shutil

    shutil.copytree(CHECKPOINTS / "mobile-vla", tmp_path / "mine")
    policies = f"mobile-vla,copy={tmp_path}/mine"
    assert main([*QUICK, "--policy", policies, "--out", str(tmp_path / "run")]) == 0
    shipped, copied = read_lines(tmp_path / "run")
    assert shipped["digest"] == copied["digest"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--policy", "hybird"], "did you mean 'hybrid'"),
        (["--policy", "a=zero,a=expert"], "two policies have the label 'a'"),
        (["--policy", "zero", "--policy-args", "{}"], "none is named: zero"),
        (["--policy", "zero", "--trust-pickle"], "--trust-pickle is for a zip"),
        (["--policy", "zero", "--replan", "0"], "out of range"),
    ],
)
def test_mistakes_are_told_before_anything_is_started(arguments, sentence, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=sentence):
        make_request(make_parser().parse_args([*QUICK, *arguments]), ())
    assert not list(tmp_path.iterdir())
