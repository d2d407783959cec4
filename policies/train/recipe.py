"""Hyperparameters of the recipe that trains the shipped policies."""

from __future__ import annotations

from dataclasses import dataclass, field

from policies.train.loop.trainer import OptimizerConfig
from policies.train.tasks.cloning import CloneOptions
from policies.train.tasks.pretraining import PretrainOptions
from scenarios.common.splits import check_split
from scenarios.registry import SCENARIOS


@dataclass(frozen=True)
class SuiteEpisodes:
    """Suite seed and number of the episodes that are recorded of each family."""

    seed: int
    episodes: int


@dataclass(frozen=True)
class Recipe:
    """All settings that the result of a training run depends on."""

    families: tuple[str, ...] = tuple(SCENARIOS)
    """Scenario families to record."""
    demonstrations: SuiteEpisodes = SuiteEpisodes(1000, 300)
    """Training episodes, driven by the expert."""
    validation: SuiteEpisodes = SuiteEpisodes(2000, 10)
    """Validation episodes, driven by the expert."""
    clip: PretrainOptions = field(default_factory=lambda: PretrainOptions(steps=500))
    """Pretraining of CLIP."""
    kosmos2: PretrainOptions = field(default_factory=lambda: PretrainOptions(steps=750))
    """Pretraining of Kosmos-2."""
    cloning: CloneOptions = field(default_factory=CloneOptions)
    """Cloning of the hybrid from the demonstrations."""
    rounds: tuple[SuiteEpisodes, ...] = tuple(SuiteEpisodes(1100 + number, 60) for number in range(2))
    """Episodes that each DAgger round records."""
    round_cloning: CloneOptions = field(
        default_factory=lambda: CloneOptions(OptimizerConfig(epochs=2, learning_rate=8e-4, warmup=0.06))
    )
    """Training in a DAgger round, on all recoveries so far and a part of the demonstrations."""
    finish: CloneOptions = field(
        default_factory=lambda: CloneOptions(OptimizerConfig(epochs=2, learning_rate=6e-4, warmup=0.03, seed=1010))
    )
    """Final training on all demonstrations and recoveries, as the rounds forget some of the demonstrations."""

    def __post_init__(self) -> None:
        for recorded in (self.demonstrations, *self.rounds):
            check_split("train", recorded.seed)
        check_split("validation", self.validation.seed)
