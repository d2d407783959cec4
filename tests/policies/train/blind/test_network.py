from __future__ import annotations

import pytest

from policies.blind.network import BlindNetwork
from policies.train.blind import network
from policies.train.blind.network import clone_blindly, train_blind_network
from policies.train.loop.trainer import OptimizerConfig
from policies.train.recipe import Recipe


def test_training_lowers_the_error_and_leaves_a_checkpoint(data, make_run, tmp_path) -> None:
    out = tmp_path / "out"
    clone_blindly(data, OptimizerConfig(epochs=15, learning_rate=5e-3), out, make_run(out))
    errors = [float(line.split(",")[2]) for line in (out / "training.csv").read_text().splitlines()[1:]]
    assert errors[-1] < 0.8 * errors[0]
    assert "red" in BlindNetwork.from_pretrained(out).config.words


def test_a_finished_run_is_not_trained_again(data, recipe_run, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(network, "load_common_demonstrations", lambda *_: data)
    trained = train_blind_network(Recipe(), tmp_path / "out", 1, recipe_run)
    monkeypatch.setattr(network, "load_common_demonstrations", lambda *_: pytest.fail("it trains again"))
    again = train_blind_network(Recipe(), tmp_path / "again", 1, recipe_run)
    assert trained.config == again.config
    assert (tmp_path / "again" / "model.safetensors").is_file()
