"""Laws of which scenarios can have which perturbation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scenarios.common.errors import InputError
from scenarios.lookup import get_scenario
from scenarios.perturbations import (
    SWAPPED_INSTRUCTION,
    UNPERTURBED,
    Perturbation,
    check_supported,
    is_supported,
    sample_perturbed_world,
)
from scenarios.perturbations.alternative_tasks import alternative_tasks
from scenarios.scenario import Scenario
from scenarios.world import World


def test_without_a_perturbation_the_world_is_the_scenarios_own() -> None:
    corridor = get_scenario("corridor")
    assert sample_perturbed_world(corridor, 3, 1, UNPERTURBED) == corridor.world(3, 1)
    assert is_supported(corridor, UNPERTURBED)


def test_a_world_without_a_choice_refuses_the_swap_before_anything_runs() -> None:
    corridor = get_scenario("corridor")

    def alone(spec: object, rng: np.random.Generator) -> World:
        world = corridor.build(spec, rng)
        return replace(world, scenario="alone", task=replace(world.task, others=()))

    scenario = Scenario("alone", "one target", corridor.spec, alone)
    assert alternative_tasks(scenario.world(0, 0)) == ()
    both = Perturbation.parse("lighting=1+instruction=3")
    assert is_supported(scenario, Perturbation.parse("instruction=2"))
    assert not is_supported(scenario, both)
    with pytest.raises(InputError, match="'alone' can't have instruction=3: its worlds lack another target or side"):
        check_supported(scenario, both)
    with pytest.raises(InputError, match="another target or side"):
        sample_perturbed_world(scenario, 0, 0, SWAPPED_INSTRUCTION)
    check_supported(corridor, SWAPPED_INSTRUCTION)
