"""All numbers of the recipe by which the shipped policies are made."""

from __future__ import annotations

from dataclasses import dataclass, field

from policies.train.loop.trainer import OptimizerConfig
from policies.train.tasks.cloning import CloneOptions
from policies.train.tasks.pretraining import PretrainOptions
from scenarios.common.splits import check_split
from scenarios.registry import SCENARIOS


@dataclass(frozen=True)
class SuiteEpisodes:
    """Episodes that are recorded of each family: a suite seed, and how many."""

    seed: int
    episodes: int


@dataclass(frozen=True)
class Recipe:
    """What the result of a training run depends on."""

    families: tuple[str, ...] = tuple(SCENARIOS)
    """Scenario families that are recorded."""
    demonstrations: SuiteEpisodes = SuiteEpisodes(1000, 300)
    """The expert's episodes to learn from."""
    validation: SuiteEpisodes = SuiteEpisodes(2000, 10)
    """The expert's episodes to measure the error on."""
    clip: PretrainOptions = field(default_factory=lambda: PretrainOptions(steps=500))
    """How CLIP is pretrained."""
    kosmos2: PretrainOptions = field(default_factory=lambda: PretrainOptions(steps=750))
    """How Kosmos-2 is pretrained."""
    cloning: CloneOptions = field(default_factory=CloneOptions)
    """How the hybrid is cloned."""
    rounds: tuple[SuiteEpisodes, ...] = tuple(SuiteEpisodes(1100 + number, 60) for number in range(2))
    """What each DAgger round records."""
    round_cloning: CloneOptions = field(
        default_factory=lambda: CloneOptions(OptimizerConfig(epochs=2, learning_rate=8e-4, warmup=0.06))
    )
    """How a round trains on, over all recoveries so far and a part of the demonstrations."""
    finish: CloneOptions = field(
        default_factory=lambda: CloneOptions(OptimizerConfig(epochs=2, learning_rate=6e-4, warmup=0.03, seed=1010))
    )
    """How the hybrid is trained last, over all demonstrations and recoveries: rounds forget some of the former."""

    def __post_init__(self) -> None:
        for recorded in (self.demonstrations, *self.rounds):
            check_split("train", recorded.seed)
        check_split("validation", self.validation.seed)
