"""A unit of the population: one policy, what it was made from, and what it is needed for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal

from policies.systems.table import SystemConfig, describe_changes
from scenarios.common.errors import InputError
from scenarios.common.splits import check_split

UnitKind = Literal["trained", "checkpoint", "noise", "degraded", "ensemble", "compiled", "onnx"]
HYBRID, BLIND, REFERENCE = "hybrid", "blind-network", "reference"


@dataclass(frozen=True, kw_only=True)
class PopulationUnit:
    """One policy to judge metrics by. ``name`` is its folder's name, too."""

    name: str
    kind: UnitKind
    """How it is made: "trained"; a "checkpoint" along a training; a copy with "noise" on its weights; a copy that is
    "degraded" in what it sees or hears; an "ensemble"; the same weights "compiled" or as an "onnx" file."""
    family: str
    """The system that it descends from: units of one family aren't independent."""
    recipe: str
    """What was trained and done to it, apart from seed and step: units of equal recipe and step are retrains of each
    other, units of equal recipe and seed are checkpoints of one training."""
    parents: tuple[str, ...] = ()
    """The units that it is made from; none if it is trained."""
    weights: tuple[float, ...] = ()
    """The weight of each parent in an ensemble."""
    row: SystemConfig | None = None
    """The row that is trained; None for the hybrid, the blind network, the reference, and what isn't trained."""
    training_seed: int
    """Seed of its fresh weights and of the order of its training data; that of its first parent if it isn't trained."""
    training_step: int
    """Completed epochs; for the hybrid, completed stages."""
    demonstrations: int = 0
    """Number of demonstrations that it learns from; 0: all."""
    with_recoveries: bool = True
    """Whether it also learns from recoveries, where its system does."""
    degradation: str = ""
    """What was done to a copy: "noise=0.1", "half-resolution" or "no-instruction"."""
    claims: tuple[str, ...] = ()
    """The published claims that it serves, of ``policies.train.population.units.claims.SENTENCES``."""
    is_ours: bool = False
    """True if nothing like it was published: it is no candidate of the published comparison."""
    weights_sha256: str | None = None
    """Hash of the weights that drive; None before it is made."""

    def __post_init__(self) -> None:
        check_split("train", self.training_seed)

    @property
    def policy(self) -> str:
        """What to type after ``--policy``, relative to the population's folder."""
        if self.kind == "compiled":
            return self.parents[0]
        return f"{self.name}/policy.onnx" if self.kind == "onnx" else self.name

    @property
    def flags(self) -> tuple[str, ...]:
        """Flags of ``sim.evaluate`` that belong to it."""
        return ("--compile", "export") if self.kind == "compiled" else ()

    def describe(self) -> dict[str, Any]:
        """Return the unit as a JSON file takes it; a row as its name and what differs from the table."""
        facts = {name: value for name, value in asdict(self).items() if name != "row"}
        row = None if self.row is None else {"name": self.row.name, "changes": describe_changes(self.row)}
        return facts | {"row": row, "policy": self.policy, "flags": self.flags}


def select_units(units: Sequence[PopulationUnit], patterns: Sequence[str]) -> list[PopulationUnit]:
    """Select the units whose name, or one of whose claims, matches one of some patterns, as file names are matched.

    Raises:
        InputError: A pattern matches none.
    """
    chosen: set[str] = set()
    for pattern in patterns:
        found = {one.name for one in units if any(fnmatchcase(text, pattern) for text in (one.name, *one.claims))}
        if not found:
            raise InputError(
                f"--units '{pattern}' matches no unit of the population: give a name, a claim, or a pattern such as "
                f"'{units[0].family}-*'; 'python -m policies.train population --list' prints all"
            )
        chosen |= found
    return [one for one in units if one.name in chosen]


def add_parents(chosen: Sequence[PopulationUnit], units: Sequence[PopulationUnit]) -> list[PopulationUnit]:
    """Return some units with all that they are made from, in the order of ``units``, where parents come first."""
    by_name, needed = {one.name: one for one in units}, set[str]()
    waiting = [one.name for one in chosen]
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting += by_name[name].parents
    return [one for one in units if one.name in needed]
