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
from policies.train.custom_data import train_on_datasets
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


def _train(*datasets: Path, out: Path, console: Console | None = None, resume: bool = False) -> Hybrid:
    console = console or Console(file=io.StringIO())
    cache = out.parent / "cache"
    return train_on_datasets(datasets, out, cache=cache, recipe=RECIPE, init=None, resume=resume, console=console)


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
def test_a_run_stopped_anywhere_goes_on_to_where_an_unbroken_one_ends(stage, dataset, tmp_path) -> None:
    whole, parts = _train(dataset, out=tmp_path / "whole"), tmp_path / "parts"
    try:
        _train(dataset, out=parts, console=_Stopping(stage))
    except _StopError:
        with pytest.raises(InputError, match="holds an earlier run"):
            _train(dataset, out=parts)
    resumed = _train(dataset, out=parts, resume=True)
    for (name, one), (_, other) in zip(whole.named_parameters(), resumed.named_parameters(), strict=True):
        assert torch.equal(one, other), name


def test_a_run_does_not_go_on_with_other_data(demonstration, tmp_path) -> None:
    one, other = (_written([demonstration(i), demonstration(i + 2)], tmp_path / f"set-{i}") for i in range(2))
    with pytest.raises(_StopError):
        _train(one, out=tmp_path / "out", console=_Stopping("clip: epoch 1"))
    with pytest.raises(InputError, match="was begun with data sets"):
        _train(one, other, out=tmp_path / "out", resume=True)


def test_data_that_is_held_out_whole_trains_nothing(demonstration, tmp_path) -> None:
    root = _written([demonstration(0, seed=2000)], tmp_path / "set")
    with pytest.raises(InputError, match="nothing is left to train on"):
        _train(root, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_no_run_left_is_neither_gone_on_with_nor_overwritten(demonstration, tmp_path) -> None:
    root, out = _written([demonstration(0)], tmp_path / "set"), tmp_path / "out"
    out.mkdir()
    (out / "config.json").write_text("{}")
    for resume, sentence in ((False, "holds an earlier run"), (True, "holds no run that could be gone on with")):
        with pytest.raises(InputError, match=sentence):
            _train(root, out=out, resume=resume)
    assert [path.name for path in out.iterdir()] == ["config.json"]
