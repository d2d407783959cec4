from __future__ import annotations

import pytest
import torch
from torch import nn

from policies.train.loop.checkpoint import ExponentialMovingAverage, load_training_state, save_training_state
from scenarios.common.errors import InputError


@pytest.fixture
def model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Linear(3, 2)


def _step(model: nn.Module, optimizer: torch.optim.Optimizer, average: ExponentialMovingAverage) -> None:
    optimizer.zero_grad()
    model(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    average.update(model)


def test_a_model_has_its_own_weights_again_after_it_was_evaluated_with_averaged_ones(model) -> None:
    average, first = ExponentialMovingAverage(model, 0.99), model.weight.detach().clone()
    with torch.no_grad():
        model.weight += 1.0
    own = model.weight.detach().clone()
    average.update(model)
    with average.applied_to(model):
        assert not model.training
        assert (model.weight > first).all()
        assert (model.weight < own).all()
    assert torch.equal(model.weight, own)


def test_a_state_is_put_back_whole(model, tmp_path) -> None:
    optimizer, average = torch.optim.AdamW(model.parameters()), ExponentialMovingAverage(model, 0.9)
    _step(model, optimizer, average)
    save_training_state(tmp_path / "state.pt", model, average, optimizer, epoch=3)
    other = nn.Linear(3, 2)
    again, mean = torch.optim.AdamW(other.parameters()), ExponentialMovingAverage(other, 0.9)
    assert load_training_state(tmp_path / "state.pt", other, mean, again) == 3
    _step(model, optimizer, average)
    _step(other, again, mean)
    assert torch.equal(model.weight, other.weight)
    assert torch.equal(average.values["weight"], mean.values["weight"])


def test_a_state_of_another_model_is_refused(model, tmp_path) -> None:
    optimizer, average = torch.optim.AdamW(model.parameters()), ExponentialMovingAverage(model, 0.9)
    save_training_state(tmp_path / "state.pt", model, average, optimizer, epoch=1)
    other = nn.Linear(4, 2)
    mean = ExponentialMovingAverage(other, 0.9)
    with pytest.raises(InputError, match="delete it to train from scratch"):
        load_training_state(tmp_path / "state.pt", other, mean, torch.optim.AdamW(other.parameters()))


def test_statistics_are_averaged_with_the_weights_they_belong_to() -> None:
    model = nn.BatchNorm1d(2)
    average = ExponentialMovingAverage(model, 0.99)
    model(torch.full((4, 2), 5.0))
    own = model.running_mean.clone()
    average.update(model)
    with average.applied_to(model):
        assert (model.running_mean > 0.0).all()
        assert (model.running_mean != own).all()
    assert torch.equal(model.running_mean, own)
    assert model.num_batches_tracked == 1


def test_a_state_whose_average_lacks_something_is_refused(tmp_path) -> None:
    model = nn.BatchNorm1d(2)
    optimizer, average = torch.optim.AdamW(model.parameters()), ExponentialMovingAverage(model, 0.9)
    del average.values["running_var"]
    save_training_state(tmp_path / "state.pt", model, average, optimizer, epoch=1)
    with pytest.raises(InputError, match=r"no average of running_var.*delete it to train from scratch"):
        load_training_state(tmp_path / "state.pt", model, ExponentialMovingAverage(model, 0.9), optimizer)
