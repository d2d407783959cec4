"""The policies of a run that may be recommended, with what they cost and in which episodes they succeeded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from policies.names.shipped import POLICIES
from sim.analysis.agreement import REFERENCE_POLICIES
from sim.results.manifest import Manifest, PolicyFacts
from sim.results.row import EpisodeRow
from sim.rollout.latency import MEASURED

FLOAT_BYTES, MB = 4, 1e6
PYTORCH = "torch"  # in the runtime of a policy that needs it

EpisodeKey = tuple[str, str, int]
"""(scenario, perturbation, episode)."""


@dataclass(frozen=True)
class Candidate:
    """A policy that may be recommended.

    Attributes:
        name: Its name in the run.
        facts: Its properties, from the manifest.
        size_mb: Size of its weights in float32, in MB; None if it isn't known how many there are.
        latency_s: Its inference time, in s; None if no row has one.
        success: Whether it succeeded in each episode.
    """

    name: str
    facts: PolicyFacts
    size_mb: float | None
    latency_s: float | None
    success: Mapping[EpisodeKey, bool]

    @property
    def needs_pytorch(self) -> bool:
        """Whether it runs on PyTorch: a network's runtime says so, and without a network it needs none."""
        return PYTORCH in self.facts.runtime


def list_candidates(manifest: Manifest, rows: Iterable[EpisodeRow]) -> tuple[Candidate, ...]:
    """List the policies of a run that may be recommended: none that is privileged, and no reference.

    Privileged policies see the true world; references lack a sense. Neither can be taken to a robot.
    """
    by_policy: dict[str, list[EpisodeRow]] = {name: [] for name in manifest.plan.policies}
    for row in rows:
        by_policy[row.policy].append(row)
    return tuple(
        Candidate(
            name,
            facts,
            measure_size(name, facts),
            measure_latency(manifest, facts, by_policy[name]),
            {(row.scenario, row.perturbation, row.episode): row.success for row in by_policy[name]},
        )
        for name, facts in manifest.policies.items()
        if not facts.privileged and name not in REFERENCE_POLICIES and by_policy.get(name)
    )


def measure_size(name: str, facts: PolicyFacts) -> float | None:
    """Return the size of a policy's weights in float32, in MB; None if their number isn't known.

    A policy may have weights and not say how many, somebody's code may have some that aren't found, and a server never
    says: only of the shipped ones is it known that they have none.
    """
    if not facts.parameters and (facts.weights is not None or (facts.source or name) not in POLICIES):
        return None
    return FLOAT_BYTES * facts.parameters / MB


def measure_latency(manifest: Manifest, facts: PolicyFacts, rows: Sequence[EpisodeRow]) -> float | None:
    """Return a policy's inference time for one robot in s, if the run measured it; else that of its calls.

    A call has the observations of up to ten robots, so its time is an upper bound.
    """
    if manifest.plan.latency == MEASURED:
        return facts.latency_s
    calls = [row.metrics.get("policy_call_ms") for row in rows]
    known = [each for each in calls if each is not None]
    return median(known) / 1000.0 if known else None


def describe_latency(manifest: Manifest) -> str:
    """Say what the latencies of a run are."""
    if manifest.plan.latency == MEASURED:
        return "latency: of one frame, as measured before the first episode"
    return (
        "latency: the median of calls with up to ten frames each, an upper bound; --latency measured times single ones"
    )
