"""Laws of ``python -m sim.agreement``."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor

import pytest

from scenarios.common.errors import InputError
from scenarios.common.locks import lock_folder
from sim.agreement import __main__ as command
from sim.agreement.collection.gather import PopulationCosts
from sim.offline.metrics.evidence import Cost
from sim.population.tables import read_population, write_population
from sim.results.codec import to_json

from ..claims.unit_runs import write_run
from .collection.unit_results import make_score, write_scores
from .conclusion.made_up import make_population


def test_both_tables_alone_give_the_judgement_the_page_and_its_figure(tmp_path, capsys):
    write_population(tmp_path / "stored", make_population(families=6))
    costs = PopulationCosts({"mae": Cost(frames=10, seconds=2.0)}, {"population": 30.0})
    (tmp_path / "stored" / "costs.json").write_text(json.dumps(to_json(costs)))
    assert command.main([str(tmp_path / "stored"), "--write", str(tmp_path / "RESULTS.md")]) == 0
    assert "It rests on 36 units of 6 families" in capsys.readouterr().out
    page = (tmp_path / "RESULTS.md").read_text()
    assert "It rests on 36 units of 6 families" in page
    (figure,) = tmp_path.glob("*.svg")
    assert f"]({figure.name})" in page
    ET.fromstring(figure.read_text())


def test_runs_are_gathered_before_they_are_judged(tmp_path, capsys):
    write_run(tmp_path / "population" / "hybrid-1000", {"hybrid-1000": {0, 2}})
    write_scores(tmp_path / "metrics" / "hybrid-1000" / "1.json", "hybrid-1000", [make_score("mae", [0.1, 0.2])])
    assert command.main([str(tmp_path)]) == 0
    assert "It rests on 1 unit of 1 family" in capsys.readouterr().out
    assert (tmp_path / "drives.parquet").is_file()


def test_scores_join_tables_whose_runs_lie_elsewhere(tmp_path, capsys):
    population = make_population(families=5, steps=1)
    write_population(tmp_path, population)
    for unit in population.units[:4]:
        score = make_score("largest", [0.1 * unit.training_seed, 0.2])
        write_scores(tmp_path / "metrics" / unit.name / "1.json", unit.name, [score])
    assert command.main([str(tmp_path)]) == 0
    stored = {unit.name: unit for unit in read_population(tmp_path).units}
    assert sum(("largest", "corridor") in unit.metrics for unit in stored.values()) == 4
    assert len(stored) == 10


def test_tables_are_gathered_by_one_command_at_a_time(tmp_path):
    """A second one would write lists that lack what the first has just found."""
    write_run(tmp_path / "population" / "hybrid-1000", {"hybrid-1000": {0, 2}})
    write_scores(tmp_path / "metrics" / "hybrid-1000" / "1.json", "hybrid-1000", [make_score("mae", [0.1, 0.2])])
    with ThreadPoolExecutor(1) as threads:
        with lock_folder(tmp_path):
            finished = threads.submit(command.main, [str(tmp_path)])
            with pytest.raises(TimeoutError):
                finished.result(timeout=1.0)
            assert not (tmp_path / "drives.parquet").exists()
        assert finished.result(timeout=60.0) == 0
    assert (tmp_path / "drives.parquet").is_file()


def test_a_unit_that_fails_ends_the_command_as_not_complete_after_all_is_judged(tmp_path, monkeypatch, capsys):
    write_population(tmp_path / "stored", make_population(families=2))
    (tmp_path / "pop" / "hybrid-1000").mkdir(parents=True)
    monkeypatch.setattr(command, "collect_results", lambda *_, **__: ("hybrid-1000, population: exit code 2",))
    assert command.main([str(tmp_path / "stored"), "--population", str(tmp_path / "pop")]) == 3
    assert "hybrid-1000, population: exit code 2" in capsys.readouterr().out


def test_a_command_that_failed_before_there_is_anything_to_judge_is_the_error(tmp_path, monkeypatch):
    (tmp_path / "pop" / "hybrid-1000").mkdir(parents=True)
    monkeypatch.setattr(command, "collect_results", lambda *_, **__: ("hybrid-1000, s: error: unknown suite 's'",))
    with pytest.raises(InputError, match="unknown suite 's'"):
        command.main([str(tmp_path / "new"), "--population", str(tmp_path / "pop")])


def test_flags_for_driving_are_refused_where_nothing_is_driven(tmp_path):
    write_population(tmp_path, make_population(families=2))
    with pytest.raises(InputError, match="--units, --metrics: only with --population DIR"):
        command.main([str(tmp_path), "--units", "hybrid-*", "--metrics", "mae"])


def test_where_to_write_and_what_to_drive_are_checked_before_anything_is_driven(tmp_path, monkeypatch):
    monkeypatch.setattr(command, "collect_results", None)
    (tmp_path / "pop" / "hybrid-1000").mkdir(parents=True)
    words = [str(tmp_path / "new"), "--population", str(tmp_path / "pop")]
    with pytest.raises(InputError, match=r"--write '.*x.md': there is no folder"):
        command.main([*words, "--write", str(tmp_path / "none" / "x.md")])
    with pytest.raises(InputError, match=r"--write '.*' is a folder: name a file"):
        command.main([*words, "--write", str(tmp_path)])
    with pytest.raises(InputError, match="unknown suite 'nosuite'"):
        command.main([*words, "--suite", "nosuite"])
    assert not (tmp_path / "new").exists()


def test_a_folder_without_tables_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match=r"holds no run of sim.evaluate and no 'drives.parquet': .* --population DIR"):
        command.main([str(tmp_path)])
    with pytest.raises(InputError, match=r"nowhere': folder not found: name the folder of a run"):
        command.main([str(tmp_path / "nowhere")])
    (tmp_path / "table.csv").touch()
    with pytest.raises(InputError, match=r"table.csv': is a file: name the folder of a run"):
        command.main([str(tmp_path / "table.csv")])


def test_rows_of_a_run_are_not_overwritten_by_a_page(tmp_path):
    run = write_run(tmp_path / "run", {"a": {0, 2}})
    before = (run / "episodes.jsonl").read_text()
    with pytest.raises(InputError, match=r"--write '.*episodes.jsonl' must end in .md"):
        command.main([str(tmp_path), "--write", str(run / "episodes.jsonl")])
    assert (run / "episodes.jsonl").read_text() == before
