"""Outcomes of one policy's episodes, to compare between instruction sets."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import closing

from envs.simulation.lockstep import Lockstep
from policies.registry import make_policy
from sim.benchmark.loop.drive import make_block
from sim.evaluate.block import drive_block
from sim.results.plan import BLOCK_EPISODES


def drive_outcomes(policy_name: str, blocks: int) -> list[bool]:
    """Drive a policy's first blocks of episodes, and return which succeeded."""
    policy = make_policy(policy_name)
    if (torch := sys.modules.get("torch")) is not None:
        torch.set_num_threads(1)  # as in a worker
    with closing(Lockstep(BLOCK_EPISODES)) as lockstep:
        driven = [
            episode
            for number in range(blocks)
            for episode in drive_block(lockstep, policy, make_block(policy_name, number), lambda row: None)
        ]
    return [episode.row.success for episode in driven]


def count_changed(one: Sequence[bool], other: Sequence[bool]) -> int:
    """Count the episodes that succeeded in only one of two drives."""
    return sum(before != after for before, after in zip(one, other, strict=True))
