"""Instruction: a paraphrase, or another task in the same scene."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scenarios.common.errors import InputError
from scenarios.perturbations.alternative_tasks import alternative_tasks, swapped_tasks
from scenarios.perturbations.axis import PerturbationAxis
from scenarios.perturbations.paraphrases import paraphrase_instruction
from scenarios.world import World

SWAP_LEVEL = 3


def _instruction(world: World, base: World, level: int, rng: np.random.Generator) -> World:
    if level < SWAP_LEVEL:
        options = paraphrase_instruction(base, unfamiliar=level == 2)
        return replace(world, instruction=options[int(rng.integers(len(options)))], phrase=None)
    choice = swapped_tasks(base)
    if not choice:
        raise InputError(
            f"instruction=3 is not possible in this {base.scenario} world, which lacks {_missing(base, level)}"
        )
    return choice[int(rng.integers(len(choice)))].apply_to(world)


def _missing(base: World, level: int) -> str:
    return (
        ""
        if level < SWAP_LEVEL or alternative_tasks(base)
        else "another target or side that its instruction could name"
    )


AXIS = PerturbationAxis(
    "instruction",
    "a paraphrase of the instruction, or an instruction for another target or side in the same scene",
    (
        "paraphrased in the scenario's words",
        "paraphrased in other words and another order",
        "names another target or the other side, and the task changes with it",
    ),
    _instruction,
    _missing,
)
