"""The kinds of jobs of an evaluation, one class each. Imports little, as the parent process imports it."""

from __future__ import annotations

from dataclasses import dataclass

from policies.host.hosting import Hosting
from policies.names.reference import PolicyReference
from policies.policy import DEFAULT_RUNTIME, InferenceRuntime
from sim.results.plan import Block
from sim.results.row import VideoChoice


@dataclass(frozen=True)
class EvaluationSettings:
    """Settings that all jobs of a run share."""

    renderer: str
    """"auto", "gl", "gpu" or "tiny"."""
    video: VideoChoice
    """Which episodes are filmed."""
    runtime: InferenceRuntime = DEFAULT_RUNTIME
    """The inference runtime of the policies."""
    policies: tuple[PolicyReference, ...] = ()
    """What each policy's label stands for; one that isn't here is an object, or its own name."""
    metrics: tuple[str, ...] = ()
    """Metrics of the user's own, as ``file.py:NAME``."""
    mapping: str | None = None
    """Mapping file of the data set of the offline error."""
    trajectories: bool = False
    """True if a block writes its trajectories into the job's folder."""
    check: bool = False
    """True if policies that aren't shipped are checked before they drive."""
    hosting: Hosting | None = None
    """How policies that aren't this package's are run in processes of their own; None: in the worker."""


@dataclass(frozen=True)
class CheckPolicy:
    """Load a policy and the renderer, and report their properties."""

    policy: str
    dataset: str | None
    """Folder of demonstrations that the policy's offline error will be computed on."""


@dataclass(frozen=True)
class TimePolicy:
    """Measure a policy's latency on a robot's first view of a scenario."""

    policy: str
    scenario: str
    suite_seed: int


@dataclass(frozen=True)
class DriveBlock:
    """Drive one block of episodes; films and trajectories go into the job's folder, if it has one."""

    block: Block
    latency_s: float
    """The policy's latency."""


@dataclass(frozen=True)
class RecordHeldOut:
    """Record a scenario's held-out demonstrations unless the cache contains them."""

    scenario: str


@dataclass(frozen=True)
class ScoreOffline:
    """Compute a policy's offline error."""

    policy: str
    scenario: str | None
    """The scenario whose held-out demonstrations are used if no data set is given."""
    dataset: str | None
    """Folder of demonstrations given by the user."""
