"""Laws of the heat map of success."""

from __future__ import annotations

from rows import FACTS, PERTURBED, PLAN, make_perturbed_rows, make_rows

from sim.analysis.summary import summarise_run
from sim.report.sections.heat_map import make_heat_map


def test_every_cell_has_its_place_with_successes_episodes_and_interval():
    found = make_heat_map(summarise_run(PERTURBED, make_perturbed_rows(), [], FACTS).cells)
    assert (found.policies, found.scenarios, found.perturbations) == (
        PERTURBED.policies, ("corridor",), PERTURBED.perturbations
    )  # fmt: skip
    (good,) = found.pack()["good"]
    assert [field[:2] for field in good] == [[11, 12], [8, 12], [12, 12]]
    assert good[0][2] < 100 * 11 / 12 < good[0][3]


def test_a_cell_that_was_not_driven_is_empty():
    rows = [row for row in make_perturbed_rows() if row.policy == "good" or row.perturbation == "none"]
    found = make_heat_map(summarise_run(PERTURBED, rows, [], FACTS).cells)
    assert [field is None for field in found.pack()["bad"][0]] == [False, True, True]


def test_a_single_field_is_no_map():
    assert make_heat_map(summarise_run(PLAN, make_rows(), [], FACTS).cells) is None
