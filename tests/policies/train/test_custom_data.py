from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

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

from ..dataset.foreign import ForeignSet
from .interruption import StopError, StoppingConsole

SHORT = PretrainOptions(steps=2, batch=8, course=OptimizerConfig(epochs=2))
RECIPE = replace(Recipe(), clip=SHORT, kosmos2=SHORT, cloning=CloneOptions(OptimizerConfig(epochs=2), windows=(6,)))


pytestmark = [pytest.mark.usefixtures("small_networks"), pytest.mark.slow]


class _Training(NamedTuple):
    """A data set and the hybrid that an uninterrupted run trains on it."""

    dataset: Path
    hybrid: Hybrid


def _write(demonstrations: Sequence[Demonstration], root: Path) -> Path:
    with DatasetWriter(root, fps=4) as writer:
        for each in demonstrations:
            writer.add(each)
    return root


@pytest.fixture(scope="module")
def train(make_run) -> Callable[..., Hybrid]:
    def trained(*datasets: Path, out: Path, console: Console | None = None, **options) -> Hybrid:
        return train_on_datasets(datasets, RECIPE, make_run(out, console), **options)

    return trained


@pytest.fixture(scope="module")
def captioned(small_networks, demonstration, train, tmp_path_factory) -> _Training:
    folder = tmp_path_factory.mktemp("captioned")
    dataset = _write([demonstration(index) for index in range(3)], folder / "set")
    return _Training(dataset, train(dataset, out=folder / "whole"))


@pytest.fixture(scope="module")
def without_captions(small_networks, demonstration, train, tmp_path_factory) -> _Training:
    folder = tmp_path_factory.mktemp("plain")
    dataset = _write([replace(demonstration(index), captions=()) for index in range(3)], folder / "set")
    return _Training(dataset, train(dataset, out=folder / "whole"))


@pytest.mark.parametrize(
    ("training", "stage"),
    [
        ("captioned", "kosmos2: epoch 1"),
        ("captioned", "clip: epoch 1"),
        ("captioned", "clone: epoch 1"),
        ("without_captions", "clone: epoch 1"),
    ],
)
def test_a_run_interrupted_in_any_stage_ends_where_an_uninterrupted_one_does(
    training, stage, train, request, tmp_path
) -> None:
    whole, out = request.getfixturevalue(training), tmp_path / "parts"
    with pytest.raises(StopError):
        train(whole.dataset, out=out, console=StoppingConsole(stage))
    with pytest.raises(InputError, match="contains an earlier run"):
        train(whole.dataset, out=out)
    resumed = train(whole.dataset, out=out, resume=True)
    for (name, one), (_, other) in zip(whole.hybrid.named_parameters(), resumed.named_parameters(), strict=True):
        assert torch.equal(one, other), name


def test_a_completed_run_is_not_trained_again(captioned, train) -> None:
    out = captioned.dataset.parent / "whole"
    log = (out / "training.csv").read_text()
    again = train(captioned.dataset, out=out, resume=True)
    assert (out / "training.csv").read_text() == log
    assert all(
        torch.equal(one, other) for one, other in zip(captioned.hybrid.parameters(), again.parameters(), strict=True)
    )


def test_a_run_is_not_resumed_with_other_data(demonstration, train, tmp_path) -> None:
    one, other = (_write([demonstration(i), demonstration(i + 2)], tmp_path / f"set-{i}") for i in range(2))
    with pytest.raises(StopError):
        train(one, out=tmp_path / "out", console=StoppingConsole("clip: epoch 1"))
    with pytest.raises(InputError, match="was started with data sets"):
        train(one, other, out=tmp_path / "out", resume=True)


def test_data_that_is_held_out_whole_trains_nothing(demonstration, train, tmp_path) -> None:
    root = _write([demonstration(0, seed=2000)], tmp_path / "set")
    with pytest.raises(InputError, match="no training data is left"):
        train(root, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_no_run_left_is_neither_resumed_nor_overwritten(demonstration, train, tmp_path) -> None:
    root, out = _write([demonstration(0)], tmp_path / "set"), tmp_path / "out"
    out.mkdir()
    (out / "config.json").write_text("{}")
    for resume, sentence in ((False, "contains an earlier run"), (True, "does not contain a run that can be resumed")):
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
    root, out = _write([demonstration(0)], tmp_path / "set"), tmp_path / "out"
    with pytest.raises(InputError, match=sentence):
        train(root, out=out, init=init)
    assert not out.exists()


def test_training_starts_from_a_policys_name_or_a_folder(monkeypatch, demonstration, train, tmp_path) -> None:
    started: list[Hybrid] = []
    monkeypatch.setattr("policies.train.custom_data.clone_behaviour", lambda model, *_: started.append(model))
    root = _write([demonstration(0)], tmp_path / "set")
    train(root, out=tmp_path / "named", init="hybrid")
    train(root, out=tmp_path / "folder", init=str(find_checkpoint("hybrid")))
    pairs = zip(started[0].parameters(), started[1].parameters(), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)


def test_data_sets_of_another_robot_are_trained_on_by_a_mapping(train, tmp_path) -> None:
    foreign = ForeignSet(lengths=(60, 60, 60), action_names=None, columns=lambda actions: 1.15 * actions[:, [0, 2]])
    (tmp_path / "map.yaml").write_text("actions: {columns: {vx: 0, wz: 1}, units: [m/s, rad/s]}")
    root = foreign.write(tmp_path / "set")
    console = Console(record=True, width=200, file=io.StringIO())
    train(root, out=tmp_path / "out", console=console, mapping=tmp_path / "map.yaml")
    assert (tmp_path / "out" / "config.json").is_file()
    assert "columns: {vx: 0, wz: 1}" in console.export_text()
    with pytest.raises(InputError, match="2 columns without names"):
        train(root, out=tmp_path / "other")
