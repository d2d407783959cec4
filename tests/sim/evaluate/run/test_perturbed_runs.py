"""Laws of runs under perturbations, probes and latency."""

from __future__ import annotations

import json

import pytest

from sim.evaluate.__main__ import main

from ..small_runs import QUICK

pytestmark = pytest.mark.slow  # starts processes that drive


@pytest.fixture(scope="module")
def perturbed(tmp_path_factory):
    """Two episodes of one policy, four cells, thinking as long as it takes here."""
    out = tmp_path_factory.mktemp("perturbed") / "run"
    asked = ["--perturb", "latency=1,lighting=2", "--perturb", "control-rate=1", "--probe", "language"]
    arguments = [*QUICK, "--policy", "expert", "--episodes", "2", "--workers", "1", *asked, "--latency", "measured"]
    assert main([*arguments, "--out", str(out)]) == 0
    return out, arguments


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
