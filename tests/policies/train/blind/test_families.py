from __future__ import annotations

import pytest

from policies.scripted.plans import PARK, Plan, load_plans
from policies.train.blind import families
from policies.train.blind.families import FoundPlan, search_all, search_family, search_parking
from scenarios.registry import SCENARIOS


@pytest.fixture
def quick(monkeypatch) -> list[tuple[int, int]]:
    """The number of scenes that each search got, and its most points; all searches find the same plan."""
    seen = []

    def found(scenes, _, most_points: int = 24) -> Plan:
        seen.append((scenes.size, most_points))
        return Plan(((1.0, 0.0),), won=1, scenes=scenes.size)

    monkeypatch.setattr(families, "search_plan", found)
    return seen


def test_each_kind_of_task_has_its_own_scenes_and_plan(quick) -> None:
    found = search_family("box-detour", 12)
    assert sum(size for size, _ in quick) == 12
    assert len(found) == len(quick) > 1
    assert all(each.kind.startswith("box-detour ") for each in found)
    assert sum(each.unseen_scenes for each in found) <= 12


def test_the_place_to_park_is_one_point_in_scenes_whose_goal_moves(quick) -> None:
    found = search_parking(2)
    assert found is not None
    assert found.kind == PARK
    assert quick == [(2, 1)]


def test_all_plans_are_saved_and_those_that_a_run_has_already_found_are_kept(monkeypatch, recipe_run, tmp_path) -> None:
    asked = []

    def found(name: str, count: int) -> list[FoundPlan]:
        asked.append(name)
        if len(asked) == 3:
            raise KeyboardInterrupt
        return [FoundPlan(name, Plan(((float(len(asked)), 0.0),), won=1, scenes=count), 0, 0)]

    monkeypatch.setattr(families, "search_named", found)
    with pytest.raises(KeyboardInterrupt):
        search_all(tmp_path / "out", recipe_run)
    search_all(tmp_path / "out", recipe_run)
    assert sorted(asked) == sorted([*SCENARIOS, PARK, list(SCENARIOS)[2]])
    assert set(load_plans(tmp_path / "out")) == {*SCENARIOS, PARK}
