"""Laws of the options: what may be asked for, and what plan comes of it."""

from __future__ import annotations

import argparse
import re
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from policies.policy import DEFAULT_RUNTIME, InferenceRuntime
from policies.systems.table import PUBLISHED
from scenarios.common.errors import InputError
from sim.evaluate.options import default_out, make_parser, make_request, parse_share
from sim.results.plan import RunPlan


def test_published_stands_for_every_published_policy_each_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = make_parser().parse_args(["--policy", "expert,hybrid,published,zero", "--scenario", "corridor"])
    policies = make_request(options, []).plan.policies
    assert policies[:2] == ("expert", "hybrid")
    assert policies[-1] == "zero"
    assert sorted(policies) == sorted({"expert", "zero", *PUBLISHED})


def test_a_run_without_a_folder_gets_a_new_one_named_after_what_it_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plan = make_request(make_parser().parse_args(["--policy", "zero,expert", "--scenario", "corridor"]), []).plan
    first = default_out(plan)
    assert re.fullmatch(r"\d{8}-\d{6}-2-policies-corridor", first.name)
    monkeypatch.setattr("sim.evaluate.options.datetime", SimpleNamespace(now=lambda: datetime(2026, 1, 2)))
    default_out(plan).mkdir(parents=True)
    assert default_out(plan) == Path("runs/20260102-000000-2-policies-corridor-2")


@pytest.mark.parametrize("name", ["runs/my pol[icy].py:My", "C:/checkpoints/step=100", "hf://me/policy@main", "ünï:x"])
def test_a_run_s_folder_has_no_characters_that_a_file_system_or_an_artifact_store_refuses(name):
    assert re.fullmatch(r"[\w.-]+", default_out(RunPlan((name,), ("corridor",), 1, 0)).name)


def test_the_help_names_every_policy_and_scenario():
    text = make_parser().format_help()
    for name in ("hybrid", "expert", "published", "corridor", "control-rate"):
        assert name in text
    assert "my_policy.py:MyPolicy" in text
    assert "default: 0)" in text
    assert "default: None" not in text


def test_networks_run_in_float32_on_the_processor_unless_asked_otherwise():
    command = ["--policy", "hybrid", "--scenario", "corridor"]
    assert make_request(make_parser().parse_args(command), []).settings.runtime == DEFAULT_RUNTIME
    asked = make_parser().parse_args([*command, "--device", "cuda:1", "--precision", "fp16"])
    assert make_request(asked, []).settings.runtime == InferenceRuntime(device="cuda:1", precision="fp16")


def test_an_environment_id_is_understood_as_a_scenario(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = make_parser().parse_args(["--policy", "zero", "--env", "MobileVLA/BoxDetour-v1,corridor"])
    assert make_request(options, []).plan.scenarios == ("box-detour", "corridor")


def shard_request(*words):
    return make_request(make_parser().parse_args(["--policy", "zero", "--scenario", "corridor", *words]), [])


def test_a_shard_has_a_folder_of_its_own_and_goes_on_if_it_is_there(tmp_path):
    words = ["--out", str(tmp_path), "--shard", "2/3"]
    request = shard_request(*words)
    assert (request.out, request.resume) == (tmp_path / "shard-2-of-3", False)
    request.out.mkdir()
    (request.out / "manifest.json").write_text("{}")
    assert shard_request(*words).resume
    assert shard_request(*words).plan == shard_request().plan


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--shard", "1/2"], "--shard needs --out"),
        (["--shard", "1/2", "--out", "x", "--latency", "measured"], "--latency measured"),
        (["--shard", "1/2", "--out", "x", "--fail-under", "0.5"], "--fail-under"),
    ],
)
def test_what_a_shard_excludes_is_named(words, named):
    with pytest.raises(InputError, match=named):
        shard_request(*words)


def test_who_claims_has_a_new_folder_each_time(tmp_path):
    words = ["--out", str(tmp_path), "--shard", "claim"]
    first, second = shard_request(*words), shard_request(*words)
    assert first.out.parent == second.out.parent == tmp_path
    assert first.out != second.out
    assert (first.claims, first.resume, first.shard) == (True, False, "claim")
    with pytest.raises(InputError, match="--executor"):
        shard_request(*words, "--executor", "ray")


@pytest.mark.parametrize(("text", "share"), [("1%", 0.01), ("0.5 %", 0.005), ("100%", 1.0)])
def test_a_share_is_written_in_per_cent(text, share):
    assert parse_share(text) == pytest.approx(share)


@pytest.mark.parametrize("text", ["1", "0%", "101%", "-1%", "nan%", "%", "1e2%"])
def test_what_is_no_share_is_named(text):
    with pytest.raises(argparse.ArgumentTypeError, match="is not a share of a run"):
        parse_share(text)


@pytest.mark.parametrize("words", [[], ["--out", "x", "--resume"], ["--out", "x", "--shard", "1/2"]])
def test_a_run_to_verify_needs_its_folder_alone(words):
    with pytest.raises(InputError, match="--verify needs --out"):
        shard_request("--verify", "1%", *words)
