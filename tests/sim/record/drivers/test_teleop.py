from collections import Counter

import numpy as np
import pytest

from envs.simulation.simulation import Simulation
from policies.policy import ObservationBatch
from scenarios.common.errors import InputError
from scenarios.lookup import get_scenario
from scenarios.robot import ACTION_SCALE
from sim.record.drivers import teleop
from sim.record.drivers.key_press_planner import RECORDS_PER_EPISODE, plan_key_presses
from sim.record.drivers.teleop import (
    PUBLISHED_CELLS,
    SCENARIO,
    TeleopPolicy,
    draw_teleop_style,
    execute_presses,
    is_plausible_drive,
    published_cell,
    select_episodes,
)
from sim.rollout.episode import Episode

SEED = 1000
TRAINING_SEED, TEST_SEED = 1000, 9000
KEY = {"W": (1, 0), "Q": (1, 1), "E": (1, -1), "A": (0, 1), "D": (0, -1), ".": (0, 0)}


def world(number):
    return get_scenario(SCENARIO).world(SEED, number)


def typed(keys):
    """(n, 3) the actions of a sequence of keys, by the published collector's letters."""
    return np.float32([(*KEY[key], 0) for key in keys])


@pytest.fixture(scope="module")
def numbers():
    return select_episodes(SEED, per_cell=2)


@pytest.fixture(scope="module")
def plans(numbers):
    return {
        number: plan_key_presses(world(number), draw_teleop_style(Episode(SCENARIO, SEED, number)))
        for number in numbers
    }


def test_a_set_has_as_many_episodes_of_each_cell_in_ascending_order(numbers):
    assert Counter(published_cell(world(number)) for number in numbers) == dict.fromkeys(PUBLISHED_CELLS, 2)
    assert list(numbers) == sorted(set(numbers))


def test_an_episode_is_a_still_record_and_17_presses_that_never_turn(plans):
    for actions in plans.values():
        assert actions.shape == (RECORDS_PER_EPISODE, 3)
        assert not actions[0].any()
        assert actions[1:, :2].any(axis=1).all()
        assert set(np.unique(actions)) <= {-1.0, 0.0, 1.0}
        assert not actions[:, 2].any()


def test_every_chosen_episode_succeeds_with_its_last_press(plans):
    simulation = Simulation()
    try:
        assert {execute_presses(world(number), actions, simulation) for number, actions in plans.items()} == {
            ("success", 17)
        }
    finally:
        simulation.close()


@pytest.mark.slow
def test_labels_of_the_training_and_the_test_set_come_out_as_published():
    drives = []
    for seed in (TRAINING_SEED, TEST_SEED):
        for number in select_episodes(seed):
            style = draw_teleop_style(Episode(SCENARIO, seed, number))
            drives.append(plan_key_presses(get_scenario(SCENARIO).world(seed, number), style))
    raw = ACTION_SCALE * np.concatenate(drives)
    assert len(drives) == 2 * 72
    assert (raw[:, :2] == 0).mean(axis=0) == pytest.approx([0.232, 0.536], abs=0.02)
    assert raw[:, :2].mean(axis=0) == pytest.approx([0.883, 0.072], abs=0.02)
    assert raw[:, :2].std(axis=0) == pytest.approx([0.486, 0.780], abs=0.02)
    assert raw[:, 0].min() >= 0.0  # nobody backed


@pytest.mark.parametrize(
    ("keys", "verdict"),
    [
        (".WWWWWWAAWWWEEDWWE", True),  # the typical published episode
        (".WWADADADADWWWWWWW", False),  # weaves
        (".AAAADDDDWWWWWWWWW", False),  # loses time
        (".WWQQQQQQWWWWWWWWW", False),  # ends far to the left
    ],
)
def test_a_likely_drive_goes_out_and_back_and_loses_no_time(keys, verdict):
    assert is_plausible_drive(typed(keys)) is verdict


def test_the_driver_presses_what_was_planned_and_then_nothing(numbers, plans):
    driver = TeleopPolicy()
    episodes = [Episode(SCENARIO, SEED, number) for number in numbers[:2]]
    driver.prepare(episodes, [world(number) for number in numbers[:2]], slots=3)
    driver.reset(range(3), ["", "", ""])
    batch = ObservationBatch(None, np.zeros((3, 6), np.float32), np.ones(3, bool))
    pressed = np.stack([driver.act(batch) for _ in range(20)])  # (20, 3, 3)
    assert np.array_equal(pressed[:18, 0], plans[numbers[0]])
    assert np.array_equal(pressed[:18, 1], plans[numbers[1]])
    assert not pressed[18:].any()
    assert not pressed[:, 2].any()
    assert np.array_equal(driver.labels, pressed[-1])


def test_too_few_episodes_are_a_sentence(monkeypatch):
    monkeypatch.setattr(teleop, "MAX_DRAWN", 3)
    with pytest.raises(InputError, match=r"suite seed 1000 has too few .* in 3"):
        select_episodes(SEED)


def test_a_world_of_another_family_has_no_cell():
    with pytest.raises(InputError, match="use 'box-detour'"):
        published_cell(get_scenario("corridor").world(SEED, 0))
