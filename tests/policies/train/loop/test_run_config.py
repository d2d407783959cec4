from __future__ import annotations

import pytest

from policies.train.loop.run_config import PLAN, keep_plan
from policies.train.recipe import Recipe
from scenarios.common.errors import InputError


def test_a_plan_is_kept_and_met_again(tmp_path) -> None:
    for _ in range(2):
        keep_plan(tmp_path / "run", Recipe().plan())
    assert [path.name for path in (tmp_path / "run").iterdir()] == [PLAN]


def test_workers_and_device_are_no_part_of_a_recipes_plan(tmp_path) -> None:
    keep_plan(tmp_path, Recipe(workers=2).plan())
    keep_plan(tmp_path, Recipe(workers=7).plan())


@pytest.mark.parametrize(
    ("plan", "sentence"),
    [
        ({"a": {"epochs": 3}, "b": [1]}, "begun with a.epochs 2, not 3"),
        ({"a": {"epochs": 2}, "b": [1, 2]}, r"begun with b \[1\], not \[1, 2\]"),
        ({"a": {"epochs": 2}}, r"begun with b \[1\], not None"),
    ],
)
def test_another_plan_is_refused_by_what_differs(plan, sentence, tmp_path) -> None:
    keep_plan(tmp_path, {"a": {"epochs": 2}, "b": [1]})
    with pytest.raises(InputError, match=sentence):
        keep_plan(tmp_path, plan)


@pytest.mark.parametrize("damaged", ["", "{", "[1]", "7"])
def test_a_damaged_plan_is_one_sentence(damaged, tmp_path) -> None:
    (tmp_path / PLAN).write_text(damaged)
    with pytest.raises(InputError, match="can't be read"):
        keep_plan(tmp_path, {"a": 1})
