"""Laws of the gallery of failures."""

from __future__ import annotations

from rows import make_perturbed_rows, make_row, make_rows

from scenarios.lookup import get_scenario
from sim.report.sections.failures import MAX_FAILURES, draw_failures, select_failures
from sim.results.manifest import ScenarioFacts

FACTS = {"corridor": ScenarioFacts(get_scenario("corridor").spec_hash)}


def test_every_kind_comes_before_any_comes_twice_and_no_success_is_shown():
    chosen = select_failures(make_perturbed_rows())
    kinds = [row.ending for row in chosen]
    distinct = len(set(kinds))
    assert len(set(kinds[:distinct])) == distinct
    assert "success" not in kinds
    assert "policy-fault" not in kinds  # it has neither a path nor an end


def test_every_failure_is_chosen_once():
    rows = [row for row in make_rows() if row.episode < 8]
    assert sorted(row.key for row in select_failures(rows)) == sorted(
        row.key for row in rows if not row.success and not row.error
    )


def test_a_failure_is_drawn_with_its_path_where_that_is_known():
    rows = [make_row("good", 0, "collision"), make_row("good", 1, "stuck")]
    pictures = draw_failures(rows, FACTS, {rows[0].key: [(0, 0), (50, 0)]})
    assert [(picture.row.episode, picture.scene.end) for picture in pictures] == [(0, (50, 0)), (1, None)]


def test_there_are_not_too_many_pictures_and_none_of_a_changed_scenario():
    rows = [make_row("good", number, "stuck") for number in range(MAX_FAILURES + 5)]
    assert len(draw_failures(select_failures(rows), FACTS, {})) == MAX_FAILURES
    assert draw_failures(rows, {"corridor": ScenarioFacts("abc")}, {}) == []
