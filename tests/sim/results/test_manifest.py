"""Laws of the manifest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scenarios.common.errors import InputError
from sim.results.manifest import check_same_run, code_version, make_manifest
from sim.results.plan import RunPlan


def manifest(**changes):
    given = {
        "command": ["python", "-m", "sim.evaluate"],
        "plan": RunPlan(("zero",), ("corridor",), 5, 3),
        "renderer": {"asked": "auto", "applied": "gl", "device": "llvmpipe"},
        "policies": {"zero": {"parameters": 0, "weights": None}},
        "offline": {"skipped": True, "dataset": None},
    }
    return make_manifest(**{**given, **changes})


def test_it_says_what_the_numbers_depend_on_and_is_json():
    made = json.loads(json.dumps(manifest(), allow_nan=False))
    assert made["renderer"] == {"asked": "auto", "applied": "gl", "device": "llvmpipe"}
    assert made["scenarios"]["corridor"]["spec"]
    assert made["seeds"] == {"suite": 3}
    assert made["packages"]["numpy"]
    assert made["machine"]["cores"] >= 1
    assert code_version()["version"]


def test_a_scenario_file_is_kept_as_text_whatever_the_case_of_its_suffix(tmp_path):
    file = tmp_path / "My.YAML"
    file.write_text("family: corridor\n")
    made = manifest(plan=RunPlan(("zero",), (str(file),), 5, 3))
    assert made["scenarios"][str(file)]["file"] == "family: corridor\n"


def test_the_same_command_makes_the_same_run_whenever_it_is_started():
    check_same_run(json.loads(json.dumps(manifest())), manifest(command=["other", "words"]), Path("x"))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"plan": RunPlan(("zero",), ("corridor",), 6, 3)}, "plan.episodes = 5, this command 6"),
        ({"plan": RunPlan(("zero",), ("corridor",), 5, 3, latency=0.1)}, r"plan.latency = 0.0, this command 0.1"),
        ({"plan": RunPlan(("zero",), ("corridor",), 5, 3, ("none", "lighting=1"))}, "plan.perturbations"),
        ({"policies": {"zero": {"parameters": 0, "weights": "ab"}}}, "policies.zero.weights = None, this command ab"),
        ({"offline": {"skipped": False, "dataset": None}}, "offline.skipped"),
    ],
)
def test_a_decisive_difference_is_named_with_both_values(change, named):
    with pytest.raises(InputError, match=named):
        check_same_run(json.loads(json.dumps(manifest())), manifest(**change), Path("x"))
