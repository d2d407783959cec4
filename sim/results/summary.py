"""``summary.json``: what a run comes to, per cell, and whether offline error agrees with success."""

from __future__ import annotations

from dataclasses import dataclass, field

from sim.results.agreement import Agreement
from sim.results.codec import FLAT
from sim.results.offline_score import OfflineScore
from sim.results.plan import UNPERTURBED
from sim.results.rates import PairedDifference, SuccessRate

SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class CellSummary:
    """One policy in one scenario, as it is or perturbed."""

    policy: str
    """Name or folder."""
    scenario: str
    """Name, or file as it was typed."""
    perturbation: str
    """Axes and levels; "none" without any."""
    privileged: bool
    """Whether the policy sees the true world, and so is a ceiling rather than a contestant."""
    latency_s: float
    """How long the policy thinks while the world goes on."""
    runtime: str = ""
    """What computes the policy's network; "" without one."""
    episodes: int
    """How many there are."""
    success: SuccessRate
    """Over these episodes."""
    failures: dict[str, int]
    """How many episodes ended in each kind of failure, the most frequent first."""
    steps: int
    """Control steps over all episodes."""
    metrics: dict[str, float | None] = field(metadata={FLAT: True})
    """By name, each a key of its own: the mean over the episodes where it is defined; None if it is in none."""
    paired: PairedDifference | None = None
    """Success against the same episodes without perturbation; None for those, and while there are no pairs."""


@dataclass(frozen=True)
class LanguageScore:
    """Whether a policy goes where it is told: over pairs of drives in one scene under two instructions."""

    policy: str
    """Name or folder."""
    scenario: str
    """Name, or file as it was typed."""
    pairs: int
    """Scenes that were driven under both instructions."""
    score: float
    """In [-1, 1]. 1: it always does as it is told; 0: it ignores the words."""
    low: float
    """Lower end of the 95 % bootstrap interval over scenes."""
    high: float
    """Upper end of the 95 % bootstrap interval over scenes."""


@dataclass(frozen=True, kw_only=True)
class Summary:
    """The contents of ``summary.json``."""

    schema: int = SCHEMA
    """Version of the format."""
    complete: bool
    """Whether every episode of the plan is there."""
    cells: tuple[CellSummary, ...]
    """In the order of the plan; without those that have no episode yet."""
    language: tuple[LanguageScore, ...] = ()
    """In the order of the plan; of those that were probed."""
    offline: tuple[OfflineScore, ...] = ()
    """Offline scores, by scenario, then in the order of the plan's policies."""
    agreement: Agreement
    """Whether offline error ranks the policies as success does."""

    @property
    def is_perturbed(self) -> bool:
        """Whether any cell is perturbed."""
        return any(cell.perturbation != UNPERTURBED for cell in self.cells)

    def find_offline(self, policy: str, scenario: str) -> OfflineScore | None:
        """The offline score that stands beside a cell: of its own scenario, or of a data set given by hand."""
        for score in self.offline:
            if score.policy == policy and score.scenario in (scenario, None):
                return score
        return None
