"""Laws of the comparison of a run with a sample that is driven again."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from parts_of_a_run import PLAN, RUN, row_of, write_part

from scenarios.common.errors import InputError
from sim.console.progress import EpisodeListener
from sim.evaluate.__main__ import main
from sim.evaluate.run.evaluation_run import EvaluationRun
from sim.evaluate.run.verification import compare_sample, describe_verification, log_verification, take_conditions
from sim.results import read_run
from sim.results.folder import EpisodeRows
from sim.workers.processor import Processor

KEYS = [key for block in (PLAN.blocks[0], PLAN.blocks[5]) for key in block.keys]


def drive(change=lambda row: row):
    return {key: change(row_of(key[0], key[3])) for key in KEYS}


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    return read_run(write_part(tmp_path_factory.mktemp("recorded") / "run"))


def test_equal_episodes_are_counted_and_bound_what_may_differ(recorded):
    found = compare_sample(recorded, "d", RUN, drive())
    assert (found.episodes, found.driven, found.equal, found.different) == (68, 20, 20, ())
    assert found.most_different == pytest.approx(1 - 0.05**0.5)  # two blocks
    assert describe_verification(found)[0] == "verified: 20 of 68 episodes driven again: 20 equal, 0 different"


@pytest.mark.parametrize("change", [{"digest": "x"}, {"digest": None}, {"status": "stuck"}])
def test_an_episode_that_ends_otherwise_is_named(recorded, change):
    found = compare_sample(recorded, "d", RUN, drive(lambda row: replace(row, **change) if row.episode == 3 else row))
    assert (found.equal, found.different, found.most_different) == (19, (KEYS[3],), None)
    assert "different: episode 3 of good on corridor, none" in describe_verification(found)


def test_times_are_no_difference(recorded):
    assert compare_sample(recorded, "d", RUN, drive(lambda row: replace(row, metrics={"policy_ms": 1.0}))).equal == 20


def test_both_machines_and_all_that_differs_are_named(recorded, tmp_path):
    here = replace(RUN, python="3.13.1", processors=(Processor("theirs", (), "Zen", None),), packages={"numpy": "3.0"})
    found = compare_sample(recorded, "d", here, drive())
    lines = describe_verification(found)
    assert "made on: not recorded" in lines
    assert any(line.startswith("here:    theirs") for line in lines)
    assert {
        'differs: python: "3.11.9" there, "3.13.1" here',
        'differs: packages.numpy: "2.0" there, "3.0" here',
    } <= set(lines)
    log_verification(tmp_path, found)
    log_verification(tmp_path, found)
    logged = [json.loads(line) for line in (tmp_path / "verifications.jsonl").read_text().splitlines()]
    assert [(each["driven"], each["equal"], each["different"]) for each in logged] == [(20, 20, [])] * 2


def open_run(manifest):
    return EvaluationRun(PLAN, EpisodeRows(manifest), {}, EpisodeListener())


def test_other_weights_are_refused_and_the_measured_latency_is_taken(recorded):
    slower = {name: replace(facts, latency_s=0.3) for name, facts in RUN.policies.items()}
    run = open_run(replace(RUN, policies=slower, python="4"))
    take_conditions(run, recorded)
    assert {facts.latency_s for facts in run.rows.manifest.policies.values()} == {0.0}
    other = {name: replace(facts, weights="ab") for name, facts in RUN.policies.items()}
    with pytest.raises(InputError, match=r"policies\.good\.weights"):
        take_conditions(open_run(replace(RUN, policies=other)), recorded)


COMMAND = ["--policy", "zero", "--scenario", "corridor", "--episodes", "11", "--no-offline", "--workers", "1"]


@pytest.mark.slow
def test_a_run_is_verified_by_its_own_command_and_a_changed_row_is_found(tmp_path, capsys):
    out = tmp_path / "run"
    command = [*COMMAND, "--video", "none", "--out", str(out)]
    assert main(command) == 0
    files = {path.name for path in out.iterdir()}
    assert main([*command, "--verify", "100%"]) == 0
    said = capsys.readouterr().out
    assert "verified: 11 of 11 episodes driven again: 11 equal, 0 different" in said
    assert {path.name for path in out.iterdir()} == {*files, "verifications.jsonl"}
    rows = (out / "episodes.jsonl").read_text()
    digest = read_run(out).rows[4].digest
    (out / "episodes.jsonl").write_text(rows.replace(digest, digest[::-1]))
    assert main([*command, "--verify", "100%"]) == 1
    assert "different: episode 4 of zero on corridor, none" in capsys.readouterr().out
    with pytest.raises(InputError, match="has another plan"):
        main([*command, "--verify", "1%", "--seed", "7"])
