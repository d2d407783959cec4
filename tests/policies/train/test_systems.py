from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from policies.systems.network import System, build_system
from policies.systems.table import SYSTEMS, HeadConfig
from policies.train import systems
from policies.train.data import feature_cache
from policies.train.loop.trainer import OptimizerConfig
from policies.train.systems import (
    build_system_task,
    find_trainable_rows,
    order_longest_first,
    prepare_systems,
    resolve_checkpoint,
    share_backbones,
    train_system,
)
from scenarios.common.errors import InputError

from .interruption import StopError, StoppingConsole
from .small_models import build_small_backbones

SMALL = HeadConfig("lstm", width=96, layers=1, hidden=(96,))


@pytest.fixture
def train(backbones, data, make_run):
    """Train a row into a folder."""

    def trained(row, out, *, epochs=2, console=None, seed=1000) -> System:
        run, course = make_run(out, console), OptimizerConfig(epochs, seed=seed)
        task = build_system_task(build_system(row, backbones, seed=seed), backbones, data, run, seed)
        return train_system(task, course, out, run)

    return trained


def _equal(one: System, other: System) -> bool:
    pairs = zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


RECURRENT = replace(SYSTEMS["simple-lstm"], head=SMALL)
FINE_TUNED = replace(SYSTEMS["clip-augmented"], head=HeadConfig("mlp", hidden=(96,)))


@pytest.mark.parametrize("row", [RECURRENT, FINE_TUNED], ids=lambda row: row.name)
def test_equal_seeds_give_equal_weights_and_a_resumed_run_ends_where_an_unbroken_one_does(row, train, tmp_path) -> None:
    whole = train(row, tmp_path / "whole")
    with pytest.raises(StopError):
        train(row, tmp_path / "parts", console=StoppingConsole("epoch 1/"))
    resumed = train(row, tmp_path / "parts")
    assert _equal(whole, resumed)
    logs = [(tmp_path / run / "training.csv").read_text().splitlines() for run in ("whole", "parts")]
    assert [row.split(",")[:6] for row in logs[0]] == [row.split(",")[:6] for row in logs[1]]
    assert not _equal(whole, train(row, tmp_path / "other", seed=1001))


def test_training_lowers_the_error_on_unseen_episodes(train, tmp_path) -> None:
    train(RECURRENT, tmp_path / "out", epochs=12)
    errors = [float(line.split(",")[2]) for line in (tmp_path / "out/training.csv").read_text().splitlines()[1:]]
    assert len(errors) == 12
    assert errors[-1] < 0.9 * errors[0]


@pytest.mark.parametrize("name", ["enhanced-norm", "mobile-vla", "robovlms", "optimized-2d", "advanced", "simple-clip"])
def test_every_kind_of_row_trains_all_its_weights_and_is_saved_in_its_folder(name, backbones, train, tmp_path) -> None:
    row = SYSTEMS[name]
    trained = train(row, tmp_path / "out", epochs=1)
    fresh = build_system(row, backbones, seed=1000)
    pairs = zip(fresh.named_parameters(), trained.parameters(), strict=True)
    still = [weight for (weight, before), after in pairs if torch.equal(before, after)]
    assert [weight for weight in still if "pad" not in weight] == []
    saved = System.from_pretrained(tmp_path / "out")
    for (weight, value), (_, other) in zip(trained.named_parameters(), saved.named_parameters(), strict=True):
        assert torch.allclose(value, other, atol=2e-3, rtol=1e-3), weight
    assert saved.backbones_digest == fresh.backbones_digest


def test_a_folder_is_trained_once_and_rows_without_a_network_say_what_to_do() -> None:
    assert (
        resolve_checkpoint("no-first-frame-random") == resolve_checkpoint("no-first-frame-middle") == "no-first-frame"
    )
    assert set(find_trainable_rows().values()) <= set(SYSTEMS)
    assert "hybrid" not in find_trainable_rows()
    with pytest.raises(InputError, match="train 'hybrid' and 'mobile-vla'"):
        resolve_checkpoint("ensemble-best")
    with pytest.raises(InputError, match=r"policies\.export"):
        resolve_checkpoint("hybrid-onnx")
    with pytest.raises(InputError, match="did you mean 'simple-lstm'"):
        resolve_checkpoint("simple-lstn")
    assert len(find_trainable_rows()) == len({row.checkpoint or name for name, row in SYSTEMS.items() if row.head}) - 1


def test_every_system_is_in_the_order_once_and_the_short_ones_are_last() -> None:
    order = order_longest_first()
    assert sorted(order) == sorted(find_trainable_rows())
    assert SYSTEMS[find_trainable_rows()[order[0]]].own_clip
    assert SYSTEMS[find_trainable_rows()[order[-1]]].epochs == 2


def test_after_the_preparation_no_system_computes_a_feature(backbones, data, recipe_run, monkeypatch) -> None:
    monkeypatch.setattr(systems, "load_demonstrations", lambda *_: data.train)
    monkeypatch.setattr(systems, "train_backbones", lambda *_: backbones)
    monkeypatch.setattr(systems, "DATA_SETS", dict.fromkeys(systems.DATA_SETS, lambda *_: data))
    prepare_systems(None, recipe_run)

    def refuse(*_: object) -> None:
        raise AssertionError("all features are there")

    monkeypatch.setattr(feature_cache, "_compute", refuse)
    for checkpoint in find_trainable_rows():
        row = systems.get_trained_row(checkpoint)
        build_system_task(build_system(row, backbones), backbones, data, recipe_run, seed=1)


def test_a_system_learns_on_the_backbones_that_its_neighbours_share(backbones, tmp_path) -> None:
    beside, work = tmp_path / "out" / "backbones", tmp_path / "work"
    backbones.save_pretrained(beside)
    share_backbones("mobile-vla", work, beside.parent / "mobile-vla")
    assert (work / "backbones" / "model.safetensors").read_bytes() == (beside / "model.safetensors").read_bytes()
    share_backbones("mobile-vla", work, beside.parent / "mobile-vla")  # the same are no obstacle
    build_small_backbones(backbones.prompts.kosmos2, 9).save_pretrained(tmp_path / "others" / "backbones")
    with pytest.raises(InputError, match="contains other backbones"):
        share_backbones("mobile-vla", work, tmp_path / "others" / "mobile-vla")
