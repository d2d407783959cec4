"""Figures of the pages are those of the stored runs, and each sentence that compares is carried by its interval."""

from __future__ import annotations

import json
from pathlib import Path

import page_figures
import pytest
import stored_runs
from page_figures import PAGES, check_block, read_blocks

from policies.registry import make_policy
from scenarios.lookup import scenario_version
from sim.evaluate.jobs import hash_weights

STORED = sorted(path for path in stored_runs.STORE.iterdir() if path.is_dir())
RUNS = [folder for folder in STORED if (folder / "manifest.json").is_file()]  # the others are measurements
LARGEST_RUN = 300_000  # bytes
BYTES_PER_UNIT = 15_000  # of the tables of a population: scores of each recorded episode by each metric

HOLD = {"difference": 0.005, "low": -0.004, "high": 0.015}
CONSTANT = {"difference": -0.05, "low": -0.07, "high": -0.03}
RUN = {
    "cells": [
        {"policy": "good", "scenario": "corridor", "success": {"k": 44, "n": 50, "rate": 0.88}},
        {"policy": "good", "scenario": "rooms", "success": {"k": 3, "n": 50, "rate": 0.06}},
    ],
    "offline": [{"policy": "good", "scenario": "corridor", "mae": 0.0482, "versus": {"hold": HOLD, "floor": CONSTANT}}],
}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_marked_figure_of_a_page_is_that_of_its_stored_run(page: Path) -> None:
    faults = [fault for block in read_blocks(page) for fault in check_block(block)]
    assert not faults, "\n".join(faults)


def test_the_readme_s_own_output_is_marked() -> None:
    blocks = {block.text for block in read_blocks(PAGES[0]) if block.markers}
    assert any(text.startswith("```text\n") and "\npolicy   scenario" in text for text in blocks)
    assert any(text.startswith("That is the quick start's own output") for text in blocks)


@pytest.mark.parametrize("folder", STORED, ids=lambda folder: folder.name)
def test_what_is_stored_is_small(folder: Path) -> None:
    units = json.loads((folder / "units.json").read_text()) if (folder / "units.json").is_file() else []
    assert sum(path.stat().st_size for path in folder.iterdir()) <= LARGEST_RUN + BYTES_PER_UNIT * len(units)


