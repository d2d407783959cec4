from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from policies.backbones.seeded_weights import seeded_initialisation


def _weight(seed: int) -> torch.Tensor:
    with seeded_initialisation(seed):
        return nn.Linear(3, 2).weight.detach()


@settings(deadline=None)
@given(st.integers(0, 2**31), st.integers(0, 2**31))
def test_weights_are_equal_exactly_for_equal_seeds(one: int, other: int) -> None:
    assert torch.equal(_weight(one), _weight(one))
    assert torch.equal(_weight(one), _weight(other)) == (one == other)


def test_torchs_own_random_state_is_neither_used_nor_changed() -> None:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        first, undisturbed = _weight(7), torch.rand(3)
        torch.manual_seed(1)
        assert torch.equal(torch.rand(3), undisturbed)
        assert torch.equal(_weight(7), first)
