"""Laws of the metrics of a policy's answers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.offline.metrics.actions.answers import measure_chunk_variance, measure_timeliness, measure_validity
from sim.offline.metrics.evidence import EpisodeCalls


def made(sound=(True,), seconds=(0.0,), chunks=((0.0,),)):
    """Calls whose chunks only turn."""
    turns = np.array(chunks, float)[..., None] * [0.0, 0.0, 1.0]
    return EpisodeCalls(np.array(sound), np.array(seconds), turns)


def test_shares_are_of_answers():
    assert measure_validity(made(sound=[True, True, False, True])) == 3 / 4
    assert measure_timeliness(made(seconds=[0.1, 0.11, 0.05]), 0.1) == pytest.approx(2 / 3)


def test_chunks_are_compared_where_they_overlap_by_hand():
    # two of every three actions are executed: the third of the first is the first of the second
    calls = made(chunks=[[0.0, 0.0, 0.3], [0.5, 0.0, 0.0]])
    assert measure_chunk_variance(calls, replan=2) == pytest.approx(((0.2**2) / 2) / 3)  # wz is one of three axes


def test_a_single_chunk_and_chunks_that_do_not_overlap_have_no_variance():
    assert math.isnan(measure_chunk_variance(made(chunks=[[0.1, 0.2]]), replan=1))
    assert math.isnan(measure_chunk_variance(made(chunks=[[0.1, 0.2], [0.3, 0.4]]), replan=2))
