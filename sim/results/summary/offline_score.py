"""Offline score of a policy: its errors on recorded frames, those of baselines, and findings about the data.

An error has the unit of its convention: ``action`` (1.0 is full speed, dimensionless), ``raw`` (m/s and rad/s) or
``halved`` (half of raw). All intervals are 95 % bootstrap-t intervals over whole episodes; a data set of one episode
has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from scenarios.robot import AXIS_NAMES
from sim.results.codec import FLAT, KEY, OMIT

HELD_OUT = "held-out"  # means a scenario's own held-out demonstrations, wherever they are cached


@dataclass(frozen=True)
class Convention:
    """A convention for offline errors: axes, unit and frames."""

    axes: str
    """The axes that count: "2d" (vx, vy) or "3d" (and wz)."""
    unit: str
    """"action", "raw" or "halved"."""
    frames: str
    """The frames of each episode that count: "all", "first", "random" or "middle"."""


@dataclass(frozen=True)
class Accuracy:
    """Share of frames in which every axis of an action is close to the label."""

    rate: float
    """Share of frames, 0 to 1."""
    low: float | None
    """Lower end of its interval."""
    high: float | None
    """Upper end of its interval."""


@dataclass(frozen=True)
class MaeDifference:
    """A policy's MAE less that of a baseline; negative where the policy is better."""

    difference: float
    """In the convention's unit."""
    low: float | None
    """Lower end of its interval, over the same resampled episodes for both."""
    high: float | None
    """Upper end of its interval."""

    @property
    def contains_zero(self) -> bool:
        """Whether the interval contains 0; False where there is none."""
        return self.low is not None and self.high is not None and self.low <= 0.0 <= self.high


@dataclass(frozen=True)
class ConstantDifference(MaeDifference):
    """A policy's MAE less that of the best constant."""

    baseline: str = field(kw_only=True, metadata={KEY: "floor"})
    """Name of the best constant, one of ``sim.offline.baselines.CONSTANT_BASELINES``."""


@dataclass(frozen=True)
class BaselineComparison:
    """A policy's MAE compared with baselines that ignore the frames."""

    constant: ConstantDifference
    """Against the best constant action."""
    hold: MaeDifference
    """Against repeating the demonstrator's previous action."""


@dataclass(frozen=True)
class PolicyErrors:
    """A policy's errors in one convention."""

    mae: float
    """Mean absolute error over frames and axes, in the convention's unit."""
    low: float | None
    """Lower end of its interval."""
    high: float | None
    """Upper end of its interval."""
    mae_axis: tuple[float, ...]
    """The MAE of vx, vy and, in 3d, wz, of those that the data set has."""
    mse: float
    """Mean squared error, in the unit squared."""
    rmse: float
    """Its root, in the unit."""
    rmse_low: float | None
    """Lower end of its interval."""
    rmse_high: float | None
    """Upper end of its interval."""
    accuracy: Mapping[str, Accuracy]
    """Tolerance in the unit, such as "0.05" -> accuracy at that tolerance."""
    comparison: BaselineComparison = field(metadata={KEY: "versus"})
    """The MAE compared with that of the baselines."""

    def accuracy_rate(self, tolerance: float) -> float:
        """Return the share of frames, 0 to 1, with every axis within the tolerance."""
        return self.accuracy[f"{tolerance:g}"].rate


@dataclass(frozen=True)
class BaselineErrors:
    """A baseline's errors in one convention."""

    mae: float
    """Mean absolute error over frames and axes, in the convention's unit."""
    low: float | None
    """Lower end of its interval."""
    high: float | None
    """Upper end of its interval."""
    mae_axis: tuple[float, ...]
    """The MAE of vx, vy and, in 3d, wz."""
    mse: float
    """Mean squared error, in the unit squared."""
    rmse: float
    """Its root, in the unit."""
    accuracy: Mapping[str, float]
    """Tolerance in the unit, such as "0.05" -> share of frames, 0 to 1, with every axis within it."""

    def accuracy_rate(self, tolerance: float) -> float:
        """Return the share of frames, 0 to 1, with every axis within the tolerance."""
        return self.accuracy[f"{tolerance:g}"]


@dataclass(frozen=True)
class ConventionScore:
    """Errors of a policy and of the baselines in one convention, to six decimals."""

    convention: Convention = field(metadata={FLAT: True})
    count: int
    """Number of frames that count."""
    errors: PolicyErrors | None = field(metadata={FLAT: True})
    """None if the policy failed."""
    baselines: Mapping[str, BaselineErrors] = field(metadata={KEY: "floors"})
    """Name of a baseline -> its errors on the same frames."""


@dataclass(frozen=True)
class MaeEstimate:
    """A mean absolute error in actions, over frames and axes."""

    mae: float
    low: float | None
    """Lower end of its interval; None with frames of fewer than 10 episodes."""
    high: float | None
    """Upper end of its interval; None where ``low`` is."""


