"""Laws of the words of a rollout."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import FrozenInstanceError
from pathlib import Path

import numpy as np
import pytest

from scenarios.lookup import get_scenario
from sim.rollout.episode import Episode, InferenceTime, Observer, Outcome


def test_the_time_of_a_call_is_shared_by_the_running_episodes_of_its_batch():
    assert InferenceTime(call_ms=100.0, observations=4).policy_ms == 25.0
    assert InferenceTime().policy_ms == 0.0


def test_an_observer_overrides_only_what_it_needs():
    class Counter(Observer):
        ended_slots = 0

        def ended(self, slot: int, outcome: Outcome) -> None:
            self.ended_slots += 1

    counter, episode = Counter(), Episode("corridor", 1, 0)
    pixels = np.zeros((2, 2, 3), np.uint8)
    counter.started(0, episode, get_scenario("corridor").world(1, 0), pixels, None)
    counter.stepped(0, np.zeros(3, np.float32), pixels, None, InferenceTime())
    counter.ended(0, Outcome("success", 1))
    assert counter.ended_slots == 1


def test_an_episode_is_a_key_that_nobody_changes():
    assert len({Episode("corridor", 1, 0), Episode("corridor", 1, 0, "none"), Episode("corridor", 1, 1)}) == 2
    with pytest.raises(FrozenInstanceError):
        Episode("corridor", 1, 0).number = 2


def test_results_that_name_an_episode_need_neither_physics_nor_environments():
    code = "import sys, sim.rollout.episode, sim.results.row; print({'pybullet', 'envs'} & set(sys.modules))"
    root = Path(__file__).parents[3]
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert ran.stdout.strip() == "set()"
