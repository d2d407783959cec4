from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from rich.console import Console

from policies.dataset import DatasetWriter
from policies.hybrid import Hybrid
from policies.training.cloning import CloneOptions
from policies.training.epochs import Course
from policies.training.own_data import train_on
from policies.training.pretraining import PretrainOptions
from policies.training.recipe import Recipe
from scenarios.errors import InputError

SHORT = PretrainOptions(steps=2, batch=8, course=Course(epochs=2))
RECIPE = replace(Recipe(), clip=SHORT, kosmos2=SHORT, cloning=CloneOptions(Course(epochs=1), windows=(6,)))


@pytest.fixture(scope="module")
def dataset(demonstration, tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("data") / "captioned"
    with DatasetWriter(root, fps=4) as writer:
        for index in range(3):
            writer.add(demonstration(index))
    return root


def _train(dataset: Path, out: Path, console: Console | None = None, *, resume: bool = False) -> Hybrid:
    console = console or Console(file=io.StringIO())
    cache = out.parent / "cache"
    return train_on([dataset], out, cache=cache, recipe=RECIPE, init=None, resume=resume, console=console)


def test_a_run_stopped_anywhere_goes_on_to_where_an_unbroken_one_ends(dataset, tmp_path) -> None:
    class StopError(Exception):
        pass

    class Stopping(Console):
        def print(self, *args: object, **kwargs: object) -> None:
            raise StopError  # at the first epoch's line, which is a backbone's

    whole = _train(dataset, tmp_path / "whole")
    parts = tmp_path / "parts"
    with pytest.raises(StopError):
        _train(dataset, parts, Stopping(file=io.StringIO()))
    with pytest.raises(InputError, match="holds an earlier run"):
        _train(dataset, parts)
    resumed = _train(dataset, parts, resume=True)
    for (name, one), (_, other) in zip(whole.named_parameters(), resumed.named_parameters(), strict=True):
        assert torch.equal(one, other), name