@dataclass(frozen=True)
class FrameKindScore:
    """Errors in actions on the frames of one kind; a frame may be of several kinds."""

    kind: str
    """Name of the kind, one of ``sim.offline.frame_kinds.kinds.FRAME_KINDS``."""
    count: int
    """Number of frames of this kind."""
    episodes: int
    """Number of episodes that have any."""
    errors: MaeEstimate | None = field(metadata={FLAT: True})
    """The policy's; None if it failed."""
    error_share: float | None
    """Share of the sum of the policy's errors over all frames that is made in these; None if it failed."""
    baselines: Mapping[str, MaeEstimate] = field(metadata={KEY: "floors"})
    """Name of a baseline -> its errors on the same frames; constants are those of the whole data set."""
    comparison: BaselineComparison | None = field(metadata={KEY: "versus"})
    """The policy's MAE compared with that of the baselines; None where ``errors`` has no interval."""

    @property
    def mae(self) -> float | None:
        """The policy's mean absolute error; None if it failed."""
        return None if self.errors is None else self.errors.mae


@dataclass(frozen=True)
class ErrorShare:
    """The share of the sum of all errors that some frames hold."""

    share: float
    """0 to 1."""
    low: float | None
    """Lower end of its interval; None with fewer than 10 episodes."""
    high: float | None
    """Upper end of its interval; None where ``low`` is."""


@dataclass(frozen=True)
class Finding:
    """One property of a data set that makes an offline error look better than it is."""

    name: str
    """Name of the check, one of ``sim.offline.dataset_checks.CHECKS``, or of a note on how the set was read."""
    level: Literal["alarm", "note"]
    """"alarm": the error is misleading; "note": a fact that helps to interpret it."""
    figure: float
    """Its extent, a share (0 to 1) or a count; ``sentence`` says of what."""
    sentence: str
    """The finding and why it matters."""


@dataclass(frozen=True)
class OfflineScore:
    """Offline score of one policy on one data set.

    Errors are in actions over all frames and axes, unless a convention says otherwise. A policy that failed has an
    ``error`` and no errors of its own; one that hung has nothing else.
    """

    policy: str
    """Its name, as it was requested."""
    scenario: str | None
    """The scenario whose held-out demonstrations were scored; None for a data set given by its folder."""
    dataset: str
    """The data set's folder, or "held-out"."""
    frames: int = 0
    """Number of frames that were scored."""
    episodes: int = 0
    """Number of episodes that they belong to."""
    frame_s: float | None = None
    """Duration of a frame of the data set, in s."""
    period_s: float | None = None
    """Duration of an action of the policy, in s."""
    errors: PolicyErrors | None = field(default=None, metadata={FLAT: True})
    """The policy's, in actions; None if it failed."""
    episode_mae: tuple[float, ...] | None = field(default=None, metadata={OMIT: True})
    """The MAE of each episode, in actions; None if the policy failed, or in results of an early version."""
    episode_frames: tuple[int, ...] = ()
    """Number of frames of each episode."""
    axes: tuple[str, ...] = field(default=AXIS_NAMES, metadata={OMIT: True})
    """The axes that the data set has, of vx, vy and wz; errors are over these alone."""
    baselines: Mapping[str, float] = field(default_factory=dict, metadata={KEY: "floors"})
    """Name of a baseline, see ``sim.offline.baselines`` -> its MAE on the same frames, in actions."""
    conventions: tuple[ConventionScore, ...] = ()
    """The score in each convention that the data set has a frame of."""
    frame_kinds: tuple[FrameKindScore, ...] = field(default=(), metadata={OMIT: True})
    """The errors by kind of frame, of the kinds that the data set tells and has frames of."""
    worst_tenth: ErrorShare | None = field(default=None, metadata={OMIT: True})
    """The share of the errors that the tenth of the frames with the largest ones holds; None if the policy failed."""
    findings: tuple[Finding, ...] = field(default=(), metadata={KEY: "alarms"})
    """Findings of the data set checks, alarms first."""
    skipped_checks: tuple[str, ...] = field(default=(), metadata={KEY: "unchecked"})
    """Checks that were skipped, as the training data was not given."""
    error: str | None = None
    """Error of the policy; None if it didn't fail."""

    @property
    def source(self) -> str:
        """The scenario that was scored, or the data set if it belongs to none."""
        return self.scenario or self.dataset

    @property
    def mae(self) -> float | None:
        """The mean absolute error, in actions; None if the policy failed."""
        return None if self.errors is None else self.errors.mae

    def require_errors(self) -> PolicyErrors:
        """Return the policy's errors.

        Raises:
            ValueError: It has none, as it failed.
        """
        if self.errors is None:
            raise ValueError(f"policy '{self.policy}' has no offline errors on '{self.dataset}': {self.error}")
        return self.errors

    def by_convention(self) -> dict[Convention, ConventionScore]:
        """Return the score of each convention."""
        return {score.convention: score for score in self.conventions}
