"""Parts of the demonstrations, for units that learn from fewer of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from policies.train.data.feature_cache import PER_EPISODE, FeatureSet
from scenarios.common.errors import InputError


def select_demonstrations(sets: Sequence[FeatureSet], count: int) -> list[FeatureSet]:
    """Select ``count`` demonstrations, dealt to the sets in turn, each as often as makes about as many as there were.

    So what is learned from differs in number alone: an epoch has as many batches. Smaller selections are part of larger
    ones. The rows are views of the sets' own.

    Raises:
        InputError: There are fewer demonstrations.
    """
    total = sum(len(part.episodes) for part in sets)
    if count > total:
        raise InputError(f"the population learns from {count} demonstrations, and {total} were recorded")
    shares = [0] * len(sets)
    turn = 0
    while sum(shares) < count:
        place = turn % len(sets)
        shares[place] += shares[place] < len(sets[place].episodes)
        turn += 1
    times = max(1, round(total / count))
    return [_take_first(part, share, times) for part, share in zip(sets, shares, strict=True) if share]


def _take_first(part: FeatureSet, count: int, times: int) -> FeatureSet:
    """Take the first episodes of a set, several times; they are in the order of their rows."""
    rows = part.episodes[count - 1].start + part.episodes[count - 1].length
    features = {
        name: np.concatenate([values[:count]] * times) if name in PER_EPISODE else values[:rows]
        for name, values in part.features.items()
    }
    return replace(part, features=features, actions=part.actions[:rows], episodes=part.episodes[:count] * times)
