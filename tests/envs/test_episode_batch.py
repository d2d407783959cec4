"""Robots of a batch begin, drive and end apart from each other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from gymnasium.vector import VectorEnv

from envs.episode_batch import EpisodeBatch, stack_infos
from scenarios.common.errors import InputError

RNG = np.random.default_rng(0)
AHEAD = np.array([[0.5, 0.0, 0.0]] * 2, np.float32)
BOTH = np.ones(2, bool)


@pytest.fixture(scope="module")
def pair() -> Iterator[EpisodeBatch]:
    batch = EpisodeBatch("corridor", 2, "auto", (32, 48), "rgb_array")
    yield batch
    batch.close()


def start_both(batch: EpisodeBatch) -> None:
    batch.start([0, 1], [3, 4], [{}, {}], RNG)


def test_nothing_is_seen_before_the_first_episode() -> None:
    batch = EpisodeBatch("corridor", 1, "tiny", (32, 32), None)
    assert not batch.started
    with pytest.raises(RuntimeError, match=r"call reset\(\) first"):
        batch.observations()
    batch.close()


def test_one_robots_observation_is_its_row_of_all(pair: EpisodeBatch) -> None:
    start_both(pair)
    together = pair.observations()
    assert together["pixels"].shape == (2, 32, 48, 3)
    for slot in range(2):
        alone = pair.observation(slot)
        assert np.array_equal(alone["pixels"], together["pixels"][slot])
        assert np.array_equal(alone["agent_pos"], together["agent_pos"][slot])


def test_a_new_episode_of_one_leaves_the_other_where_it_was(pair: EpisodeBatch) -> None:
    start_both(pair)
    pair.step(AHEAD, BOTH)
    before = pair.observation(0)
    pair.start([1], [None], [{}], RNG)
    assert [tracker.episode_index for tracker in pair.trackers] == [0, 1]
    assert np.array_equal(pair.observation(0)["pixels"], before["pixels"])
    assert pair.make_info(1)["episode_index"] == 1


def test_who_is_not_live_stands_still_and_earns_nothing(pair: EpisodeBatch) -> None:
    start_both(pair)
    before = pair.observations()
    outcome = pair.step(AHEAD, np.array([True, False]))
    after = pair.observations()
    assert outcome.rewards[0] > 0.0
    assert outcome.rewards[1] == 0.0
    assert np.array_equal(before["pixels"][1], after["pixels"][1])
    assert not np.array_equal(before["pixels"][0], after["pixels"][0])


def test_one_robots_observation_is_the_callers_to_change(pair: EpisodeBatch) -> None:
    start_both(pair)
    kept = pair.observations()["pixels"].copy()
    pair.observation(0)["pixels"][:] = 0
    assert np.array_equal(pair.observations()["pixels"], kept)


def test_films_show_every_robot(pair: EpisodeBatch) -> None:
    start_both(pair)
    films = pair.render()
    assert [film.shape for film in films] == [(480, 640, 3)] * 2
    assert not np.array_equal(*films)


def test_an_unknown_render_mode_is_refused() -> None:
    with pytest.raises(InputError, match="render_mode 'human' is not supported"):
        EpisodeBatch("corridor", 1, "auto", (32, 32), "human")


def test_infos_are_stacked_as_gymnasium_stacks_them(pair: EpisodeBatch) -> None:
    start_both(pair)
    single = [pair.make_info(slot) for slot in range(2)]
    vector, expected = VectorEnv(), {}
    vector.num_envs = 2
    for slot, info in enumerate(single):
        expected = vector._add_info(expected, info, slot)
    stacked = stack_infos(single)
    assert set(stacked) == set(expected)
    for key, values in expected.items():
        assert stacked[key].dtype == values.dtype, key
        assert np.array_equal(stacked[key], values), key
