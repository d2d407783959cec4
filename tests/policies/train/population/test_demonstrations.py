from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from policies.systems.network import build_system
from policies.systems.table import SYSTEMS
from policies.train.data.feature_cache import FeatureSet
from policies.train.data.frame_store import EpisodeFrames
from policies.train.population.demonstrations import select_demonstrations
from policies.train.tasks.system_cloning import FeatureTask
from scenarios.common.errors import InputError


def make_set(first: int, lengths: tuple[int, ...]) -> FeatureSet:
    """A set in which every value is the number of its episode, counted from ``first``."""
    starts = np.cumsum([0, *lengths])
    owner = np.repeat(np.arange(len(lengths)), lengths) + first
    episodes = tuple(EpisodeFrames(int(s), n, "go", None, ()) for s, n in zip(starts, lengths, strict=False))
    features = {"clip_vision": owner[:, None].astype(np.float16), "clip_text": np.arange(len(lengths))[:, None] + first}
    return FeatureSet(features, np.repeat(owner[:, None], 3, axis=1).astype(np.float32), episodes)


SETS = [make_set(0, (4, 5, 6, 7)), make_set(10, (3,)), make_set(20, (2, 8, 2))]


def list_episodes(sets) -> list[int]:
    return [int(part.actions[each.start, 0]) for part in sets for each in part.episodes]


def test_demonstrations_are_dealt_to_the_sets_in_turn() -> None:
    assert set(list_episodes(select_demonstrations(SETS, 3))) == {0, 10, 20}
    assert set(list_episodes(select_demonstrations(SETS, 6))) == {0, 1, 2, 10, 20, 21}
    assert set(list_episodes(select_demonstrations(SETS, 2))) == {0, 10}


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8])
def test_an_epoch_has_about_as_many_episodes_however_few_are_different(count: int) -> None:
    episodes = list_episodes(select_demonstrations(SETS, count))
    assert len(set(episodes)) == count
    assert abs(len(episodes) - 8) < max(count, 2)


def test_a_smaller_selection_is_part_of_a_larger_one() -> None:
    found = [set(list_episodes(select_demonstrations(SETS, count))) for count in range(1, 9)]
    assert all(one < other for one, other in pairwise(found))


def test_what_belongs_to_an_episode_stays_with_it() -> None:
    for part in select_demonstrations(SETS, 4):
        for number, episode in enumerate(part.episodes):
            assert part.features["clip_text"][number] == part.actions[episode.start, 0]
            assert part.features["clip_vision"][episode.start] == part.actions[episode.start, 0]


def test_more_demonstrations_than_were_recorded_are_bad_input() -> None:
    with pytest.raises(InputError, match="learns from 9 demonstrations, and 8 were recorded"):
        select_demonstrations(SETS, 9)


def test_batches_of_a_selection_come_from_its_episodes(backbones) -> None:
    system = build_system(SYSTEMS["clip-lstm"], backbones)
    width = backbones.widths["clip_vision"]
    wide = [
        replace(part, features={name: np.repeat(v, width, axis=1) for name, v in part.features.items()})
        for part in SETS
    ]
    task = FeatureTask(system, select_demonstrations(wide, 3), [], 48, torch.device("cpu"))
    seen = {float(value) for batch in task.batches(np.random.default_rng(0)) for value in batch.targets.unique()}
    assert seen == {0.0, 10.0, 20.0}
    assert task.steps == 5  # 9 windows of one episode each, two in a batch
