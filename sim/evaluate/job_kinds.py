"""What an evaluation asks of its workers: one class for each kind of job. Light, as the parent process imports it."""

from __future__ import annotations

from dataclasses import dataclass

from policies.policy import DEFAULT_RUNTIME, InferenceRuntime
from sim.results.plan import Block
from sim.results.row import VideoChoice


@dataclass(frozen=True)
class EvaluationSettings:
    """What all jobs of a run have in common."""

    renderer: str
    """"auto", "gl" or "tiny"."""
    video: VideoChoice
    """Which episodes are filmed."""
    runtime: InferenceRuntime = DEFAULT_RUNTIME
    """What computes policies' networks."""
    metrics: tuple[str, ...] = ()
    """Metrics of the user's own, as ``file.py:NAME``."""


@dataclass(frozen=True)
class CheckPolicy:
    """Load a policy and the renderer, and report what they are."""

    policy: str
    dataset: str | None
    """Folder of demonstrations that the policy must be able to be scored on."""


@dataclass(frozen=True)
class TimePolicy:
    """Measure a policy's latency on a robot's first view of a scenario."""

    policy: str
    scenario: str
    suite_seed: int


@dataclass(frozen=True)
class DriveBlock:
    """Drive one block of episodes, and film some of them into the job's folder."""

    block: Block
    latency_s: float
    """How long the policy takes for an action."""


@dataclass(frozen=True)
class RecordHeldOut:
    """Record a scenario's held-out demonstrations unless they are in the cache."""

    scenario: str


@dataclass(frozen=True)
class ScoreOffline:
    """Compute a policy's offline error."""

    policy: str
    scenario: str | None
    """Whose held-out demonstrations, where no data set is given."""
    dataset: str | None
    """Folder of demonstrations that were given."""
