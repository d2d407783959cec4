from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console
from rows import FACTS, MANIFEST, PLAN, make_offline, make_rows

from sim.analysis.rates import estimate_success
from sim.analysis.summary import summarise_run
from sim.report.floors import describe_floor, floor_lines, make_floor_rows
from sim.report.html import write_report
from sim.report.ranking_table import fit_ranking_columns, make_ranking_table
from sim.report.results_table import print_table
from sim.results.codec import from_json, to_json
from sim.results.summary.rates import ReferenceRate, SuccessFloor
from sim.results.summary.summary import Summary


def rate(policy: str, lacks: tuple, won: int, of: int, *, driven: bool = False) -> ReferenceRate:
    return ReferenceRate(policy, lacks, estimate_success([True] * won + [False] * (of - won)), driven)


CORRIDOR = SuccessFloor(
    "corridor", (rate("straight", ("images", "words"), 3, 60), rate("blind", ("images",), 6, 60, driven=True))
)
ROOMS = SuccessFloor("rooms", (rate("blind", ("images",), 9, 60),))
OWN = SuccessFloor("mine.yaml", ())


@pytest.fixture
def summary() -> Summary:
    offline = [make_offline("good", 0.0312), make_offline("bad", 0.2)]
    return replace(summarise_run(PLAN, make_rows(), offline, FACTS), floors=(CORRIDOR,))


def test_a_line_names_the_best_reference_without_each_sense_with_its_counts_and_interval() -> None:
    assert describe_floor(CORRIDOR) == (
        "floor of success on corridor: 10 % (4 to 20 %) without images (blind 6/60, in this run), "
        "5 % (1 to 14 %) without words (straight 3/60, measured before)"
    )
    assert "without words" not in describe_floor(ROOMS)


def test_where_nothing_is_known_the_line_says_how_to_measure_it() -> None:
    assert describe_floor(OWN).startswith("floor of success on mine.yaml: not known; '--policy zero,random,")


def test_over_scenarios_the_best_references_are_pooled_only_if_every_scenario_has_one(summary) -> None:
    both = {row.lacks: row for row in make_floor_rows(replace(summary, floors=(CORRIDOR, ROOMS)))}
    assert (both["images"].success.k, both["images"].success.n) == (15, 120)
    assert both["words"].success is None
    assert set(both["words"].by_scenario) == {"corridor"}
    assert make_floor_rows(replace(summary, floors=(OWN,))) == []


def test_the_ranking_ends_in_the_floors(summary) -> None:
    stream = io.StringIO()
    console = Console(file=stream, width=140, no_color=True)
    console.print(make_ranking_table(summary, fit_ranking_columns(summary, console)))
    *_, images, words = [line for line in stream.getvalue().splitlines() if line.strip()]
    assert images.split()[:4] == ["floor:", "no", "images", "6/60"]
    assert words.split()[:4] == ["floor:", "no", "words", "3/60"]


def test_one_policy_is_followed_by_the_floor_of_each_scenario(summary, tmp_path) -> None:
    stream = io.StringIO()
    alone = replace(summary, agreement=replace(summary.agreement, rows=summary.agreement.rows[:1]))
    print_table(alone, tmp_path, [], Console(file=stream, width=140))
    assert floor_lines(summary)[0] in stream.getvalue()


def test_the_page_shows_the_floors_as_lines_marks_and_rows(summary, tmp_path) -> None:
    write_report(tmp_path / "report.html", MANIFEST, summary, make_rows())
    text = (tmp_path / "report.html").read_text()
    assert text.count("floor: no images 10 %") == 1  # the line in the plot
    assert text.count("<td>floor: no images</td>") == 1
    assert text.count('<path class="floor"') == 2 + 2 * len(summary.cells)
    write_report(tmp_path / "without.html", MANIFEST, replace(summary, floors=(OWN,)), make_rows())
    assert "floor: no" not in (tmp_path / "without.html").read_text()


def test_floors_are_part_of_the_summary_and_older_summaries_without_them_are_read(summary) -> None:
    written = to_json(summary)
    assert written["floors"][0]["references"][1] == {
        "policy": "blind",
        "lacks": ["images"],
        "success": written["floors"][0]["references"][1]["success"],
        "driven": True,
    }
    assert from_json(Summary, written, "test").floors == (CORRIDOR,)
    del written["floors"]
    assert from_json(Summary, written, "test").floors == ()
