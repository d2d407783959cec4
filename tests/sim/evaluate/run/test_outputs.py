"""Laws of the files at the end of a run."""

from __future__ import annotations

import pytest
from rows import MANIFEST, PLAN, make_rows

from sim.console.progress import EpisodeListener
from sim.evaluate.run.evaluation_run import EvaluationRun
from sim.evaluate.run.outputs import write_outputs
from sim.report.results_table import print_table
from sim.results import read_run
from sim.results.folder import EpisodeRows, RunFolder


def test_a_folder_gets_every_file_and_is_free_again(tmp_path):
    rows = RunFolder(tmp_path / "run", MANIFEST, resume=False)
    rows.append(make_rows())
    summary = write_outputs(EvaluationRun(PLAN, rows, {}, EpisodeListener()))
    assert {path.name for path in (tmp_path / "run").iterdir()} == {
        "episodes.jsonl", "episodes.parquet", "manifest.json", "report.html", "summary.json", "videos",
    }  # fmt: skip
    assert read_run(tmp_path / "run").summary == summary
    RunFolder(tmp_path / "run", MANIFEST, resume=True).close()


@pytest.mark.parametrize("count", [3, 24])
def test_rows_in_memory_are_summarised_and_nothing_is_written(tmp_path, monkeypatch, count):
    monkeypatch.chdir(tmp_path)
    rows = EpisodeRows(MANIFEST)
    rows.append(make_rows()[:count])
    assert write_outputs(EvaluationRun(PLAN, rows, {}, EpisodeListener())).complete == (count == 24)
    assert list(tmp_path.iterdir()) == []


def test_a_process_that_found_nothing_left_to_claim_has_a_folder_without_rows(tmp_path, capsys):
    rows = RunFolder(tmp_path / "run", MANIFEST, resume=False)
    summary = write_outputs(EvaluationRun(PLAN, rows, {}, EpisodeListener()))
    print_table(summary, tmp_path / "run", [])
    assert read_run(tmp_path / "run").rows == ()
    assert (
        "digest: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 of 0 episodes"
        in capsys.readouterr().out
    )
