"""A drive gives a policy its batches in its own format, and records what it does to them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from faulty_policies import SPEC, ChangesFrames, DrivesUnicycle, Raises, ReusesItsAnswer, Sound

from policies.check.contract.drive import DrivePlan, PolicyFailure, drive_policy, make_batch, measure_difference
from policies.check.contract.samples import make_samples
from policies.formats.observation_format import ObservationFormat

SAMPLES = make_samples(SPEC, 2, 4)
PLAN = DrivePlan(SAMPLES)


def test_a_batch_has_the_frames_colours_and_columns_that_the_spec_declares() -> None:
    spec = replace(SPEC, observation=ObservationFormat(frames=3, colours="bgr", state=("yaw", "x")))
    batch = make_batch(spec, PLAN, 1)
    assert batch.pixels is not None
    assert batch.pixels.shape == (2, 3, 32, 48, 3)
    first, second = SAMPLES[1].pixels[0], SAMPLES[1].pixels[1]
    assert np.array_equal(batch.pixels[1], np.stack([first, first, second])[..., ::-1])
    assert np.array_equal(batch.agent_pos[1], SAMPLES[1].agent_pos[1][[5, 3]])
    assert drive_policy(DrivesUnicycle(), PLAN).answers[0].shape == (2, 2)


def test_a_slot_that_ended_is_not_live_from_that_step_on() -> None:
    plan = replace(PLAN, ended={1: 2})
    assert [make_batch(SPEC, plan, step).live.tolist() for step in (1, 2)] == [[True, True], [True, False]]


def test_changed_inputs_and_overwritten_answers_are_recorded() -> None:
    assert drive_policy(Sound(), PLAN).changed_inputs == ()
    assert drive_policy(ChangesFrames(), PLAN).changed_inputs == ("batch.pixels",)
    assert drive_policy(ReusesItsAnswer(), PLAN).changed_answers == 3


def test_the_policys_own_drive_leaves_the_samples_as_they_are() -> None:
    before = SAMPLES[0].pixels.copy()
    drive_policy(ChangesFrames(), PLAN)
    assert np.array_equal(SAMPLES[0].pixels, before)


def test_a_failure_names_call_file_and_line() -> None:
    with pytest.raises(
        PolicyFailure, match=r"act, call 1 raised KeyError: 'no such camera' \(faulty_policies.py, line"
    ):
        drive_policy(Raises(), PLAN)


@pytest.mark.parametrize(
    ("one", "other", "difference"),
    [([1.0, np.nan], [1.0, np.nan], 0.0), ([0.5], [0.25], 0.25), ([10.0], [20.0], 0.5), ([np.nan], [1.0], np.inf)],
)
def test_differences_are_shares_of_the_larger_value_and_equal_nan_is_equal(one, other, difference) -> None:
    assert measure_difference([np.array(one)], [np.array(other)]) == difference
    assert measure_difference([np.array([one])], [np.array(other)]) == np.inf  # other shapes
