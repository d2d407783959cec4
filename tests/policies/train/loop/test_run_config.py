from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from policies.train.loop.run_config import PLAN_FILE, begun_run, check_resumable, save_or_verify_config
from policies.train.recipe import Recipe
from scenarios.common.errors import InputError


def test_a_plan_is_kept_and_met_again(tmp_path) -> None:
    for _ in range(2):
        save_or_verify_config(tmp_path / "run", asdict(Recipe()))
    assert [path.name for path in (tmp_path / "run").iterdir()] == [PLAN_FILE]


@pytest.mark.parametrize(
    ("plan", "sentence"),
    [
        ({"a": {"epochs": 3}, "b": [1]}, "started with a.epochs 2, not 3"),
        ({"a": {"epochs": 2}, "b": [1, 2]}, r"started with b \[1\], not \[1, 2\]"),
        ({"a": {"epochs": 2}}, r"started with b \[1\], not None"),
    ],
)
def test_another_plan_is_refused_by_what_differs(plan, sentence, tmp_path) -> None:
    save_or_verify_config(tmp_path, {"a": {"epochs": 2}, "b": [1]})
    with pytest.raises(InputError, match=sentence):
        save_or_verify_config(tmp_path, plan)


@pytest.mark.parametrize("damaged", ["", "{", "[1]", "7"])
def test_a_damaged_plan_is_one_sentence(damaged, tmp_path) -> None:
    (tmp_path / PLAN_FILE).write_text(damaged)
    with pytest.raises(InputError, match=r"cannot read .* as JSON"):
        save_or_verify_config(tmp_path, {"a": 1})


def _fail(folder: Path, *files: str, plan: int = 1) -> None:
    """Begin a run that makes some files and fails."""

    def run() -> None:
        with begun_run(folder, {"plan": plan}):
            for name in files:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_text("")
            raise InputError("no camera")

    with pytest.raises(InputError, match="no camera"):
        run()


def test_a_run_that_fails_before_it_makes_anything_leaves_no_folder(tmp_path) -> None:
    _fail(tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_where_a_start_left_only_logs_another_run_may_begin(tmp_path) -> None:
    _fail(tmp_path, "data/recording.log", plan=1)
    check_resumable(tmp_path, "--work", resume=False)
    with begun_run(tmp_path, {"plan": 2}):
        pass
    assert json.loads((tmp_path / PLAN_FILE).read_text()) == {"plan": 2}


def test_what_a_failed_run_has_made_stays_and_is_resumed_by_the_same_plan_alone(tmp_path) -> None:
    _fail(tmp_path, "clip/state.pt")
    with pytest.raises(InputError, match="resume it with --resume, or choose another --work"):
        check_resumable(tmp_path, "--work", resume=False)
    check_resumable(tmp_path, "--work", resume=True)
    with pytest.raises(InputError, match="started with plan 1, not 2"), begun_run(tmp_path, {"plan": 2}):
        pass
    with begun_run(tmp_path, {"plan": 1}):
        assert (tmp_path / "clip/state.pt").is_file()


def test_a_folder_that_no_run_left_is_refused_either_way(tmp_path) -> None:
    (tmp_path / "photo.png").write_text("")
    for resume in (False, True):
        with pytest.raises(InputError, match="choose another --work"):
            check_resumable(tmp_path, "--work", resume=resume)
