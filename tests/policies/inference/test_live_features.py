from __future__ import annotations

import numpy as np
import pytest
import torch

from policies.inference.live_features import MIN_SLOTS, LiveFeatures, choose_slots


class _States:
    """The constants of n slots."""

    def __init__(self, n: int) -> None:
        self.text = self.lengths = torch.arange(n)
        self.ids = torch.zeros(n, 3, dtype=torch.int64)


class _Network:
    """Says for each slot its number and its first pixel; with ``leaks``, also how many are computed with it."""

    def __init__(self, leaks: bool) -> None:
        self.leaks = leaks
        self.sizes: list[int] = []

    def features(self, pixels, text, ids, lengths) -> dict[str, torch.Tensor]:
        self.sizes.append(len(pixels))
        extra = len(pixels) if self.leaks else 0
        return {"slot": 1000 * text + pixels.flatten(1)[:, 0].long() + extra}


def _run(network: _Network, lives: list[list[int]], n: int = 8) -> list[torch.Tensor]:
    features, found = LiveFeatures(network, torch.device("cpu")), []
    for step, slots in enumerate(lives):
        live = np.zeros(n, bool)
        live[slots] = True
        pixels = torch.full((n, 2, 2, 3), step, dtype=torch.uint8)
        found.append(features.compute(pixels, _States(n), live)["slot"])
    return found


LIVES = [list(range(8)), [0, 2, 3, 5, 6, 7], [0, 2, 3, 5, 6, 7], [2, 7], [2, 7]]


def test_live_slots_get_their_own_features_and_the_others_are_not_computed() -> None:
    network = _Network(leaks=False)
    for step, (slots, found) in enumerate(zip(LIVES, _run(network, LIVES), strict=True)):
        assert found[slots].tolist() == [1000 * slot + step for slot in slots]
    tried_first = [8, 6, 6, 6, 6], [8, MIN_SLOTS, MIN_SLOTS, MIN_SLOTS, MIN_SLOTS]
    assert network.sizes == [8, *tried_first[0], *tried_first[1]]


def test_all_slots_are_computed_where_fewer_would_change_a_bit() -> None:
    network = _Network(leaks=True)
    for step, found in enumerate(_run(network, LIVES)):
        assert found.tolist() == [1000 * slot + step + 8 for slot in range(8)]


@pytest.mark.parametrize("live", [[], [1], [0, 4, 5], [1, 2, 3, 4, 5]])
def test_the_chosen_slots_are_the_live_ones_and_enough_others(live: list[int]) -> None:
    mask = np.isin(np.arange(6), live)
    chosen = choose_slots(mask).tolist()
    assert set(live) <= set(chosen)
    assert len(chosen) == max(MIN_SLOTS, len(live))
    assert chosen == sorted(set(chosen))
