from __future__ import annotations

import pytest

from policies.train.loop.run_config import PLAN_FILE, save_or_verify_config
from policies.train.recipe import Recipe
from scenarios.common.errors import InputError


def test_a_plan_is_kept_and_met_again(tmp_path) -> None:
    for _ in range(2):
        save_or_verify_config(tmp_path / "run", Recipe().as_config())
    assert [path.name for path in (tmp_path / "run").iterdir()] == [PLAN_FILE]


def test_workers_and_device_are_no_part_of_a_recipes_plan(tmp_path) -> None:
    save_or_verify_config(tmp_path, Recipe(workers=2).as_config())
    save_or_verify_config(tmp_path, Recipe(workers=7).as_config())


@pytest.mark.parametrize(
    ("plan", "sentence"),
    [
        ({"a": {"epochs": 3}, "b": [1]}, "begun with a.epochs 2, not 3"),
        ({"a": {"epochs": 2}, "b": [1, 2]}, r"begun with b \[1\], not \[1, 2\]"),
        ({"a": {"epochs": 2}}, r"begun with b \[1\], not None"),
    ],
)
def test_another_plan_is_refused_by_what_differs(plan, sentence, tmp_path) -> None:
    save_or_verify_config(tmp_path, {"a": {"epochs": 2}, "b": [1]})
    with pytest.raises(InputError, match=sentence):
        save_or_verify_config(tmp_path, plan)


@pytest.mark.parametrize("damaged", ["", "{", "[1]", "7"])
def test_a_damaged_plan_is_one_sentence(damaged, tmp_path) -> None:
    (tmp_path / PLAN_FILE).write_text(damaged)
    with pytest.raises(InputError, match="can't be read"):
        save_or_verify_config(tmp_path, {"a": 1})
