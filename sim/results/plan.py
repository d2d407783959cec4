"""What a run is to do: policies x scenarios x perturbations x episodes, cut into blocks by the plan alone."""

from __future__ import annotations

from dataclasses import dataclass, field

from scenarios import perturbations
from scenarios.common.errors import InputError
from scenarios.lookup import get_scenario, scenario_text, scenario_version
from scenarios.scenario import Scenario
from sim.results.codec import OMIT
from sim.rollout.episode import Episode
from sim.rollout.latency import Latency

UNPERTURBED = str(perturbations.UNPERTURBED)
SWAPPED_INSTRUCTION = str(perturbations.SWAPPED_INSTRUCTION)
BLOCK_EPISODES = 10  # also the batch that every policy computes with; part of what makes a digest, so part of the plan


@dataclass(frozen=True)
class Cell:
    """One number of the final table: a policy on a scenario, as it is or perturbed."""

    policy: str
    scenario: str
    perturbation: str = UNPERTURBED


@dataclass(frozen=True)
class Block:
    """Consecutive episodes of one cell, driven together.

    Attributes:
        first: Number of the first episode, a multiple of ``BLOCK_EPISODES``.
        count: How many; fewer than ``BLOCK_EPISODES`` only at the end of a cell.
        version: Of the cell's scenario, its file's when the run was planned; "" for a family.
    """

    cell: Cell
    suite_seed: int
    first: int
    count: int
    version: str = ""

    @property
    def scenario(self) -> Scenario:
        """What the cell's scenario was when the run was planned.

        Raises:
            InputError: It is a file that was changed since.
        """
        scenario = get_scenario(self.cell.scenario)
        if self.version and scenario_version(self.cell.scenario) != self.version:
            raise InputError(
                f"{self.cell.scenario} was changed while the run was under way: finish it with the file as it was, "
                f"or name a new --out"
            )
        return scenario

    @property
    def name(self) -> str:
        return f"{self.cell.policy}, {self.cell.scenario}, {self.cell.perturbation}, from episode {self.first}"

    @property
    def episodes(self) -> tuple[Episode, ...]:
        return tuple(
            Episode(self.cell.scenario, self.suite_seed, number, self.cell.perturbation)
            for number in range(self.first, self.first + self.count)
        )


@dataclass(frozen=True, kw_only=True)
class PlanRecord:
    """A plan as ``manifest.json`` keeps it. What every scenario was drawn from stands beside it in the manifest."""

    policies: tuple[str, ...]
    """Names or folders."""
    scenarios: tuple[str, ...]
    """Names, or files as they were typed."""
    episodes: int
    """Per cell."""
    suite_seed: int
    """Of the suite of episodes."""
    perturbations: tuple[str, ...] = (UNPERTURBED,)
    """Each is driven in every scenario; the first is none."""
    left_out: tuple[tuple[str, str], ...] = ()
    """(scenario, perturbation) pairs that can't be."""
    latency: Latency = 0.0
    """How long each policy thinks, in s, or "measured"."""
    block_episodes: int = BLOCK_EPISODES
    """Episodes that are driven together."""
    metrics: tuple[str, ...] = field(default=(), metadata={OMIT: True})
    """Metrics of the user's own, as they were typed."""


@dataclass(frozen=True)
class RunPlan:
    """Everything that decides which episodes are run, and how. Neither workers nor earlier results have a say in it.

    Attributes:
        policies: Names or folders.
        scenarios: Names, or files as they were typed.
        episodes: Per cell.
        suite_seed: Of the suite of episodes.
        perturbations: Each is driven in every scenario; the first is none, with which the others are compared.
        left_out: (scenario, perturbation) pairs that can't be: the scenario lacks what would be perturbed.
        latency: How long each policy thinks, in s, or "measured": then its number stands beside it in the manifest.
        metrics: Metrics of the user's own, as ``file.py:NAME``.
        versions: Of each scenario that is a file, the hash of its name and ranges when the run was planned; else "".
    """

    policies: tuple[str, ...]
    scenarios: tuple[str, ...]
    episodes: int
    suite_seed: int
    perturbations: tuple[str, ...] = (UNPERTURBED,)
    left_out: tuple[tuple[str, str], ...] = ()
    latency: Latency = 0.0
    metrics: tuple[str, ...] = ()
    versions: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        versions = (scenario_version(name) if scenario_text(name) is not None else "" for name in self.scenarios)
        object.__setattr__(self, "versions", tuple(versions))
        if self.perturbations[:1] != (UNPERTURBED,) or len(set(self.perturbations)) < len(self.perturbations):
            raise ValueError(f"perturbations begin with '{UNPERTURBED}' and none appears twice: {self.perturbations}")

    @property
    def cells(self) -> tuple[Cell, ...]:
        return tuple(
            Cell(policy, scenario, perturbation)
            for policy in self.policies
            for scenario in self.scenarios
            for perturbation in self.perturbations
            if (scenario, perturbation) not in self.left_out
        )

    @property
    def blocks(self) -> tuple[Block, ...]:
        versions = dict(zip(self.scenarios, self.versions, strict=True))
        return tuple(
            Block(cell, self.suite_seed, first, min(BLOCK_EPISODES, self.episodes - first), versions[cell.scenario])
            for cell in self.cells
            for first in range(0, self.episodes, BLOCK_EPISODES)
        )

    def record(self) -> PlanRecord:
        """The plan for ``manifest.json``; two runs do the same work exactly when these are equal."""
        return PlanRecord(
            policies=self.policies,
            scenarios=self.scenarios,
            episodes=self.episodes,
            suite_seed=self.suite_seed,
            perturbations=self.perturbations,
            left_out=self.left_out,
            latency=self.latency,
            block_episodes=BLOCK_EPISODES,
            metrics=self.metrics,
        )
