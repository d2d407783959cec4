"""Laws of calling anyone's policy: it is shown what it asks for, and whatever it does is an error of its own slots."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from policies.formats.action_format import ActionFormat
from policies.formats.observation_format import ObservationFormat
from policies.policy import ObservationBatch, PolicySpec
from scenarios.lookup import get_scenario
from sim.rollout.frame_history import FrameHistory
from sim.rollout.policy_calls import describe_error, infer_actions, make_observation, reset_policy

SPEC = PolicySpec(name="fake", image_size=(224, 224), period_s=0.1, hold_action=(0.0, 0.0, 0.0))
WORLDS = [get_scenario("corridor").world(1, number) for number in range(2)]


@dataclass(frozen=True)
class FakeState:
    agent_pos: np.ndarray
    pose: np.ndarray
    status: str | None = None
    touched: str | None = None
    clearance_m: float = 1.0
    progress: tuple[float, ...] = ()


@dataclass(frozen=True)
class FakeStep:
    pixels: np.ndarray
    states: tuple[FakeState, ...]


class FakePolicy:
    """Gives what it is told to give, or raises it."""

    spec = SPEC

    def __init__(self, gives) -> None:
        self.gives = gives

    def reset(self, slots, instructions) -> None:
        if isinstance(self.gives, BaseException):
            raise self.gives

    def act(self, batch: ObservationBatch) -> np.ndarray:
        self.reset([], [])
        return self.gives


def step() -> FakeStep:
    states = tuple(FakeState(np.full(6, x, np.float64), np.array([x, 0.0, 0.0])) for x in (1.0, 2.0))
    return FakeStep(np.zeros((2, 4, 4, 3), np.uint8), states)


def observe(spec: PolicySpec, live=(True, True)) -> ObservationBatch:
    seen, frames = step(), FrameHistory(spec.observation.frames)
    frames.add(seen.pixels)
    return make_observation(spec, seen, WORLDS, np.array(live), frames)


def infer(gives, spec: PolicySpec = SPEC):
    policy = FakePolicy(gives)
    policy.spec = spec
    return infer_actions(policy, observe(spec))


def test_a_policy_is_shown_pixels_if_it_takes_them_and_the_truth_if_it_is_privileged():
    seeing = observe(SPEC, (True, False))
    assert seeing.pixels.shape == (2, 4, 4, 3)
    assert seeing.truth is None
    knowing = observe(replace(SPEC, image_size=None, privileged=True))
    assert knowing.pixels is None
    assert [truth.world for truth in knowing.truth] == WORLDS
    assert [truth.pose[0] for truth in knowing.truth] == [1.0, 2.0]


def test_what_a_policy_keeps_of_its_observation_stays_as_it_was():
    live = np.ones(2, bool)
    frames = FrameHistory(1)
    frames.add(step().pixels)
    shown = make_observation(SPEC, step(), WORLDS, live, frames)
    live[:] = False
    assert shown.live.all()


def test_sound_actions_come_through_as_they_are():
    found = infer([[0.5, -2.0, 0.0], [1, 0, 0]])
    assert found.actions.tolist() == [[[0.5, -2.0, 0.0]], [[1.0, 0.0, 0.0]]]
    assert found.actions.dtype == np.float32
    assert list(found.errors) == [None, None]
    assert found.inference.call_ms >= 0.0


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_an_action_that_is_not_finite_is_zero_and_an_error_of_its_slot_alone(bad):
    found = infer([[0.5, 0.0, 0.0], [1.0, bad, 0.0]])
    assert found.actions.tolist() == [[[0.5, 0.0, 0.0]], [[0.0, 0.0, 0.0]]]
    assert found.errors[0] is None
    assert found.errors[1] == f"act returned [1, {np.float32(bad):g}, 0]"


@pytest.mark.parametrize(
    ("gives", "words"),
    [
        (np.zeros((2, 2)), "act returned shape (2, 2), expected (2, 3)"),
        (np.zeros((1, 3)), "act returned shape (1, 3), expected (2, 3)"),
        (np.zeros(6), "act returned shape (6,), expected (2, 3)"),
        ("left", "TypeError: act returned a str, not an array of actions"),
        (None, "TypeError: act returned a NoneType, not an array of actions"),
        (np.zeros((2, 3), complex), "TypeError: act returned an array of complex128, not of numbers"),
        (np.zeros((2, 3), "M8[s]"), "TypeError: act returned an array of datetime64[s], not of numbers"),
    ],
)
def test_what_concerns_the_whole_batch_is_an_error_of_every_slot(gives, words):
    found = infer(gives)
    assert list(found.errors) == [words, words]
    assert not found.actions.any()


class UnspeakableError(RuntimeError):
    def __str__(self) -> str:
        raise ValueError("no words")


@pytest.mark.parametrize(
    ("gives", "words"),
    [
        (RuntimeError("out of\nmemory"), "RuntimeError: out of memory"),
        (SystemExit(3), "SystemExit: 3"),
        (UnspeakableError(), "UnspeakableError"),
        (ValueError("half a \ud800 character"), r"ValueError: half a \ud800 character"),
        (ValueError("x" * 9000), f"ValueError: {'x' * 488}"),
    ],
)
def test_an_error_of_a_policy_is_one_line_with_the_file_and_line_that_raised_it(gives, words):
    found = infer(gives)
    line = next(n for n, text in enumerate(Path(__file__).read_text().splitlines(), 1) if "raise self.gives" in text)
    assert set(found.errors) == {f"{words} (test_policy_calls.py:{line})"}
    assert reset_policy(FakePolicy(gives), ["go"]) == found.errors[0]
    found.errors[0].encode()


def test_the_line_of_an_error_is_the_policys_own_also_where_a_library_raised_it():
    class Careless(FakePolicy):
        def act(self, batch):
            return np.concatenate([np.zeros(3), np.zeros((2, 3))])

    (error, _) = infer_actions(Careless(None), observe(SPEC)).errors
    assert error.startswith("ValueError: all the input array")
    assert "(test_policy_calls.py:" in error


def test_the_time_of_a_call_is_divided_by_the_episodes_that_run():
    assert infer_actions(FakePolicy(np.zeros((2, 3))), observe(SPEC, (True, False))).inference.observations == 1
    assert infer_actions(FakePolicy(np.zeros((2, 3))), observe(SPEC)).inference.observations == 2


def test_a_policy_is_shown_what_its_format_declares():
    form = ObservationFormat(colours="bgr", state=("yaw", "vx"), frames=3)
    frames = FrameHistory(3)
    for shade in (1, 2):
        frames.add(np.full((2, 4, 4, 3), (shade, 0, 9), np.uint8))
    batch = make_observation(replace(SPEC, observation=form), step(), WORLDS, np.ones(2, bool), frames)
    assert batch.pixels.shape == (2, 3, 4, 4, 3)
    assert batch.pixels[0, :, 0, 0].tolist() == [[9, 0, 1], [9, 0, 1], [9, 0, 2]]
    assert batch.agent_pos.shape == (2, 2)


def test_the_answer_is_converted_from_the_policys_format():
    spec = replace(SPEC, action=ActionFormat(columns=("wz", "vx"), unit="si"), chunk=2, replan=2)
    found = infer(np.tile(np.array([[2.3, 1.15], [0.0, -1.15]]), (2, 1, 1)), spec)
    np.testing.assert_allclose(found.actions[1], [[1.0, 0.0, 2.0], [-1.0, 0.0, 0.0]], rtol=1e-6)


def test_the_right_shape_of_a_chunk_is_named_with_its_columns():
    spec = replace(SPEC, action=ActionFormat(columns=("vx", "wz")), chunk=8)
    assert set(infer(np.zeros((2, 8, 3)), spec).errors) == {
        "act returned shape (2, 8, 3), expected (2, 2) or (2, chunk, 2) for vx, wz"
    }


def test_a_chunk_with_fewer_actions_than_are_executed_is_an_error():
    found = infer(np.zeros((2, 3)), replace(SPEC, chunk=4, replan=4))
    assert set(found.errors) == {"act returned a chunk of 1 actions, and 4 are to be executed"}


def test_an_error_deep_in_a_chunk_shows_the_action_that_is_wrong():
    chunk = np.zeros((2, 5, 3))
    chunk[1, 3, 2] = np.nan
    found = infer(chunk, replace(SPEC, chunk=5))
    assert list(found.errors) == [None, "act returned [0, 0, nan]"]


def test_a_reset_that_raises_says_what_went_wrong():
    assert reset_policy(FakePolicy(KeyError("stats")), ["go"] * 2).startswith("KeyError: 'stats' (")
    assert reset_policy(FakePolicy(None), ["go"] * 2) is None


def test_an_error_is_one_line_of_bounded_length():
    assert describe_error(ValueError()) == "ValueError"
    assert describe_error(ValueError("a\n  b")) == "ValueError: a b"
    assert len(describe_error(ValueError("x" * 10_000))) == 500