@pytest.mark.parametrize("folder", RUNS, ids=lambda folder: folder.name)
def test_a_stored_run_names_nobody_s_folders(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    assert not any(word.startswith("/") or word == "--out" for word in manifest["command"])


@pytest.mark.slow
@pytest.mark.parametrize("folder", RUNS, ids=lambda folder: folder.name)
def test_a_stored_run_is_of_the_shipped_weights_and_scenarios(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    for name, facts in manifest["policies"].items():
        assert facts["weights"] == hash_weights(make_policy(name)), f"store again: {' '.join(manifest['command'])}"
    for name, facts in manifest["scenarios"].items():
        assert facts["spec"] == scenario_version(name), f"store again: {' '.join(manifest['command'])}"


def faults_of(tmp_path: Path, text: str) -> list[str]:
    """What differs on a page, given the stored run ``RUN`` as 'mine'."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "summary.json").write_text(json.dumps(RUN))
    (tmp_path / "mine" / "manifest.json").write_text(json.dumps({"plan": {"episodes": 50}}))
    page = tmp_path / "page.md"
    page.write_text(text)
    return [fault.split(": ", 1)[1] for block in read_blocks(page) for fault in check_block(block, tmp_path)]


def marked(block: str, *lines: str) -> str:
    """A page with one marked block."""
    return "# Title\n\n<!-- figures mine\n" + "\n".join(lines) + f"\n-->\n{block}\n\nNot marked: 7.\n"


SUCCESS = "{cells[good,corridor].success.k} of {cells[good,corridor].success.n}"


def test_a_figure_that_differs_is_a_fault_and_an_equal_one_is_none(tmp_path: Path) -> None:
    assert faults_of(tmp_path, marked("It won 44 of\n50 `times`.", SUCCESS)) == []


@pytest.mark.parametrize("said", ["45 of 50", "144 of 50", "44 of 500", "44 of 50.5"])
def test_a_figure_is_compared_as_a_whole(tmp_path: Path, said: str) -> None:
    faults = faults_of(tmp_path, marked(f"It won {said}.", SUCCESS))
    assert faults[0] == "the stored run says '44 of 50', which doesn't stand here"


def test_templates_may_overlap(tmp_path: Path) -> None:
    lines = ("won {cells[good,corridor].success.k}", SUCCESS, "of {cells[good,corridor].success.n}.")
    assert faults_of(tmp_path, marked("It won 44 of 50.", *lines)) == []


def test_a_number_of_a_marked_block_that_no_line_covers_is_a_fault_unless_it_is_free(tmp_path: Path) -> None:
    assert faults_of(tmp_path, marked("It won 44 of 50 in 20 s.", SUCCESS)) == ["'20' is neither marked nor free"]


def test_free_text_is_not_compared(tmp_path: Path) -> None:
    assert faults_of(tmp_path, marked("It won 44 of 50 in 20 s.", SUCCESS, "free in 20 s :: of this machine")) == []


def test_a_block_of_code_is_marked_as_a_whole(tmp_path: Path) -> None:
    code = "```text\na  44/50\n\nb  45/50\n```"
    template = "a {cells[good,corridor].success.k}/{cells[good,corridor].success.n}"
    assert faults_of(tmp_path, marked(code, template)) == [
        "'45' is neither marked nor free",
        "'50' is neither marked nor free",
    ]


TABLE = "| name | rooms | MAE |\n| --- | --- | --- |\n| `good` | 3 of 50 | 0.048 |\n| other | {} | - |"


def test_every_cell_of_a_marked_column_is_compared_and_a_dash_stands_where_the_run_has_none(tmp_path: Path) -> None:
    column = "column rooms :: {cells[$row,rooms].success.k} of {cells[$row,rooms].success.n}"
    text = marked(TABLE.format("2 of 50"), column, "column MAE :: {offline[$row].mae:.3f}")
    assert faults_of(tmp_path, text) == ["rooms of other is '2 of 50', the stored run says '-'"]


def test_a_column_of_dashes_only_is_a_fault(tmp_path: Path) -> None:
    (fault,) = faults_of(
        tmp_path, marked("| name | MAE |\n| --- | --- |\n| a | - |", "column MAE :: {offline[$row].mae}")
    )
    assert fault == "the stored run has no entry for any cell of 'MAE'"


def test_of_a_table_with_marked_rows_the_others_are_not_compared(tmp_path: Path) -> None:
    row = "row good :: {cells[good,rooms].success.k} of 50 | {offline[good].mae:.2f}"
    assert faults_of(tmp_path, marked(TABLE.format("99"), row))[0].startswith("the stored run says '3 of 50 | 0.05'")


CLAIMS = [
    ("hold has the lower MAE", "versus.hold > 0", False),
    ("hold has about the same MAE", "versus.hold ~ 0", True),
    ("it has a lower MAE than constants", "versus.floor < 0", True),
    ("it has a higher MAE than constants", "versus.floor > 0", False),
    ("it has about the same MAE as constants", "versus.floor ~ 0", False),
]


@pytest.mark.parametrize(("phrase", "comparison", "carried"), CLAIMS)
def test_a_sentence_that_compares_fails_where_its_interval_does_not_carry_it(
    tmp_path: Path, phrase: str, comparison: str, carried: bool
) -> None:
    faults = faults_of(tmp_path, marked(f"Here {phrase}.", f"claim {phrase} :: offline[good].{comparison}"))
    assert [fault for fault in faults if "isn't carried by its interval" in fault] == faults
    assert (faults == []) == carried


@pytest.mark.parametrize("words", ["it is better", "it has a lower MAE", "it is no faster", "it beats hold"])
def test_a_sentence_of_a_marked_block_that_compares_needs_a_claim(tmp_path: Path, words: str) -> None:
    text = marked(f"It won 44 of 50. So {words}.", SUCCESS)
    assert faults_of(tmp_path, text) == [f"'So {words}.' compares and has no claim with an interval"]


def test_a_claim_needs_an_interval_and_its_words_on_the_page(tmp_path: Path) -> None:
    text = marked("It is good.", "claim better :: offline[good].mae > 0")
    assert faults_of(tmp_path, text) == [
        "the claim 'better' doesn't stand here",
        "'better': 'offline[good].mae' has no interval",
    ]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{cells[bad].success.k}", "names nothing in the stored run"),
        ("{cells[good].success.k}", "names 2 values: select one in brackets"),
        ("{__import__('os')}", "is not an expression"),
        ("claim better", "has no ' :: '"),
        ("claim good :: offline[good].versus.hold", "is not a comparison"),
        ("row nobody :: 1", "no row begins with 'nobody'"),
        ("column nothing :: 1", "no table with a column 'nothing'"),
    ],
)
def test_a_marker_that_names_nothing_is_a_fault(tmp_path: Path, line: str, complaint: str) -> None:
    (fault,) = faults_of(tmp_path, marked("It is good.", line))
    assert complaint in fault


def test_an_unknown_run_is_a_fault(tmp_path: Path) -> None:
    text = marked("It is good.", "{manifest.plan.episodes}").replace("figures mine", "figures yours")
    assert faults_of(tmp_path, text) == ["no results are stored as 'yours' (there are: mine)"]


def test_expressions_scale_and_aggregate() -> None:
    found = {
        "100 * cells[good,rooms].success.rate": 6.0,
        "sum cells[good].success.k": 47,
        "count cells[good].success.k": 2,
        "min cells.success.rate": 0.06,
        "mean cells.success.n": 50,
    }
    for expression, value in found.items():
        assert stored_runs.evaluate(expression, RUN) == pytest.approx(value)


def test_storing_leaves_out_what_no_page_quotes_and_the_run_s_folder(tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    score = {"mae": 0.04824999999, "conventions": [1], "frame_kinds": [{"kind": "near"}]}
    (run / "summary.json").write_text(json.dumps({"offline": [score]}))
    command = ["python", "-m", "sim.evaluate", "--out", "/home/me/x", "--episodes", "3"]
    (run / "manifest.json").write_text(json.dumps({"command": command}))
    stored_runs.store(run, "mine", ["frame_kinds"], tmp_path / "store")
    (tmp_path / "speed.json").write_text('{"ratio": 1.5}')
    stored_runs.store(tmp_path / "speed.json", "mine", root=tmp_path / "store")
    assert stored_runs.load("mine", tmp_path / "store") == {
        "offline": [{"mae": 0.04825}],
        "manifest": {"command": ["python", "-m", "sim.evaluate", "--episodes", "3"]},
        "speed": {"ratio": 1.5},
    }


def test_blocks_with_figures_and_without_a_marker_are_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_figures, "ROOT", tmp_path)
    page = tmp_path / "page.md"
    page.write_text(marked("It won 44 of 50.", SUCCESS) + "\nNo figure.\n")
    assert list(page_figures.list_unmarked([page])) == ["page.md:8: 1 numbers, not marked"]
