"""Plan of a run: policies x scenarios x perturbations x episodes, divided into blocks."""

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
BLOCK_EPISODES = 10  # also the batch size of every policy, which the digests depend on


@dataclass(frozen=True)
class Cell:
    """A cell of the results: a policy on a scenario, unperturbed or perturbed."""

    policy: str
    scenario: str
    perturbation: str = UNPERTURBED


@dataclass(frozen=True)
class Block:
    """Consecutive episodes of one cell that are driven together.

    Attributes:
        first: Number of the first episode, a multiple of ``BLOCK_EPISODES``.
        count: Number of episodes; fewer than ``BLOCK_EPISODES`` only at the end of a cell.
        version: Hash of the scenario's file when the run was planned; "" for a family.
    """

    cell: Cell
    suite_seed: int
    first: int
    count: int
    version: str = ""

    @property
    def scenario(self) -> Scenario:
        """The cell's scenario, unchanged since the run was planned.

        Raises:
            InputError: It is a file that has changed since.
        """
        scenario = get_scenario(self.cell.scenario)
        if self.version and scenario_version(self.cell.scenario) != self.version:
            raise InputError(
                f"{self.cell.scenario} changed during the run: restore the file to finish the run, "
                f"or choose a new --out"
            )
        return scenario

    @property
    def keys(self) -> tuple[tuple[str, str, str, int], ...]:
        """The keys of its episodes' rows."""
        cell = self.cell
        return tuple(
            (cell.policy, cell.scenario, cell.perturbation, number)
            for number in range(self.first, self.first + self.count)
        )

    @property
    def name(self) -> str:
        """Description of the block for messages."""
        return f"{self.cell.policy}, {self.cell.scenario}, {self.cell.perturbation}, from episode {self.first}"

    @property
    def episodes(self) -> tuple[Episode, ...]:
        """The episodes of the block."""
        return tuple(
            Episode(self.cell.scenario, self.suite_seed, number, self.cell.perturbation)
            for number in range(self.first, self.first + self.count)
        )


@dataclass(frozen=True, kw_only=True)
class PlanRecord:
    """A plan in ``manifest.json``, which also contains the specification of every scenario."""

    policies: tuple[str, ...]
    """Names or folders."""
    scenarios: tuple[str, ...]
    """Names, or files as they were typed."""
    episodes: int
    """Per cell."""
    suite_seed: int
    """Seed of the suite of episodes."""
    perturbations: tuple[str, ...] = (UNPERTURBED,)
    """Each is driven in every scenario; the first is none."""
    left_out: tuple[tuple[str, str], ...] = ()
    """(scenario, perturbation) pairs that are not possible."""
    latency: Latency = 0.0
    """Simulated inference latency, in s, or "measured"."""
    block_episodes: int = BLOCK_EPISODES
    """Episodes that are driven together."""
    metrics: tuple[str, ...] = field(default=(), metadata={OMIT: True})
    """User-defined metrics, as they were typed."""


@dataclass(frozen=True)
class SuiteFacts:
    """The suite that a run evaluates: what it is called, and a hash of what it says."""

    hash: str
    """Over all that is asked for, not over weights, code and machine; equal for equal questions."""
    conditions: str
    """Over what decides which episodes are driven, and how they are seen, alone; equal for equal episodes."""
    name: str = ""
    """As in its file; "" if flags alone said what to run."""
    changed: tuple[str, ...] = ()
    """Keys of the file that flags replaced: the results are no longer those of the suite of this name."""

    def describe(self) -> str:
        """Describe it in a line."""
        changed = f"with other {' and '.join(self.changed)}, " if self.changed else ""
        return f"{f'{self.name}, {changed}' if self.name else ''}{self.hash} (conditions {self.conditions})"


@dataclass(frozen=True)
class RunPlan:
    """The plan of a run: everything that determines its episodes, independent of workers and earlier results.

    Attributes:
        policies: Names or folders.
        scenarios: Names, or files as they were typed.
        episodes: Per cell.
        suite_seed: Seed of the suite of episodes.
        perturbations: Each is driven in every scenario; the first is none, with which the others are compared.
        left_out: (scenario, perturbation) pairs that are not possible, as the scenario has nothing to perturb.
        latency: Simulated inference latency, in s, or "measured"; the manifest then contains the measured value.
        metrics: User-defined metrics, as ``file.py:NAME``.
        versions: For each scenario file, the hash of its name and ranges when the run was planned; "" for a family.
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
            raise ValueError(
                f"perturbations must begin with '{UNPERTURBED}' and contain no duplicates: {self.perturbations}"
            )

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All cells, in order."""
        return tuple(
            Cell(policy, scenario, perturbation)
            for policy in self.policies
            for scenario in self.scenarios
            for perturbation in self.perturbations
            if (scenario, perturbation) not in self.left_out
        )

    @property
    def blocks(self) -> tuple[Block, ...]:
        """All blocks, in the order of the cells."""
        versions = dict(zip(self.scenarios, self.versions, strict=True))
        return tuple(
            Block(cell, self.suite_seed, first, min(BLOCK_EPISODES, self.episodes - first), versions[cell.scenario])
            for cell in self.cells
            for first in range(0, self.episodes, BLOCK_EPISODES)
        )

    @classmethod
    def from_record(cls, record: PlanRecord) -> RunPlan:
        """Make the plan that a manifest records.

        Raises:
            InputError: A scenario doesn't exist here, or blocks are of another size, as in another version.
        """
        if record.block_episodes != BLOCK_EPISODES:
            raise InputError(
                f"the run has blocks of {record.block_episodes} episodes, and this version drives {BLOCK_EPISODES} at "
                f"a time: use the version that made it"
            )
        return cls(
            record.policies,
            record.scenarios,
            record.episodes,
            record.suite_seed,
            perturbations=record.perturbations,
            left_out=record.left_out,
            latency=record.latency,
            metrics=record.metrics,
        )

    def record(self) -> PlanRecord:
        """Return the plan for ``manifest.json``; runs with equal records do the same work."""
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
