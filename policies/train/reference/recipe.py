"""The recipe of the reference, as data.

What it does otherwise than the hybrid's, and why:

- The hybrid's towers stay frozen while it clones, as they unlearn what their words point at otherwise. Here captions
  are learned along with actions, so that the whole network can learn to drive.
- The hybrid has seen the looks, the light and the camera of the families alone, and each only once. Here half of all
  recordings have other ones, and frames vary more.
- The hybrid's two rounds of DAgger are of 60 episodes a family. Here are three of 128, half of them with varied looks.
- Batches are of 640 frames instead of 160, as it learns more at once.
- Half of the episodes of a test are told in phrases that no one trained on. Here words that name nothing are replaced
  by an unknown one at random.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from policies.train.data.windows import Augmentation
from policies.train.loop.trainer import OptimizerConfig
from policies.train.recipe import SuiteEpisodes
from scenarios.common.errors import InputError
from scenarios.common.splits import check_split

STEP_SECONDS = 4.0  # of one thread for a batch; see docs/explanation/training.md
RECORDING_MINUTES = 45  # for what it records beyond the hybrid's demonstrations, with two workers


@dataclass(frozen=True, kw_only=True)
class ReferenceBatches:
    """How batches are drawn from recordings."""

    windows: tuple[int, ...] = (8, 16, 32)
    """Lengths in frames of 0.1 s."""
    frames_per_batch: int = 640
    """Approximate number of frames in a batch."""
    steps: int = 300
    """Batches in an epoch, drawn anew from all recordings."""
    warm: int = 4
    """Number of first frames with a lower weight, in windows that start later than their episode."""
    warm_weight: float = 0.3
    """Weight of those frames."""
    augmentation: Augmentation = field(
        default_factory=lambda: Augmentation(shift_px=6, brightness=0.25, contrast=0.25, channel=0.1)
    )
    """What varies from window to window."""
    unknown_words: float = 0.15
    """Share of the words that name nothing which are replaced by an unknown one."""
    lost_odometry: float = 0.25
    """Share of the windows whose odometry is withheld, so that what is seen counts first."""


@dataclass(frozen=True, kw_only=True)
class ReferenceRound:
    """A DAgger round: what is recorded before its training."""

    plain: SuiteEpisodes
    """Episodes of each family that the reference drives."""
    varied: SuiteEpisodes
    """The same with varied looks."""


@dataclass(frozen=True, kw_only=True)
class ReferenceRecipe:
    """All settings that the reference depends on, beyond the demonstrations of the hybrid's recipe."""

    varied: SuiteEpisodes = SuiteEpisodes(1200, 150)
    """Episodes of each family with varied looks, driven by the expert."""
    batches: ReferenceBatches = field(default_factory=ReferenceBatches)
    """Batches of the cloning."""
    round_batches: ReferenceBatches = field(default_factory=lambda: ReferenceBatches(steps=360))
    """Batches of each round."""
    rounds: tuple[ReferenceRound, ...] = tuple(
        ReferenceRound(plain=SuiteEpisodes(1210 + 10 * number, 64), varied=SuiteEpisodes(1211 + 10 * number, 64))
        for number in range(3)
    )
    """DAgger rounds."""
    cloning: OptimizerConfig = OptimizerConfig(epochs=5, learning_rate=8e-4, warmup=0.03, seed=1200)
    """Cloning of the expert's episodes."""
    round_cloning: OptimizerConfig = OptimizerConfig(epochs=5, learning_rate=5e-4, floor=0.01, warmup=0.03, seed=1210)
    """Training in each round, on all recordings so far."""

    def __post_init__(self) -> None:
        recorded = [self.varied, *(part for each in self.rounds for part in (each.plain, each.varied))]
        for seed in [each.seed for each in recorded] + [self.cloning.seed, self.round_cloning.seed]:
            check_split("train", seed)

    @property
    def steps(self) -> int:
        """Batches of all stages."""
        each_round = self.round_cloning.epochs * self.round_batches.steps
        return self.cloning.epochs * self.batches.steps + len(self.rounds) * each_round

    @property
    def expected_minutes(self) -> float:
        """Expected minutes of the training with one thread, and of its recordings."""
        return self.steps * STEP_SECONDS / 60.0 + RECORDING_MINUTES


def limit_minutes(recipe: ReferenceRecipe, minutes: int) -> ReferenceRecipe:
    """Return a recipe whose epochs should fit into some minutes, recordings included; no more than it had.

    Raises:
        InputError: The time doesn't suffice for the recordings and an epoch of each stage.
    """
    share = (minutes - RECORDING_MINUTES) / (recipe.expected_minutes - RECORDING_MINUTES)
    shortest = min(each.epochs for each in (recipe.cloning, recipe.round_cloning))
    if share * shortest < 1.0:
        least = RECORDING_MINUTES + (recipe.expected_minutes - RECORDING_MINUTES) / shortest
        raise InputError(f"--minutes {minutes} is too short for the reference: give {least:.0f} or more")

    def shorten(course: OptimizerConfig) -> OptimizerConfig:
        return replace(course, epochs=max(1, int(course.epochs * min(1.0, share))))

    return replace(recipe, cloning=shorten(recipe.cloning), round_cloning=shorten(recipe.round_cloning))
