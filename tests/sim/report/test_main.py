"""Laws of the command that writes a report anew."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rows import FACTS, MANIFEST, PLAN, make_rows

from scenarios.common.errors import InputError
from sim.analysis.summary import summarise_run
from sim.report.__main__ import main
from sim.results.codec import to_json
from sim.results.folder import RunFolder
from sim.results.run_files import write_json


@pytest.fixture
def folder(tmp_path):
    rows = [replace(row, video="videos/a b.mp4") if row.episode == 0 else row for row in make_rows()]
    with RunFolder(tmp_path / "run", MANIFEST, resume=False) as made:
        made.append(rows)
    write_json(tmp_path / "run/summary.json", to_json(summarise_run(PLAN, rows, [], FACTS)))
    return tmp_path / "run"


def test_a_report_is_written_into_the_run_or_elsewhere_and_its_videos_are_found(folder, tmp_path, capsys):
    assert main([str(folder)]) == 0
    assert 'src="videos/a%20b.mp4"' in (folder / "report.html").read_text()
    assert "11/12" in capsys.readouterr().out
    assert main([str(folder), "--out", str(tmp_path / "mine.html")]) == 0
    assert 'src="run/videos/a%20b.mp4"' in (tmp_path / "mine.html").read_text()


def test_a_name_that_ends_in_md_gives_markdown(folder, tmp_path):
    assert main([str(folder), "--out", str(tmp_path / "mine.md")]) == 0
    assert (tmp_path / "mine.md").read_text().startswith("# Closed-loop evaluation")
    assert not (folder / "report.html").exists()


@pytest.mark.parametrize(
    ("out", "said"),
    [([], "run/report.html"), (["--out", "mine.md"], "mine.md"), (["--out", "run/b.html"], "run/b.html")],
)
def test_the_file_that_was_written_is_named_and_no_other(folder, tmp_path, monkeypatch, capsys, out, said):
    monkeypatch.chdir(tmp_path)
    assert main(["run", *out]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("report: ")] == [f"report: {said}"]
    assert (tmp_path / said).is_file()


def test_what_has_no_results_is_refused_in_one_sentence(folder, tmp_path):
    with pytest.raises(InputError, match="is not a run folder"):
        main([str(tmp_path)])
    with pytest.raises(InputError, match="there is no folder"):
        main([str(folder), "--out", str(tmp_path / "absent/mine.html")])
    with pytest.raises(InputError, match="is a folder: name a file"):
        main([str(folder), "--out", str(tmp_path)])
    with pytest.raises(InputError, match=r"mine.pdf': .* must end in .html or .md"):
        main([str(folder), "--out", str(tmp_path / "mine.pdf")])
    (folder / "summary.json").unlink()
    with pytest.raises(InputError, match="finish the run by its command and --resume"):
        main([str(folder)])


def test_advice_is_printed_and_the_report_stays_as_it_is(folder, capsys):
    assert main([str(folder), "--advice"]) == 0
    text = capsys.readouterr().out
    line = next(line for line in text.splitlines() if line.startswith("best accuracy"))
    assert "good" in line
    assert "11/12" in line
    assert not (folder / "report.html").exists()


def test_limits_are_for_advice_and_name_what_the_run_has(folder):
    with pytest.raises(InputError, match="are limits of --advice"):
        main([str(folder), "--max-size", "3"])
    with pytest.raises(InputError, match="leave out --out"):
        main([str(folder), "--advice", "--out", "x.html"])
    with pytest.raises(InputError, match="unknown scenario of this run 'corridr': did you mean 'corridor'"):
        main([str(folder), "--advice", "--scenario", "corridr"])


def test_a_limit_that_no_policy_keeps_leaves_every_need_without_one(folder, capsys):
    assert main([str(folder), "--advice", "--max-size", "0.001"]) == 0  # both have 1000 weights, 0.004 MB
    assert "good" not in capsys.readouterr().out
