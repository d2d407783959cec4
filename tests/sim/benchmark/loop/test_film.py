"""Laws of timing a film."""

import pytest

from envs.simulation.lockstep import Lockstep
from policies.registry import make_policy
from sim.benchmark.loop.drive import make_block, time_drive
from sim.benchmark.loop.film import time_film

pytestmark = pytest.mark.slow  # drives and films an episode


def test_a_film_shows_every_observation_and_its_pictures_are_a_part_of_it(tmp_path):
    lockstep = Lockstep(10)
    try:
        driven = time_drive(lockstep, make_policy("straight"), make_block("straight", 0)).driven
        episode = min(driven, key=lambda each: each.row.steps)
        times = time_film(lockstep, episode, tmp_path)
    finally:
        lockstep.close()
    assert times.frames > times.steps == episode.row.steps
    assert times.total_s >= times.pictures_s > 0.0
    assert min(times.bare_pictures_s, times.bare_encoding_s) > 0.0
