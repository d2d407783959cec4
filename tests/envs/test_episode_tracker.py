"""A robot's episodes follow from its suite seed and options alone; rewards are progress, prize and penalty."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from envs.episode_tracker import FAILURE_REWARD, SUCCESS_REWARD, EpisodeTracker
from envs.simulation.simulation import EpisodeState
from scenarios.common.errors import InputError
from scenarios.lookup import get_scenario
from scenarios.navigation.planner import Planner
from scenarios.scenario import Scenario

CORRIDOR = get_scenario("corridor")


class NoDraws:
    """A random generator that must not be asked."""

    def integers(self, *_: Any) -> int:
        raise AssertionError("a seeded suite draws nothing")


def make_tracker(scenario: Scenario = CORRIDOR, seed: int = 5) -> EpisodeTracker:
    tracker = EpisodeTracker(scenario)
    tracker.choose_world(seed, {}, np.random.default_rng(0))
    return tracker


def state_at(x_m: float, y_m: float, status: str | None = None) -> EpisodeState:
    return EpisodeState(np.zeros(6, np.float32), np.array([x_m, y_m, 0.0]), status, None, 1.0)


def test_each_choice_is_the_next_episode_of_the_suite() -> None:
    tracker, rng = EpisodeTracker(CORRIDOR), NoDraws()
    drawn = [tracker.choose_world(seed, {}, rng) for seed in (8, None, None)]  # type: ignore[arg-type]
    assert drawn == [CORRIDOR.world(8, number) for number in range(3)]
    assert (tracker.suite_seed, tracker.episode_index) == (8, 2)


def test_an_episode_that_is_named_is_drawn_and_the_suite_goes_on_from_it() -> None:
    tracker, rng = make_tracker(), np.random.default_rng(0)
    assert tracker.choose_world(None, {"episode": 6}, rng) == CORRIDOR.world(5, 6)
    assert tracker.choose_world(None, {}, rng) == CORRIDOR.world(5, 7)


def test_a_suite_that_was_never_seeded_comes_from_the_generator() -> None:
    def draw(seed: int) -> int | None:
        tracker = EpisodeTracker(CORRIDOR)
        tracker.choose_world(None, {}, np.random.default_rng(seed))
        return tracker.suite_seed

    assert draw(0) == draw(0) != draw(1)


def test_what_lerobot_sends_at_a_rollouts_start_changes_nothing() -> None:
    tracker = EpisodeTracker(CORRIDOR)
    world = tracker.choose_world(5, {"lerobot_new_rollout": True}, np.random.default_rng(0))
    assert world == CORRIDOR.world(5, 0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"wrld": None}, "unknown reset option 'wrld'"),
        ({"world": "corridor"}, "'world' must be a scenarios.world.World, not str"),
        ({"episode": -1}, "'episode' must be a whole number from 0, not -1"),
        ({"episode": 1.5}, "'episode' must be a whole number from 0, not 1.5"),
        ({"episode": "2"}, "'episode' must be a whole number from 0, not '2'"),
    ],
)
def test_options_that_are_not_possible_are_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        make_tracker().choose_world(None, options, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("status", "prize", "terminated", "truncated"),
    [
        (None, 0.0, False, False),
        ("success", SUCCESS_REWARD, True, False),
        ("collision", FAILURE_REWARD, True, False),
        ("wrong-target", FAILURE_REWARD, True, False),
        ("timeout", 0.0, False, True),
        ("stuck", 0.0, False, True),
    ],
)
def test_a_step_earns_its_progress_and_what_its_end_is_worth(
    status: str | None, prize: float, terminated: bool, truncated: bool
) -> None:
    tracker = make_tracker()
    start = tracker.world.start
    tracker.begin(state_at(start.x, start.y))
    planner = Planner(tracker.world)
    after = (start.x + 0.3, start.y)
    progress = planner.distance_to_goal((start.x, start.y)) - planner.distance_to_goal(after)
    outcome = tracker.advance(state_at(*after, status))
    assert outcome == (pytest.approx(progress + prize), terminated, truncated)
    assert tracker.status == status
    assert tracker.advance(state_at(*after)).reward == pytest.approx(0.0)


def test_info_says_what_is_asked_how_it_stands_and_which_episode_it_is() -> None:
    tracker = make_tracker()
    info = tracker.make_info(state_at(0.0, 0.0, "success"), "gl")
    assert info["instruction"] == tracker.task_description == CORRIDOR.world(5, 0).instruction
    assert info["is_success"]
    assert (info["suite_seed"], info["episode_index"], info["renderer"]) == (5, 0, "gl")
    assert "episode" not in info  # the key of wrappers that keep statistics


@pytest.mark.parametrize(("limit_s", "steps"), [(12.0, 120), (0.3, 3), (0.25, 3)])
def test_the_most_steps_are_those_of_the_time_limit(limit_s: float, steps: int) -> None:
    tracker = make_tracker()
    tracker.world = replace(tracker.world, task=replace(tracker.world.task, time_limit_s=limit_s))
    assert tracker._max_episode_steps == steps
