"""Laws of the episode loop, on a fake world in which a robot slides along x."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envs.simulation.command import Command
from policies.formats.observation_format import ObservationFormat
from policies.policy import ObservationBatch, PolicySpec
from scenarios.common.errors import InputError
from scenarios.geometry import Bounds, Pose2D
from scenarios.robot import DRIVE_TICKS
from scenarios.world import Conditions, Target, Task, World
from sim.rollout.episode import Episode, Observer, Outcome
from sim.rollout.loop import rollout_episodes

CALM = Conditions()
SPEC = PolicySpec(name="fake", image_size=(224, 224), period_s=0.1, hold_action=(0.0, 0.0, 0.0))


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


class FakeLockstep:
    """Every slot moves by its action; episode i succeeds after ``lengths[i]`` steps."""

    def __init__(self, lengths: list[int], slots: int | None = None) -> None:
        self.lengths = lengths
        self.simulations = [object()] * (slots or len(lengths))
        self.stepped: list[np.ndarray] = []
        self.commands: list[float] = []  # vx of the first slot, tick by tick

    def reset(self, worlds: list[World]) -> FakeStep:
        self.worlds = [*worlds, *[worlds[0]] * (len(self.simulations) - len(worlds))]
        self.steps = np.zeros(len(self.simulations), int)
        self.x = np.zeros(len(self.simulations))
        return self._step()

    def step(self, command: Command, live: np.ndarray) -> FakeStep:
        self.commands += [float(command.at(tick)[0, 0]) for tick in range(DRIVE_TICKS)]
        self.stepped.append(live.copy())
        self.steps[live] += 1
        self.x[live] += command.mean[live, 0]
        return self._step()

    def _step(self) -> FakeStep:
        pixels = np.broadcast_to(self.steps[:, None, None, None].astype(np.uint8), (len(self.steps), 2, 2, 3))
        ended = [slot < len(self.lengths) and self.steps[slot] == self.lengths[slot] for slot in range(len(self.x))]
        return FakeStep(
            pixels,
            tuple(
                FakeState(np.zeros(6, np.float32), np.array([x, 0.0, 0.0]), "success" if end else None)
                for x, end in zip(self.x, ended, strict=True)
            ),
        )


class FakePolicy:
    """Answers what ``predict_actions(batch, call)`` gives."""

    def __init__(self, answer, spec: PolicySpec = SPEC) -> None:
        self.spec = spec
        self.answer = answer
        self.batches: list[ObservationBatch] = []
        self.resets: list[tuple[list[int], list[str]]] = []

    def reset(self, slots, instructions) -> None:
        self.resets.append((list(slots), list(instructions)))

    def act(self, batch: ObservationBatch) -> np.ndarray:
        self.batches.append(batch)
        return self.answer(batch, len(self.batches) - 1)


class Log(Observer):
    def __init__(self) -> None:
        self.events: list[tuple] = []

    def started(self, slot, episode, world, pixels, state) -> None:
        self.events.append(("started", slot, episode.number))

    def stepped(self, slot, action, pixels, state, inference) -> None:
        self.events.append(("stepped", slot, tuple(action.tolist()), int(pixels[0, 0, 0])))

    def ended(self, slot, outcome) -> None:
        self.events.append(("ended", slot, outcome.status, outcome.steps))

    def of(self, slot: int) -> list[tuple]:
        return [event for event in self.events if event[1] == slot]


def world(instruction: str = "go", conditions: Conditions = CALM) -> World:
    goal = Target("ball", "red ball", Pose2D(9.0, 0.0), 0.5)
    bounds = Bounds(0.0, 0.0, 1.0, 1.0)
    return World("fake", (), Pose2D(0.0, 0.0), Task(goal), instruction, bounds, 0.1, conditions=conditions)


def drive(lengths, answer, *, slots=None, spec=SPEC, latency_s=0.0, conditions=CALM):
    lockstep, policy, log = FakeLockstep(lengths, slots), FakePolicy(answer, spec), Log()
    episodes = [Episode("fake", 0, number) for number in range(len(lengths))]
    worlds = [world(f"go {number}", conditions) for number in range(len(lengths))]
    return rollout_episodes(lockstep, policy, episodes, worlds, [log], latency_s), lockstep, policy, log


def forward(batch: ObservationBatch, call: int) -> np.ndarray:
    return np.tile(np.array([1.0, 0.0, 0.0], np.float32), (len(batch.live), 1))


def test_each_episode_ends_on_its_own_and_no_step_is_counted_past_its_end():
    outcomes, lockstep, _, log = drive([2, 5, 3], forward)
    assert outcomes == [Outcome("success", 2), Outcome("success", 5), Outcome("success", 3)]
    assert [sum(live[slot] for live in lockstep.stepped) for slot in range(3)] == [2, 5, 3]
    assert len(lockstep.stepped) == 5
    for slot, length in enumerate([2, 5, 3]):
        kinds = [event[0] for event in log.of(slot)]
        assert kinds == ["started", *["stepped"] * length, "ended"]


def test_it_matters_to_no_observer_when_it_is_told_and_the_end_is_told_last():
    def told(observers: list[Log]) -> list[list[tuple]]:
        ends = []

        def on_end(slot: int, outcome: Outcome) -> None:
            assert all(log.of(slot)[-1] == ("ended", slot, outcome.status, outcome.steps) for log in observers)
            ends.append((slot, outcome))

        episodes, worlds = [Episode("fake", 0, number) for number in range(3)], [world()] * 3
        lockstep, policy = FakeLockstep([3, 1, 2]), FakePolicy(forward)
        outcomes = rollout_episodes(lockstep, policy, episodes, worlds, observers, on_end=on_end)
        assert ends == [(1, outcomes[1]), (2, outcomes[2]), (0, outcomes[0])]
        return [log.events for log in observers]

    (alone,) = told([Log()])
    assert told([Log(), Log()]) == [alone, alone]


def test_what_is_finished_is_told_before_the_rest_is_driven():
    def answer(batch, call):
        if call == 2:
            assert ended == [1]
        return forward(batch, call)

    ended: list[int] = []
    episodes, worlds = [Episode("fake", 0, number) for number in range(2)], [world()] * 2
    outcomes = rollout_episodes(
        FakeLockstep([4, 1]), FakePolicy(answer), episodes, worlds, on_end=lambda slot, _: ended.append(slot)
    )
    assert [outcome.status for outcome in outcomes] == ["success", "success"]
    assert ended == [1, 0]


def test_observers_see_the_observation_after_each_action():
    _, _, _, log = drive([3], forward)
    assert [event[3] for event in log.of(0) if event[0] == "stepped"] == [1, 2, 3]


def test_the_policy_always_sees_the_whole_batch_padding_included():
    _, _, policy, log = drive([1, 4], forward, slots=5)
    assert {batch.agent_pos.shape for batch in policy.batches} == {(5, 6)}
    assert policy.resets == [([0, 1, 2, 3, 4], ["go 0", "go 1", "go 0", "go 0", "go 0"])]
    live = [batch.live.tolist() for batch in policy.batches]
    assert live[:2] == [[True, True, False, False, False], [False, True, False, False, False]]
    assert {event[1] for event in log.events} == {0, 1}


def test_a_longer_period_holds_each_answer():
    slow = replace(SPEC, period_s=0.3)
    _, _, policy, log = drive([7], lambda batch, call: forward(batch, call) * (call + 1) / 10, spec=slow)
    assert len(policy.batches) == 3
    assert np.allclose([event[2][0] for event in log.of(0) if event[0] == "stepped"], [0.1] * 3 + [0.2] * 3 + [0.3])


def test_a_policy_that_does_not_fit_is_refused_before_the_first_step():
    lockstep = FakeLockstep([3])
    with pytest.raises(InputError, match="whole multiple"):
        rollout_episodes(
            lockstep, FakePolicy(forward, replace(SPEC, period_s=0.25)), [Episode("fake", 0, 0)], [world()]
        )
    assert not hasattr(lockstep, "steps")


def test_a_policy_that_takes_no_image_gets_none_and_truth_goes_to_the_privileged_alone():
    _, _, plain, _ = drive([2], forward)
    _, _, blind, _ = drive([2, 2], forward, slots=3, spec=replace(SPEC, image_size=None, privileged=True))
    assert plain.batches[0].truth is None
    assert plain.batches[0].pixels is not None
    assert blind.batches[0].pixels is None
    assert [truth.world.instruction for truth in blind.batches[0].truth] == ["go 0", "go 1", "go 0"]
    assert blind.batches[1].truth[0].pose[0] == 1.0


def test_actions_are_clipped():
    _, _, _, log = drive([1], lambda batch, call: np.array([[7.0, -7.0, 0.5]]))
    assert log.of(0)[1][2] == (1.0, -1.0, 0.5)


def test_a_row_that_is_not_finite_ends_that_slot_only():
    def answer(batch, call):
        actions = forward(batch, call)
        if call == 2:
            actions[1, 2] = np.nan
        return actions

    outcomes, _, _, _ = drive([4, 4, 4], answer)
    assert [outcome.status for outcome in outcomes] == ["success", "policy-fault", "success"]
    assert outcomes[1].steps == 2
    assert outcomes[1].error == "act returned [1, 0, nan]"


def test_an_ended_slot_may_answer_anything():
    def answer(batch, call):
        actions = forward(batch, call)
        actions[~batch.live] = np.nan
        return actions

    outcomes, _, _, _ = drive([1, 4], answer, slots=4)
    assert [outcome.status for outcome in outcomes] == ["success", "success"]


def test_a_policy_that_raises_fails_every_episode_that_still_runs_and_no_other():
    def answer(batch, call):
        if call == 2:
            raise RuntimeError("out of\nmemory")
        return forward(batch, call)

    outcomes, _, policy, _ = drive([2, 5, 5], answer)
    assert [outcome.status for outcome in outcomes] == ["success", "policy-fault", "policy-fault"]
    assert outcomes[1].error.startswith("RuntimeError: out of memory (test_loop.py:")
    assert len(policy.batches) == 3


def test_a_policy_that_raises_in_reset_fails_every_episode():
    class Broken(FakePolicy):
        def reset(self, slots, instructions) -> None:
            raise KeyError("stats")

    log = Log()
    outcomes = rollout_episodes(FakeLockstep([3]), Broken(forward), [Episode("fake", 0, 0)], [world()], [log])
    assert [(outcome.status, outcome.steps) for outcome in outcomes] == [("policy-fault", 0)]
    assert outcomes[0].error.startswith("KeyError: 'stats' (test_loop.py:")
    assert [event[0] for event in log.events] == ["started", "ended"]


@pytest.mark.parametrize("shape", [(3,), (2, 2), (1, 3), (2, 3, 1)])
def test_a_wrong_shape_is_a_policy_fault_that_names_both_shapes(shape):
    outcomes, _, _, _ = drive([3, 3], lambda batch, call: np.zeros(shape))
    assert {outcome.status for outcome in outcomes} == {"policy-fault"}
    assert str(shape) in outcomes[0].error
    assert "(2, 3)" in outcomes[0].error


def test_an_answer_that_is_no_array_is_a_policy_fault():
    outcomes, _, _, _ = drive([3], lambda batch, call: "left")
    assert outcomes[0].status == "policy-fault"
    assert outcomes[0].error == "TypeError: act returned a str, not an array of actions"


HOLD = -0.5
HOLDING = replace(SPEC, hold_action=(HOLD, 0.0, 0.0))


def count(batch: ObservationBatch, call: int) -> np.ndarray:
    """The n-th answer is n hundredths."""
    return forward(batch, call) * np.float32((call + 1) / 100)


def tick_by_tick(period_ticks: int, thinking_ticks: int, ticks: int) -> list[float]:
    """What is to be driven, said plainly: one robot, one clock."""
    asked, answers, driven = -(10**6), 0, []
    pending: list[tuple[int, float]] = []
    command = HOLD
    for now in range(ticks):
        if now % DRIVE_TICKS == 0 and now - asked >= max(period_ticks, thinking_ticks):
            asked, answers = now, answers + 1
            pending.append((now + thinking_ticks, answers / 100))
        command = max((due for due in pending if due[0] <= now), default=(0, HOLD))[1]
        driven.append(command)
    return driven


@given(latency_ms=st.integers(0, 700), period=st.integers(1, 4), factor=st.integers(1, 3), steps=st.integers(1, 25))
def test_the_world_goes_on_with_the_last_command_while_the_policy_thinks(latency_ms, period, factor, steps):
    spec = replace(HOLDING, period_s=0.1 * period)
    conditions = Conditions(period_factor=factor)
    _, lockstep, _, _ = drive([steps], count, spec=spec, latency_s=latency_ms / 1000, conditions=conditions)
    thinking = -(-latency_ms // 25)
    assert lockstep.commands == pytest.approx(
        tick_by_tick(DRIVE_TICKS * period * factor, thinking, DRIVE_TICKS * steps)
    )


def test_the_condition_of_a_world_and_the_latency_of_the_run_add_up():
    conditions = Conditions(latency_s=0.05)
    _, both, _, _ = drive([6], count, spec=HOLDING, latency_s=0.1, conditions=conditions)
    _, one, _, _ = drive([6], count, spec=HOLDING, latency_s=0.15)
    assert both.commands == one.commands
    assert both.commands[:6] == [HOLD] * 6


def test_a_policy_that_thinks_longer_than_its_period_is_asked_when_it_has_finished():
    _, _, policy, _ = drive([7], count, latency_s=0.25)
    assert [int(batch.pixels[0, 0, 0, 0]) for batch in policy.batches] == [0, 3, 6]


def test_observers_are_told_the_mean_of_what_was_commanded_in_a_step():
    _, _, _, log = drive([3], lambda batch, call: forward(batch, call), spec=HOLDING, latency_s=0.125)
    told = [event[2][0] for event in log.of(0) if event[0] == "stepped"]
    assert told == pytest.approx([HOLD, 0.25 * HOLD + 0.75 * 1.0, 1.0])


def test_a_chunk_is_driven_action_by_action_until_the_next_inference():
    def count_up(batch, call):
        return np.array([[[0.5 * call + 0.1 * index, 0.0, 0.0] for index in range(1, 5)]], np.float32)

    _, lockstep, policy, _ = drive([5], count_up, spec=replace(SPEC, chunk=4, replan=3))
    assert lockstep.commands[::DRIVE_TICKS] == pytest.approx([0.1, 0.2, 0.3, 0.6, 0.7])
    assert len(policy.batches) == 2


def test_during_the_latency_the_rest_of_the_earlier_chunk_is_driven():
    def count_up(batch, call):
        return np.array([[[0.5 * call + 0.1 * index, 0.0, 0.0] for index in range(1, 5)]], np.float32)

    _, lockstep, _, _ = drive([4], count_up, spec=replace(SPEC, chunk=4, replan=2), latency_s=0.1)
    assert lockstep.commands[::DRIVE_TICKS] == pytest.approx([0.0, 0.2, 0.3, 0.7])


def test_a_policy_with_history_is_given_a_frame_of_each_action_and_its_own_image_size():
    spec = replace(SPEC, image_size=(2, 2), chunk=2, replan=2, observation=ObservationFormat(frames=3))
    _, lockstep, policy, _ = drive([6], lambda batch, call: np.zeros((1, 2, 3), np.float32), spec=spec)
    assert [batch.pixels[0, :, 0, 0, 0].tolist() for batch in policy.batches] == [[0, 0, 0], [0, 1, 2], [2, 3, 4]]
    assert lockstep.image_size == (2, 2)
