"""Laws of a turn of the ledger."""

import sys

import pytest

from sim.benchmark.loop import turn
from sim.benchmark.loop.film import FilmTimes
from sim.benchmark.loop.turn import PER_FRAME, PER_OBSERVATION, Entry, prepare_products


class Times:
    wall_s, observations = 6.0, 2


def test_the_whole_is_the_sum_of_the_stages_and_of_their_limits():
    stages = [Entry(3.0, 1.0), Entry(4.0, None), Entry(1.0, 0.5)]
    film = FilmTimes(frames=10, steps=5, total_s=20.0, pictures_s=12.0, bare_pictures_s=1.0, bare_encoding_s=4.0)
    found = turn._sum_up(stages, Times, film)
    assert found["the drive", PER_OBSERVATION] == Entry(8.0, 1.5)
    assert found["the drive, duration", PER_OBSERVATION] == Entry(3.0)
    assert found["film", PER_OBSERVATION] == Entry(4.0, 1.0)
    assert found["drive and film", PER_OBSERVATION] == Entry(12.0, 2.5)
    assert found["a frame of the film", PER_FRAME] == Entry(2.0, 0.5)


def test_a_policy_without_a_network_has_no_products(monkeypatch):
    assert prepare_products(lambda: None) is None
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    assert prepare_products(lambda: pytest.fail("called")) is None
