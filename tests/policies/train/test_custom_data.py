from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from rich.console import Console

from policies.dataset import DatasetWriter, Demonstration
from policies.hybrid.network import Hybrid
from policies.train.custom_data import find_checkpoint, train_on_datasets
from policies.train.loop.trainer import OptimizerConfig
from policies.train.recipe import Recipe
from policies.train.tasks.cloning import CloneOptions
from policies.train.tasks.pretraining import PretrainOptions
from scenarios.common.errors import InputError

SHORT = PretrainOptions(steps=2, batch=8, course=OptimizerConfig(epochs=2))
RECIPE = replace(Recipe(), clip=SHORT, kosmos2=SHORT, cloning=CloneOptions(OptimizerConfig(epochs=2), windows=(6,)))


@pytest.fixture(scope="module", params=["captioned", "without captions"])
def dataset(request, demonstration, tmp_path_factory) -> Path:
    drawn = [demonstration(index) for index in range(3)]
    if request.param != "captioned":
        drawn = [replace(each, captions=()) for each in drawn]
    return _written(drawn, tmp_path_factory.mktemp("data") / "set")


def _written(demonstrations: Sequence[Demonstration], root: Path) -> Path:
    with DatasetWriter(root, fps=4) as writer:
        for each in demonstrations:
            writer.add(each)
    return root


@pytest.fixture
def train(make_run):
    def trained(*datasets: Path, out: Path, console: Console | None = None, **options) -> Hybrid:
        return train_on_datasets(datasets, RECIPE, make_run(out, console), **options)

    return trained


class _StopError(Exception):
    pass


class _Stopping(Console):
    """Stops where a line is printed that begins like this, as an epoch is reported."""

    def __init__(self, line: str) -> None:
        super().__init__(file=io.StringIO())
        self.line = line

    def print(self, *args: object, **kwargs: object) -> None:
        if str(args[0]).startswith(self.line):
            raise _StopError


@pytest.mark.parametrize("stage", ["kosmos2: epoch 1", "clip: epoch 1", "clone: epoch 1"])
def test_a_run_stopped_anywhere_goes_on_to_where_an_unbroken_one_ends(stage, dataset, train, tmp_path) -> None:
    whole, parts = train(dataset, out=tmp_path / "whole"), tmp_path / "parts"
    try:
        train(dataset, out=parts, console=_Stopping(stage))
    except _StopError:
        with pytest.raises(InputError, match="contains an earlier run"):
            train(dataset, out=parts)
    resumed = train(dataset, out=parts, resume=True)
    for (name, one), (_, other) in zip(whole.named_parameters(), resumed.named_parameters(), strict=True):
        assert torch.equal(one, other), name


def test_a_run_does_not_go_on_with_other_data(demonstration, train, tmp_path) -> None:
    one, other = (_written([demonstration(i), demonstration(i + 2)], tmp_path / f"set-{i}") for i in range(2))
    with pytest.raises(_StopError):
        train(one, out=tmp_path / "out", console=_Stopping("clip: epoch 1"))
    with pytest.raises(InputError, match="was begun with data sets"):
        train(one, other, out=tmp_path / "out", resume=True)


def test_data_that_is_held_out_whole_trains_nothing(demonstration, train, tmp_path) -> None:
    root = _written([demonstration(0, seed=2000)], tmp_path / "set")
    with pytest.raises(InputError, match="nothing is left to train on"):
        train(root, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_no_run_left_is_neither_gone_on_with_nor_overwritten(demonstration, train, tmp_path) -> None:
    root, out = _written([demonstration(0)], tmp_path / "set"), tmp_path / "out"
    out.mkdir()
    (out / "config.json").write_text("{}")
    for resume, sentence in ((False, "contains an earlier run"), (True, "contains no run that could be resumed")):
        with pytest.raises(InputError, match=sentence):
            train(root, out=out, resume=resume)
    assert [path.name for path in out.iterdir()] == ["config.json"]


@pytest.mark.parametrize(
    ("init", "sentence"),
    [
        ("hybird", "did you mean 'hybrid'"),
        ("nowhere/at/all", "no checkpoint at 'nowhere/at/all'"),
        ("simple-lstm", "kind of model"),
    ],
)
def test_a_start_that_fails_leaves_no_folder(init, sentence, demonstration, train, tmp_path) -> None:
    root, out = _written([demonstration(0)], tmp_path / "set"), tmp_path / "out"
    with pytest.raises(InputError, match=sentence):
        train(root, out=out, init=init)
    assert not out.exists()


def test_training_starts_from_a_policys_name_or_a_folder(monkeypatch, demonstration, train, tmp_path) -> None:
    started: list[Hybrid] = []
    monkeypatch.setattr("policies.train.custom_data.clone_behaviour", lambda model, *_: started.append(model))
    root = _written([demonstration(0)], tmp_path / "set")
    train(root, out=tmp_path / "named", init="hybrid")
    train(root, out=tmp_path / "folder", init=str(find_checkpoint("hybrid")))
    pairs = zip(started[0].parameters(), started[1].parameters(), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)
