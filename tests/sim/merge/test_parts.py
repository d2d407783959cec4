"""Laws of the folders of a run that are to be joined."""

from __future__ import annotations

from dataclasses import replace

import pytest
from parts_of_a_run import PLAN, RUN, write_part, write_shards
from rows import make_offline

from scenarios.common.errors import InputError
from sim.evaluate.shards.shard import Shard, replace_option
from sim.merge.parts import find_folders, merge_manifests, merge_rows, read_scores, whole_command
from sim.results.manifest import list_makers
from sim.results.plan import RunPlan
from sim.workers.processor import Processor


def test_folders_are_found_below_a_folder_or_by_name_and_refused_if_they_are_given_twice(tmp_path):
    parts = write_shards(tmp_path / "parts", 3)
    (tmp_path / "parts" / "notes").mkdir()
    assert find_folders([tmp_path / "parts"]) == parts
    assert find_folders([parts[1], parts[0]]) == [parts[1], parts[0]]
    (tmp_path / "link").symlink_to(parts[1])
    for again in (tmp_path / "parts", parts[1], tmp_path / "link"):
        with pytest.raises(InputError, match="is given twice: name each part once"):
            find_folders([parts[1], again])


@pytest.mark.parametrize("words", [("--shard", "1/4"), ("--shard=auto",)])
def test_the_command_of_the_whole_run_names_no_shard(tmp_path, words):
    command = ("python", "-m", "sim.evaluate", "--out", "parts", *words, "--policy", "--shard-like")
    assert whole_command(command, tmp_path) == (
        "python", "-m", "sim.evaluate", "--out", str(tmp_path), "--policy", "--shard-like",
    )  # fmt: skip
    assert replace_option(["a", "--shard"], "--shard", "2/3") == ["a", "--shard", "2/3"]


def test_the_manifest_of_the_whole_began_with_its_first_part_and_names_all_processors(tmp_path):
    processors = [Processor(name, (), None, None) for name in ("a", "b")]
    late = replace(RUN, started="2031-01-01T00:00:00+00:00", processors=(processors[1],), shard="1/2")
    early = replace(RUN, processors=(processors[0],), shard="2/2")
    merged = merge_manifests([late, early], tmp_path)
    assert (merged.started, merged.shard) == (early.started, None)
    assert set(merged.processors) == set(processors)


def test_a_row_outside_the_plan_is_refused(tmp_path):
    part = write_part(tmp_path / "part")
    with pytest.raises(InputError, match="contains episode 20 of good on corridor, none, which is not part of"):
        merge_rows([part], RunPlan(PLAN.policies, PLAN.scenarios, 20, 0))


def test_a_line_that_a_killed_process_left_incomplete_is_no_row(tmp_path):
    part = write_part(tmp_path / "part", skip=1)
    with (part / "episodes.jsonl").open("a") as stream:
        stream.write('{"policy": "bad", "scen')
    assert len(merge_rows([part], PLAN).rows) == 64


def test_scores_of_a_killed_part_are_read_and_a_score_follows_an_error(tmp_path):
    parts = write_shards(tmp_path / "parts", 2)
    from sim.evaluate.run.offline_log import OfflineScoreLog

    OfflineScoreLog(parts[0]).add(make_offline("good", None))
    found = read_scores(parts)
    assert [score.policy for score in found if score.error] == ["good"]
    assert [(score.policy, score.mae) for score in found[1:]] == [("good", 0.1), ("bad", 0.2)]
    assert Shard(1, 2).folder == parts[0].name


def test_what_made_the_rows_of_each_part_is_named_in_the_whole(tmp_path):
    other = replace(RUN, machine=replace(RUN.machine, cpu="another"))
    third = replace(RUN, machine=replace(RUN.machine, cpu="a third"))
    resumed = replace(third, started="2030-01-03T00:00:00+00:00", resumed=("later",), made_by=list_makers(third, other))
    names = [each.provenance.name for each in (RUN, third, other)]
    merged = merge_manifests([resumed, RUN], tmp_path)
    cpus = [{}, {"machine.cpu": "a third"}, {"machine.cpu": "another"}]
    assert merged.made_by == dict(zip(names, cpus, strict=True))
    assert merge_manifests([RUN, RUN], tmp_path).made_by == {}
    assert merge_manifests([other, RUN], tmp_path).made_by.keys() == {other.provenance.name, RUN.provenance.name}
