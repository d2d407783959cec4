"""Laws of seeds: equal for equal episodes, and shared by no two others."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scenarios.common.seeding import episode_seed, make_generator

episodes = st.tuples(st.integers(0, 9999), st.sampled_from(("corridor", "doorway", "mine")), st.integers(0, 9999))


@given(episodes, episodes)
def test_episodes_share_a_seed_only_if_they_are_the_same(one, other):
    assert (episode_seed(*one) == episode_seed(*other)) == (one == other)
    assert 0 <= episode_seed(*one) < 2**63


def test_the_seeds_are_the_same_on_every_machine_and_in_every_version():
    assert episode_seed(0, "corridor", 0) == 6970078301521091154
    assert make_generator(1).integers(2**31, size=3).tolist() == [979915525, 85730203, 795522615]


def test_purposes_draw_apart_from_each_other():
    world, noise = make_generator(7), make_generator(7, "noise")
    assert make_generator(7, "world").random() == world.random()
    assert world.random() != noise.random()
