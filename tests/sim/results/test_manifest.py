"""Laws of the manifest."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from scenarios.common.errors import InputError
from sim.results.codec import from_json, to_json
from sim.results.manifest import (
    Manifest,
    OfflineSettings,
    PolicyFacts,
    check_same_run,
    describe_makers,
    describe_processors,
    make_manifest,
    resume_manifest,
)
from sim.results.plan import RunPlan
from sim.results.provenance.facts import CodeVersion, Machine, RendererFacts, code_version
from sim.workers.processor import Processor

ZERO = PolicyFacts(parameters=0, privileged=False, period_s=0.1, image_size=(224, 224), weights=None)


def manifest(**changes) -> Manifest:
    given = {
        "command": ["python", "-m", "sim.evaluate"],
        "plan": RunPlan(("zero",), ("corridor",), 5, 3),
        "renderer": RendererFacts("auto", "gl", "llvmpipe"),
        "policies": {"zero": ZERO},
        "offline": OfflineSettings(skipped=True, dataset=None),
    }
    started = changes.pop("started", None)
    made = make_manifest(**{**given, **changes})
    return made if started is None else replace(made, started=started)


def stored(made: Manifest) -> Manifest:
    """Return the manifest after a round trip through JSON."""
    return from_json(Manifest, json.loads(json.dumps(to_json(made))), "here")


def test_a_manifest_is_json_and_records_everything_that_results_depend_on():
    made = json.loads(json.dumps(to_json(manifest()), allow_nan=False))
    assert made["renderer"] == {"asked": "auto", "applied": "gl", "device": "llvmpipe"}
    assert made["scenarios"]["corridor"]["spec"]
    assert made["seeds"] == {"suite": 3}
    assert made["packages"]["numpy"]
    assert made["machine"]["cores"] >= 1
    assert code_version().version
    assert "resumed" not in made


def test_a_manifest_survives_the_way_through_json():
    made = replace(manifest(), resumed=("later",))
    assert from_json(Manifest, json.loads(json.dumps(to_json(made))), "here") == made


def test_keys_of_another_version_are_ignored_and_those_that_came_later_have_defaults():
    value = {**to_json(manifest()), "weather": "fine"}
    del value["policies"]["zero"]["runtime"]
    assert from_json(Manifest, value, "here") == manifest(started=value["started"])


@pytest.mark.parametrize("name", ["mine.yaml", "Mine.YAML"])
def test_the_text_of_a_scenario_file_is_kept_whatever_the_case_of_its_suffix(tmp_path, name):
    file = tmp_path / name
    file.write_text("family: corridor\nranges:\n  boxes: 0\n")
    found = manifest(plan=RunPlan(("zero",), (str(file),), 1, 0)).scenarios[str(file)]
    assert found.file == file.read_text()


def test_the_same_command_makes_the_same_run_whenever_it_is_started():
    check_same_run(stored(manifest()), manifest(command=["other", "words"]), Path("x"))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"plan": RunPlan(("zero",), ("corridor",), 4, 3)}, "give --episodes 5 or more, or choose a new --out"),
        ({"plan": RunPlan(("zero",), ("corridor",), 5, 3, latency=0.1)}, r"plan.latency = 0.0, this command 0.1"),
        ({"plan": RunPlan(("zero",), ("corridor",), 5, 3, ("none", "lighting=1"))}, "plan.perturbations"),
        ({"policies": {"zero": replace(ZERO, weights="ab")}}, "policies.zero.weights = None, this command ab"),
        ({"offline": OfflineSettings(skipped=False, dataset=None)}, "offline.skipped"),
    ],
)
def test_a_decisive_difference_is_named_with_both_values(change, named):
    with pytest.raises(InputError, match=named):
        check_same_run(stored(manifest()), manifest(**change), Path("x"))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"code": CodeVersion("0.9", None, "abc")}, r"code was .* is 0\.9 sources abc"),
        ({"python": "3.99.0"}, r"python was .*, is 3\.99\.0"),
        ({"packages": {"numpy": "9.9"}}, r"packages\.numpy was .*, is 9\.9;.*packages\.torch was .*, is none"),
        ({"machine": Machine("Plan 9", "a processor", 2)}, r"machine\.system was .*, is Plan 9; machine\.cpu was"),
        ({"renderer": RendererFacts("auto", "tiny", "cpu")}, r"renderer was gl on llvmpipe, is tiny on cpu"),
        ({"policies": {"zero": replace(ZERO, runtime="torch 9")}}, r"runtime of zero was .*, is torch 9"),
    ],
)
def test_rows_made_by_something_else_are_joined_only_when_that_is_asked_for_and_then_told_apart(change, named):
    before, now = stored(manifest()), replace(manifest(), **change)
    with pytest.raises(InputError, match=named) as raised:
        check_same_run(before, now, Path("x"))
    assert "--resume-anyway" in str(raised.value)
    check_same_run(before, now, Path("x"), anyway=True)
    after = stored(resume_manifest(before, now))
    first, later = after.made_by
    assert (first, later) == (before.provenance.name, now.provenance.name)
    assert after.made_by[first] == {}
    assert set(after.made_by[later]) == set(before.provenance.list_differences(now.provenance))
    assert all(what in describe_makers(after) for what in after.made_by[later])
    check_same_run(after, now, Path("x"))  # as both are in the run, neither is strange any more
    check_same_run(after, manifest(), Path("x"))
    assert resume_manifest(after, now).made_by == resume_manifest(after, manifest()).made_by == after.made_by


def test_another_number_of_cores_or_name_of_the_same_renderer_makes_the_same_rows():
    machine = manifest().machine
    now = replace(
        manifest(), machine=replace(machine, cores=machine.cores + 1), renderer=RendererFacts("gl", "gl", "llvmpipe")
    )
    check_same_run(stored(manifest()), now, Path("x"))
    assert resume_manifest(stored(manifest()), now).made_by == {}
    assert describe_makers(stored(manifest())) is None


def test_another_policy_is_never_joined(tmp_path):
    now = manifest(policies={"zero": replace(ZERO, weights="ab")})
    with pytest.raises(InputError, match=r"policies.zero.weights = None, this command ab"):
        check_same_run(stored(manifest()), now, Path("x"), anyway=True)


def test_an_extended_run_has_the_later_plan_and_the_command_that_makes_it_at_once():
    before, longer = stored(manifest()), RunPlan(("zero",), ("corridor",), 60, 3)
    now = manifest(plan=longer, command=["evaluate", "--episodes", "60", "--resume", "--out", "x"])
    check_same_run(before, now, Path("x"))
    after = resume_manifest(before, now)
    assert after.plan == longer.record()
    assert after.command == ("evaluate", "--episodes", "60", "--out", "x")
    assert after.started == before.started
    assert resume_manifest(before, manifest(command=["other"])).command == before.command


def test_a_resumed_run_names_every_processor_once():
    old, new = (Processor("a processor", (), blas, None) for blas in ("Haswell", "SkylakeX"))
    first = stored(manifest(processors=[old, replace(old, torch="AVX2")]))
    assert first.processors == (replace(old, torch="AVX2"),)  # a worker whose policy has no network is no other
    assert describe_processors(first) is None
    again = resume_manifest(first, manifest(processors=[old, new], started="later"))
    assert again.processors == (replace(old, torch="AVX2"), new)
    assert again.resumed == ("later",)
    assert "2 processors" in describe_processors(again)
    assert "OpenBLAS SkylakeX" in describe_processors(again)
