"""``summary.json``: results per cell, and the agreement of offline error with success."""

from __future__ import annotations

from dataclasses import dataclass, field

from sim.results.codec import FLAT, OMIT
from sim.results.plan import UNPERTURBED, SuiteFacts
from sim.results.summary.agreement import Agreement
from sim.results.summary.offline_score import OfflineScore
from sim.results.summary.rates import PairedDifference, SuccessByPhrase, SuccessFloor, SuccessRate, UnpairedDifference

SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class CellSummary:
    """Results of one policy in one scenario, unperturbed or perturbed."""

    policy: str
    """Name or folder."""
    scenario: str
    """Name, or file as it was typed."""
    perturbation: str
    """Axes and levels; "none" without any."""
    privileged: bool
    """True if the policy sees the true world, so that it is an upper bound and not ranked."""
    latency_s: float
    """Simulated inference latency."""
    runtime: str = ""
    """Runtime of the policy's network; "" without one."""
    episodes: int
    """Number of finished episodes."""
    success: SuccessRate
    """Over these episodes."""
    failures: dict[str, int]
    """Number of episodes that ended in each kind of failure, the most frequent first."""
    steps: int
    """Control steps over all episodes."""
    metrics: dict[str, float | None] = field(metadata={FLAT: True})
    """By name, each a key of its own: the mean over the episodes where it is defined; None if it is in none."""
    paired: PairedDifference | None = None
    """Difference in success from the same episodes without perturbation; None for those, or without any pairs."""
    phrases: SuccessByPhrase | None = None
    """Success on seen and unseen phrases; None where that isn't known of any episode."""
    period_s: float | None = field(default=None, metadata={OMIT: True})
    """Duration of each of the policy's actions; None in a run of an older version."""
    image_size: tuple[int, int] | None = field(default=None, metadata={OMIT: True})
    """(height, width) in pixels of the policy's input frames; None if it uses none."""
    chunk: int | None = field(default=None, metadata={OMIT: True})
    """Number of actions in each of the policy's answers; None in a run of an older version."""
    replan: int | None = field(default=None, metadata={OMIT: True})
    """Replan horizon: number of these that are executed before the next inference; None in an older run."""


@dataclass(frozen=True)
class PhraseScore:
    """The language score over the scenes with one kind of phrase."""

    pairs: int
    """Scenes that were driven under both instructions."""
    score: float
    """In [-1, 1]."""
    low: float
    """Lower end of its 95 % interval."""
    high: float
    """Upper end of its 95 % interval."""


@dataclass(frozen=True)
class LanguageByPhrase:
    """The language score under phrases that stand in training, and under those that are held out from it."""

    seen: PhraseScore | None
    """None without such scenes."""
    unseen: PhraseScore | None
    """None without such scenes."""
    difference: UnpairedDifference | None
    """Unseen less seen; None without one of them."""


@dataclass(frozen=True)
class LanguageScore:
    """Score of a policy for following instructions, from pairs of episodes in one scene under two instructions."""

    policy: str
    """Name or folder."""
    scenario: str
    """Name, or file as it was typed."""
    pairs: int
    """Scenes that were driven under both instructions."""
    score: float
    """In [-1, 1]. 1: it always follows the instruction; 0: it ignores it."""
    low: float
    """Lower end of the 95 % interval over scenes, from the mid-p test of a mean score."""
    high: float
    """Upper end of the 95 % interval over scenes, from the mid-p test of a mean score."""
    phrases: LanguageByPhrase | None = None
    """The score on seen and unseen phrases; None where that isn't known of any scene."""


@dataclass(frozen=True, kw_only=True)
class Summary:
    """The contents of ``summary.json``."""

    schema: int = SCHEMA
    """Version of the format."""
    complete: bool
    """True if every episode of the plan is finished."""
    cells: tuple[CellSummary, ...]
    """In the order of the plan; without those that have no episodes yet."""
    language: tuple[LanguageScore, ...] = ()
    """In the order of the plan; only where it was measured."""
    offline: tuple[OfflineScore, ...] = ()
    """Offline scores, by scenario, then in the order of the plan's policies."""
    agreement: Agreement
    """Agreement of the rankings by offline error and by success."""
    floors: tuple[SuccessFloor, ...] = field(default=(), metadata={OMIT: True})
    """In the order of the plan's scenarios."""
    digest: str | None = field(default=None, metadata={OMIT: True})
    """Digest of the digests of all finished episodes: equal if and only if all of them are equal to the bit; None in a
    run of an older version."""
    version: str | None = field(default=None, metadata={OMIT: True})
    """Version of the package that made the run."""
    scenarios: dict[str, str] = field(default_factory=dict, metadata={OMIT: True})
    """Hash of each scenario's name and ranges: success rates of two versions or two hashes aren't comparable."""
    suite: SuiteFacts | None = field(default=None, metadata={OMIT: True})
    """What the run evaluates, by name and hash; None in a run of an older version."""

    @property
    def is_perturbed(self) -> bool:
        """True if any cell is perturbed."""
        return any(cell.perturbation != UNPERTURBED for cell in self.cells)

    def find_offline(self, policy: str, scenario: str) -> OfflineScore | None:
        """Return the offline score for a cell: of its own scenario, or of a data set given by its folder."""
        for score in self.offline:
            if score.policy == policy and score.scenario in (scenario, None):
                return score
        return None
