from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from policies.reference.network import ReferenceNetwork
from policies.train.loop.trainer import OptimizerConfig, train_epochs
from policies.train.reference.batches import ReferenceData
from policies.train.reference.task import ReferenceTask

from ..interruption import StopError, StoppingConsole


@pytest.fixture
def train(make_network, data, recordings, options, make_run):
    """Train a fresh network into a folder."""

    def trained(out, *, epochs: int = 2, console=None, rate: float = 1e-3) -> ReferenceNetwork:
        network, run = make_network(), make_run(out, console)
        task = ReferenceTask(network, recordings, data.validation, options, torch.device("cpu"))
        train_epochs(network, task, OptimizerConfig(epochs, learning_rate=rate), out, run.console)
        return network

    return trained


def read_column(folder, place: int) -> list[float]:
    return [float(line.split(",")[place]) for line in (folder / "training.csv").read_text().splitlines()[1:]]


def test_a_resumed_run_ends_where_an_unbroken_one_does(train, tmp_path) -> None:
    whole = train(tmp_path / "whole")
    with pytest.raises(StopError):
        train(tmp_path / "parts", console=StoppingConsole("epoch 1/"))
    resumed = train(tmp_path / "parts")
    assert all(torch.equal(a, b) for a, b in zip(whole.parameters(), resumed.parameters(), strict=True))


def test_training_lowers_the_loss_and_the_error_on_unseen_episodes(train, tmp_path) -> None:
    train(tmp_path / "out", epochs=10, rate=5e-3)
    losses, errors = read_column(tmp_path / "out", 1), read_column(tmp_path / "out", 2)
    assert losses[-1] < 0.7 * losses[0]
    assert errors[-1] < 0.9 * errors[0]


def test_every_weight_is_trained(make_network, recordings, data, options, train, tmp_path) -> None:
    trained, fresh = train(tmp_path / "out", epochs=1, rate=1e-2), make_network()
    pairs = zip(fresh.named_parameters(), trained.parameters(), strict=True)
    assert [name for (name, before), after in pairs if torch.equal(before, after)] == []


def test_recordings_without_captions_train_too(make_network, recordings, options, tmp_path) -> None:
    store = recordings.stores[0]
    bare = replace(store, episodes=tuple(replace(episode, captions=()) for episode in store.episodes))
    network, bare_data = make_network(), ReferenceData.from_stores([bare], recordings.phrases)
    task = ReferenceTask(network, bare_data, [], options, torch.device("cpu"))
    for batch in task.batches(np.random.default_rng(0)):
        loss = task.loss(batch)
        loss.backward()
        assert torch.isfinite(loss)
        assert loss < 1.0
    assert task.validate() == []
