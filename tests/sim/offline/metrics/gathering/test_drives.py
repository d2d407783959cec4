"""Laws of driving in the scenes of a data set."""

from __future__ import annotations

import numpy as np
import pytest
from answering import Answering, constant
from driven_scenes import make_set, make_subject

from policies.scripted.expert import ExpertPolicy
from sim.offline.metrics.evidence import Evidence
from sim.offline.metrics.gathering.drives import drive_short, drive_whole, limit_time
from sim.offline.metrics.gathering.scenes import rebuild_scenes
from sim.offline.metrics.gathering.subject import NotAvailableError
from sim.offline.metrics.scenes.drives import measure_driven_error, measure_state_divergence

RECORDING = make_set(frames=50, numbers=range(11), size=8)


@pytest.fixture(scope="module")
def scenes():
    return rebuild_scenes(make_subject(constant(0, 0, 0), RECORDING), None)


def driven(policy, scenes, drive=drive_short):
    subject = make_subject(policy, RECORDING)
    return subject, drive(subject, Evidence(0.1, 1, (), scenes=scenes))


def test_the_expert_makes_no_error_and_stays_where_it_was_shown(scenes):
    subject, drives = driven(ExpertPolicy(), scenes)
    assert drives[10] is None  # a block is driven
    assert measure_driven_error(drives[0]) == 0.0
    still = driven(Answering(lambda *_: np.zeros((10, 3)), image_size=None), scenes)[1]
    own, other = (measure_state_divergence(each[0], scenes[0].states[:51]) for each in (drives, still))
    assert own < 0.1 < other
    assert subject.meter.steps == sum(len(drive.actions) for drive in drives if drive is not None) == 500
    assert drives[0].states.shape == (51, 4)


def test_a_short_drive_ends_after_its_time_and_a_whole_one_at_the_end(scenes):
    still = Answering(lambda *_: np.zeros((10, 3)), image_size=None)
    subject, short = driven(still, scenes)
    _, whole = driven(still, scenes, drive_whole)
    assert len(short[0].actions) == 50
    assert len(whole[0].actions) == round(scenes[0].world.task.stuck_after_s / 0.1)
    assert subject.meter.renders == 0
    assert limit_time(scenes[0].world, 5.0).task.time_limit_s == 5.0


def test_a_policy_that_fails_at_once_has_no_drive(scenes):
    with pytest.raises(NotAvailableError, match="failed before its first step: ZeroDivisionError"):
        driven(Answering(lambda *_: 1 / 0, image_size=None), scenes)
