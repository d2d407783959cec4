"""What a run is to do: policies x scenarios x perturbations x episodes, cut into blocks by the plan alone."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sim.rollout import Episode

BLOCK_EPISODES = 10  # also the batch that every policy computes with; part of what makes a digest, so part of the plan


@dataclass(frozen=True)
class Cell:
    """One number of the final table: a policy on a scenario, as it is or perturbed."""

    policy: str
    scenario: str
    perturbation: str = "none"


@dataclass(frozen=True)
class Block:
    """Consecutive episodes of one cell, driven together.

    Attributes:
        first: Number of the first episode, a multiple of ``BLOCK_EPISODES``.
        count: How many; fewer than ``BLOCK_EPISODES`` only at the end of a cell.
    """

    cell: Cell
    suite_seed: int
    first: int
    count: int

    @property
    def name(self) -> str:
        return f"{self.cell.policy}, {self.cell.scenario}, {self.cell.perturbation}, from episode {self.first}"

    @property
    def episodes(self) -> tuple[Episode, ...]:
        return tuple(
            Episode(self.cell.scenario, self.suite_seed, number, self.cell.perturbation)
            for number in range(self.first, self.first + self.count)
        )


@dataclass(frozen=True)
class Plan:
    """Everything that decides which episodes are run. Neither workers nor earlier results have a say in it."""

    policies: tuple[str, ...]
    scenarios: tuple[str, ...]
    episodes: int
    suite_seed: int
    perturbations: tuple[str, ...] = ("none",)

    @property
    def cells(self) -> tuple[Cell, ...]:
        return tuple(
            Cell(policy, scenario, perturbation)
            for policy in self.policies
            for scenario in self.scenarios
            for perturbation in self.perturbations
        )

    @property
    def blocks(self) -> tuple[Block, ...]:
        return tuple(
            Block(cell, self.suite_seed, first, min(BLOCK_EPISODES, self.episodes - first))
            for cell in self.cells
            for first in range(0, self.episodes, BLOCK_EPISODES)
        )

    def as_json(self) -> dict[str, Any]:
        """The plan for ``manifest.json``; two runs do the same work exactly when these are equal."""
        described = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
        return {**described, "block_episodes": BLOCK_EPISODES}
