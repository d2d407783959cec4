"""A sample of a finished run's blocks, to be driven again."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from scenarios.common.errors import InputError
from sim.evaluate.shards.shard import Item
from sim.results.plan import Block, RunPlan
from sim.results.row import EpisodeRow
from sim.rollout.digest import combine_digests


@dataclass(frozen=True)
class Sample:
    """Blocks of a run: whole ones, as the episodes of a block are driven as one batch."""

    blocks: frozenset[Block]

    def select(self, items: Sequence[Item]) -> tuple[Item, ...]:
        """Select those of the items that are blocks of the sample, in order."""
        return tuple(item for item in items if item in self.blocks)


def sample_blocks(plan: RunPlan, rows: Sequence[EpisodeRow], share: float) -> Sample:
    """Draw a share of the blocks that are complete, at least one, with the digest of all rows as the seed.

    So nobody can tell, before the last row is there, which blocks will be driven again; afterwards everybody draws the
    same ones.

    Raises:
        InputError: No block is complete.
    """
    known = {row.key for row in rows}
    complete = [block for block in plan.blocks if all(key in known for key in block.keys)]
    if not complete:
        raise InputError("--verify: no block of episodes of the run is complete: finish the run by --resume")
    generator = random.Random(combine_digests(row.digest for row in rows))  # noqa: S311  not a secret
    return Sample(frozenset(generator.sample(complete, math.ceil(share * len(complete)))))
