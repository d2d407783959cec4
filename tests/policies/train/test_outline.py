from __future__ import annotations

from pathlib import Path

import pytest

from policies.train.outline import describe_custom, describe_recipe
from policies.train.recipe import Recipe
from scenarios.registry import SCENARIOS

RECIPE, FAMILIES = Recipe(), len(SCENARIOS)


@pytest.mark.parametrize(
    ("name", "recorded", "time"),
    [
        ("hybrid", {"expert": 300, "validation": 10, "DAgger": 120}, "about 95 minutes"),
        ("all", {"expert": 300, "validation": 10, "DAgger": 120}, "about 2.5 hours"),
        ("backbones", {"expert": 300}, "about 45 minutes"),
        ("simple-lstm", {"expert": 300, "validation": 10, "DAgger": 60}, "more than 45 minutes"),
    ],
)
def test_a_run_says_how_many_episodes_it_records_where_and_how_long_it_takes(
    name, recorded, time, recipe_run, tmp_path
) -> None:
    told = describe_recipe(name, RECIPE, recipe_run, tmp_path / "out")
    episodes = ", ".join(f"{count * FAMILIES} {what}" for what, count in recorded.items())
    assert f"records {episodes} episodes of {FAMILIES} families" in told
    assert f"into '{recipe_run.work / 'data'}' with 2 worker processes" in told
    assert f"writes to '{tmp_path / 'out'}'" in told
    assert f"expected to take {time}," in told


def test_teleoperated_drives_are_announced_where_a_system_learns_from_them(recipe_run) -> None:
    teleop = {
        name: "teleoperated drives" in describe_recipe(name, RECIPE, recipe_run, Path("out"))
        for name in ("all", "hybrid", "backbones", "simple-lstm", "no-first-frame")
    }
    assert teleop == {
        "all": True, "hybrid": False, "backbones": False, "simple-lstm": False, "no-first-frame": True
    }  # fmt: skip


def test_training_on_own_data_names_it_and_says_that_nothing_is_recorded() -> None:
    told = describe_custom([Path("data/mine"), Path("data/yours")], Path("runs/mine"))
    assert "'data/mine', 'data/yours'" in told
    assert "writes to 'runs/mine'. It records nothing." in told
