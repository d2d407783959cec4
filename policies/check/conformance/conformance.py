"""All comparisons with a data set, in order."""

from __future__ import annotations

import numpy as np

from policies.check.conformance import declared
from policies.check.conformance.motion import collect_motion, judge_motion
from policies.check.conformance.starts import StartRenderer, compare_starts
from policies.check.findings import Conformity
from policies.dataset import Demonstration
from policies.dataset.episodes import EpisodeDataset
from policies.policy import PolicySpec

EPISODES = 12  # that are read, spread over the data set
STARTS = 6  # of these, whose first frames are rendered


def compare_with_dataset(
    spec: PolicySpec, dataset: EpisodeDataset, render: StartRenderer | None
) -> list[Conformity]:
    """Compare a policy's spec and the simulator with a data set.

    Args:
        spec: What the policy declares.
        dataset: The data set, of which some episodes are read.
        render: Renders recorded starts; None if nothing can.

    Raises:
        InputError: An episode that is read is damaged.
    """
    episodes = read_some(dataset, EPISODES)
    motion = collect_motion(episodes, dataset.fps)
    return [
        declared.compare_image_size(spec, episodes),
        declared.compare_period(spec, dataset.fps),
        *declared.compare_columns(spec, dataset.root),
        *judge_motion(motion, dataset.fps),
        *declared.compare_statistics(spec, episodes),
        *compare_starts(_spread(episodes, STARTS), render),
    ]


def read_some(dataset: EpisodeDataset, count: int) -> list[Demonstration]:
    """Read at most ``count`` episodes, spread over the data set, in order."""
    numbers = np.unique(np.linspace(0, len(dataset) - 1, min(count, len(dataset))).round().astype(int))
    return [dataset.demonstration(int(number)) for number in numbers]


def _spread(episodes: list[Demonstration], count: int) -> list[Demonstration]:
    """Choose at most ``count`` episodes of the first one's image size, spread over all."""
    alike = [episode for episode in episodes if episode.pixels.shape[1:] == episodes[0].pixels.shape[1:]]
    step = max(1, len(alike) // count)
    return alike[::step][:count]
