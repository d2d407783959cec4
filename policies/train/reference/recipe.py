"""The recipe of the reference, as data."""

from __future__ import annotations

from dataclasses import dataclass, field

from policies.train.loop.trainer import OptimizerConfig
from policies.train.reference.batches import ViewAugmentation
from scenarios.common.splits import check_split


@dataclass(frozen=True)
class ViewCount:
    """How many views are recorded of each family."""

    suite_seed: int
    worlds: int
    poses: int
    """In each world."""


@dataclass(frozen=True, kw_only=True)
class ReferenceRecipe:
    """All settings that the reference depends on, beyond the families."""

    plain: ViewCount = ViewCount(1200, 300, 20)
    """Views of each family as it is."""
    varied: ViewCount = ViewCount(1210, 300, 20)
    """Views of each family with varied looks."""
    validation: ViewCount = ViewCount(2200, 20, 8)
    """Views that show how well it sees while it learns."""
    batch: int = 32
    """Views in a batch."""
    augmentation: ViewAugmentation = field(default_factory=ViewAugmentation)
    """What varies from batch to batch."""
    course: OptimizerConfig = OptimizerConfig(epochs=5, learning_rate=2e-3, floor=0.005, warmup=0.08, seed=1000)
    """Epochs, rates, and the seed of weights and batches."""

    def __post_init__(self) -> None:
        for seed in (self.plain.suite_seed, self.varied.suite_seed, self.course.seed):
            check_split("train", seed)
        check_split("validation", self.validation.suite_seed)
