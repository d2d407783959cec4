"""All comparisons with a data set, in order."""

from __future__ import annotations

import numpy as np

from policies.check.conformance import declared
from policies.check.conformance.motion import collect_motion, judge_motion, leave_motion_open
from policies.check.conformance.starts import RecordedStart, StartRenderer, compare_starts
from policies.check.findings import Conformity
from policies.dataset.episodes import EpisodeDataset
from policies.dataset.mapping.mapping import VectorMapping
from policies.policy import PolicySpec

EPISODES = 500  # whose numbers are read, spread over the data set
STARTS = 6  # whose first frames are rendered


def compare_with_dataset(spec: PolicySpec, dataset: EpisodeDataset, render: StartRenderer | None) -> list[Conformity]:
    """Compare a policy's spec and the simulator with a data set.

    Args:
        spec: What the policy declares.
        dataset: The data set, of which some episodes are read.
        render: Renders recorded starts; None if nothing can.

    Raises:
        InputError: An episode that is read is damaged.
    """
    episodes = [dataset.signals(number) for number in spread_numbers(len(dataset), EPISODES)]
    if isinstance(dataset.mapping.state, VectorMapping):
        motion = judge_motion(collect_motion(episodes, dataset.fps), dataset.fps)
    else:
        motion = leave_motion_open("the data set has no states of its own")
    starts = _read_starts(dataset)
    return [
        declared.compare_image_size(spec, [start.frame for start in starts]),
        declared.compare_period(spec, dataset.fps),
        *declared.compare_columns(spec, dataset.mapping),
        *motion,
        *declared.compare_statistics(spec, episodes),
        *compare_starts(starts, render),
    ]


def spread_numbers(total: int, count: int) -> list[int]:
    """Choose at most ``count`` numbers below ``total``, spread evenly, in order."""
    chosen: list[int] = np.unique(np.linspace(0, total - 1, min(count, total)).round().astype(int)).tolist()
    return chosen


def _read_starts(dataset: EpisodeDataset) -> list[RecordedStart]:
    """Read the first frames of some episodes."""
    numbers = spread_numbers(len(dataset), STARTS)
    return [RecordedStart(dataset.info(number).scene, next(dataset.frames(number, [0]))) for number in numbers]
