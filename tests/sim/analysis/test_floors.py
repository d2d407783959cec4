from __future__ import annotations

import json

import pytest
from rows import make_row

from policies.registry import POLICIES
from scenarios.registry import SCENARIOS
from sim.analysis import floors
from sim.analysis.agreement import REFERENCE_POLICIES
from sim.analysis.floors import LACKS, gather_floors, read_measured
from sim.results.plan import RunPlan

SPEC = SCENARIOS["corridor"].spec_hash


@pytest.fixture
def measured(tmp_path, monkeypatch):
    """Let these figures come with the package: successes by reference, in the corridor."""

    def write(successes: dict[str, int], spec: str = SPEC) -> None:
        one = {"scenario": "corridor", "spec": spec, "suite_seed": 9921, "episodes": 60, "successes": successes}
        (tmp_path / "floors.json").write_text(json.dumps({"schema": 1, "floors": [one]}))
        found = read_measured.__wrapped__(tmp_path / "floors.json")
        monkeypatch.setattr(floors, "read_measured", lambda: found)

    return write


def gather(policies=("mine",), rows=(), scenario="corridor"):
    plan = RunPlan(policies, (scenario,), 4, 0)
    by_cell = {cell: {row.episode: row for row in rows if row.cell == cell} for cell in plan.cells}
    (floor,) = gather_floors(plan, by_cell)
    return floor


def test_the_best_reference_without_each_sense_counts(measured) -> None:
    measured({"zero": 0, "straight": 4, "blind": 6, "wordless": 5})
    floor = gather()
    images, words = floor.best_without("images"), floor.best_without("words")
    assert (images.policy, images.success.k, images.success.n, images.driven) == ("blind", 6, 60, False)
    assert (words.policy, words.success.k) == ("wordless", 5)


def test_what_drove_in_the_run_counts_instead_of_what_was_measured(measured) -> None:
    measured({"straight": 4, "blind": 6})
    rows = [make_row("blind", number, "success" if number < 1 else "collision") for number in range(4)]
    best = gather(("mine", "blind"), rows).best_without("images")
    assert (best.policy, best.success.k, best.success.n, best.driven) == ("blind", 1, 4, True)


def test_nothing_is_claimed_for_other_ranges_or_a_scenario_of_ones_own(measured, tmp_path) -> None:
    measured({"blind": 6}, spec="another")
    assert gather().references == ()
    assert gather().best_without("images") is None
    measured({"blind": 6})
    file = tmp_path / "mine.yaml"
    file.write_text("family: corridor\nranges:\n  boxes: 1\n")
    assert gather(scenario=str(file)).references == ()


def test_without_a_file_nothing_is_known(tmp_path) -> None:
    assert read_measured(tmp_path / "nowhere.json") == ()


def test_every_reference_is_a_policy_that_is_never_ranked() -> None:
    assert set(LACKS) <= set(POLICIES)
    assert set(LACKS) == REFERENCE_POLICIES


def test_the_shipped_figures_are_of_the_families_as_they_are() -> None:
    shipped = {each.scenario: each for each in read_measured()}
    assert {name: each.spec for name, each in shipped.items()} == {
        name: scenario.spec_hash for name, scenario in SCENARIOS.items()
    }, "measure them anew with 'python -m sim.benchmark floors'"
    for each in shipped.values():
        assert {"straight", "park", "blind"} <= set(each.successes) <= set(LACKS)
        assert all(0 <= won <= each.episodes for won in each.successes.values())
