"""The needs that the published comparison gives advice for, each with the limits under which a policy is chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from policies.systems.table import SYSTEMS
from sim.report.advice.candidates import Candidate
from sim.results.plan import UNPERTURBED

TIGHT = ("doorway", "clutter")
EDGE_MB = 50.0
LONG_EPOCHS = 10


def _any(_: Candidate) -> bool:
    return True


def _is_real_time(candidate: Candidate) -> bool:
    return candidate.latency_s is not None and candidate.latency_s <= candidate.facts.period_s


def _fits_edge(candidate: Candidate) -> bool:
    return not candidate.needs_pytorch and candidate.size_mb is not None and candidate.size_mb <= EDGE_MB


def _is_trained_long(candidate: Candidate) -> bool:
    return candidate.name in SYSTEMS and SYSTEMS[candidate.name].epochs >= LONG_EPOCHS


@dataclass(frozen=True)
class Need:
    """A need that a policy is chosen for.

    Attributes:
        name: In a few words.
        limits: What a policy must keep besides success in ``scenarios``, in a few words; "" for nothing.
        keeps: Whether a policy does.
        scenarios: Scenarios that count; empty for all.
        perturbed: True if the episodes under perturbations count, False if those without.
        smallest: True to choose the smallest of the policies that can't be told from the best.
    """

    name: str
    limits: str = ""
    keeps: Callable[[Candidate], bool] = _any
    scenarios: Sequence[str] = ()
    perturbed: bool = False
    smallest: bool = False

    def counts(self, scenario: str, perturbation: str) -> bool:
        """Whether episodes of a cell count."""
        return (perturbation != UNPERTURBED) == self.perturbed and (not self.scenarios or scenario in self.scenarios)


NEEDS = (
    Need("best accuracy"),
    Need("mobile or edge device", f"no PyTorch, up to {EDGE_MB:g} MB", _fits_edge),
    Need("precise control in tight places", scenarios=TIGHT),
    Need("real-time control", "answers within its own period", _is_real_time),
    Need("balanced", "answers within its own period; the smallest that isn't worse", _is_real_time, smallest=True),
    Need("extended training", f"trained for {LONG_EPOCHS} epochs or more", _is_trained_long),
    Need("robustness in varied places", "under perturbations", perturbed=True),
)
