from __future__ import annotations

import numpy as np
import pytest

from policies.policy import ObservationBatch
from policies.registry import make_policy
from policies.scripted.plans import (
    PARK,
    ROCKING_M,
    SHIPPED,
    STRAIGHT_AHEAD,
    Plan,
    PlanPolicy,
    aim_of,
    choose_plan,
    find_kinds,
    load_plans,
    make_park_policy,
    save_plans,
)
from scenarios.common.errors import InputError
from scenarios.registry import SCENARIOS
from scenarios.robot import ACTION_SCALE, CONTROL_PERIOD_S


def drive(policy: PlanPolicy, instruction: str, steps: int) -> np.ndarray:
    """Let a robot that does at once what it is told drive for some steps; return its places (steps, 2)."""
    policy.reset([0], [instruction])
    state, places = np.zeros((1, 6), np.float32), []
    for _ in range(steps):
        action = policy.act(ObservationBatch(None, state, np.ones(1, bool)))[0]
        state[0, 3:] += CONTROL_PERIOD_S * ACTION_SCALE * action
        places.append(state[0, 3:5].copy())
    return np.array(places)


@pytest.mark.parametrize("family", SCENARIOS)
def test_the_words_of_every_scene_tell_its_family_and_nothing_about_its_target(family) -> None:
    for number in range(12):
        instruction = SCENARIOS[family].world(1000, number).instruction
        kind = find_kinds(instruction)[family]
        assert kind.split()[0] == family
        for colour in ("red", "blue", "green", "yellow", "orange", "purple", "ball", "cone", "barrel"):
            assert colour not in kind.split()


def test_a_kind_has_the_words_for_the_way_from_the_placeholders_alone() -> None:
    assert find_kinds("go to the red ball in the second room on the left")["rooms"] == "rooms left second room"
    assert find_kinds("drive through the doorways to the red ball") == {"doorway": "doorway doorways"}
    assert find_kinds("dance") == {}


def test_of_several_families_that_an_instruction_may_mean_the_plan_that_succeeds_most_often_is_driven() -> None:
    instruction = "find the red ball and drive to it"
    families = list(find_kinds(instruction))
    assert len(families) > 1
    plans = {name: Plan(((float(number), 0.0),), won=number, scenes=9) for number, name in enumerate(families)}
    assert choose_plan(plans, instruction) is plans[families[-1]]


def test_an_unknown_instruction_is_driven_to_the_place_to_park() -> None:
    park = Plan(((1.0, 2.0),))
    assert choose_plan({PARK: park}, "dance") is park
    assert choose_plan({}, "dance") is STRAIGHT_AHEAD


def test_the_policy_drives_along_the_points_and_then_keeps_moving_at_the_last_bit_of_its_way() -> None:
    plan = Plan(((1.0, 0.5), (2.0, -0.5)))
    places = drive(PlanPolicy({PARK: plan}, "mine"), "dance", 120)
    for point in plan.points:
        assert np.hypot(*(places - point).T).min() < 0.1
    assert np.hypot(*(places[60:] - plan.points[-1]).T).max() < ROCKING_M + 0.1
    assert np.ptp(places[60:], axis=0).max() > 0.15  # standing still counts as being stuck
    assert np.allclose(aim_of(plan, 3), plan.points[-1])


def test_the_speed_is_a_share_of_full_speed() -> None:
    places = drive(PlanPolicy({PARK: Plan(((5.0, 0.0),), speed=0.4)}, "mine"), "dance", 10)
    assert np.allclose(np.diff(places[:, 0]), 0.4 * CONTROL_PERIOD_S * ACTION_SCALE, atol=1e-6)


def test_plans_that_were_saved_are_read_again_and_are_a_policy_by_their_folder(tmp_path) -> None:
    plans = {"corridor": Plan(((1.0, 0.25), (2.0, -0.5)), 0.5, 3, 4), PARK: STRAIGHT_AHEAD}
    save_plans(plans, tmp_path / "mine")
    assert load_plans(tmp_path / "mine") == plans
    assert make_policy(str(tmp_path / "mine")).spec.image_size is None


@pytest.mark.parametrize("content", ["", "{}", '{"plans": {"corridor": {"points": [1]}}}'])
def test_a_damaged_checkpoint_is_one_sentence(content, tmp_path) -> None:
    (tmp_path / "config.json").write_text(content)
    with pytest.raises(InputError, match="can't be read: it must"):
        load_plans(tmp_path)


def test_the_shipped_plans_cover_every_family_and_neither_policy_takes_images() -> None:
    assert {kind.split()[0] for kind in load_plans(SHIPPED)} == {*SCENARIOS, PARK}
    blind, park = make_policy("blind"), make_park_policy()
    assert blind.spec.image_size is park.spec.image_size is None
    assert not blind.spec.privileged


def test_the_parked_robot_ignores_the_words() -> None:
    ways = [drive(make_park_policy(), SCENARIOS[name].world(1000, 0).instruction, 30) for name in SCENARIOS]
    assert all(np.array_equal(way, ways[0]) for way in ways)
