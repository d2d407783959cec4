from __future__ import annotations

import pytest
import torch

from policies.modules.layers.standardization import LARGEST, Standardization

MEANS, SPREADS = torch.tensor([3.0, -20.0, 0.0]), torch.tensor([0.5, 4.0, 0.01])


@pytest.fixture
def values() -> torch.Tensor:
    """Frames of tokens, (n, tokens, width)."""
    torch.manual_seed(0)
    return MEANS + SPREADS * torch.randn(400, 5, 3)


@pytest.fixture
def fitted(values) -> Standardization:
    block = Standardization(3)
    block.fit(values)
    return block


def test_every_channel_has_mean_0_and_deviation_1_over_what_it_was_fitted_to(fitted, values) -> None:
    given = fitted(values).flatten(0, 1)
    assert torch.allclose(given.mean(0), torch.zeros(3), atol=0.02)
    assert torch.allclose(given.std(0), torch.ones(3), atol=0.02)


def test_fresh_it_leaves_ordinary_values_as_they_are() -> None:
    values = torch.linspace(-1.0, 1.0, 12).reshape(4, 3)
    assert torch.equal(Standardization(3)(values), values)


def test_a_constant_channel_says_nothing(values) -> None:
    values[..., 1] = 7.0
    block = Standardization(3)
    block.fit(values)
    assert (block(values + 0.01)[..., 1] == 0.0).all()


def test_a_frame_unlike_all_others_is_bounded(fitted) -> None:
    assert fitted(torch.full((1, 3), 1e6)).abs().max() == LARGEST


def test_half_precision_keeps_what_was_fitted(fitted) -> None:
    for value in fitted.state_dict().values():
        assert torch.equal(value.half().float(), value)


def test_it_has_nothing_to_train(fitted) -> None:
    assert not list(fitted.parameters())
