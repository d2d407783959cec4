"""The list of a population's units, in its folder: what each is, how it is driven, and the hash of its weights."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from policies.policy import PolicyWithWeights
from policies.registry import make_policy
from policies.train.population.units.unit import PopulationUnit
from scenarios.common.files import write_text

MANIFEST = "units.json"


def is_made(unit: PopulationUnit, population: Path) -> bool:
    """Return whether what drives a unit is in the population's folder; it gets there only when it is complete."""
    return (population / unit.policy).exists()


def hash_unit(unit: PopulationUnit, population: Path) -> PopulationUnit:
    """Return a unit with the hash of the weights that drive it; as it is if it isn't made."""
    if not is_made(unit, population):
        return unit
    policy = make_policy(str((population / unit.policy).resolve()))
    return replace(unit, weights_sha256=policy.weights_sha256 if isinstance(policy, PolicyWithWeights) else None)


def write_manifest(units: Sequence[PopulationUnit], population: Path) -> None:
    """Write every unit of the plan to ``units.json``; those that aren't made yet have no hash."""
    entries = [hash_unit(unit, population).describe() for unit in units]
    write_text(population / MANIFEST, json.dumps(entries, indent=1) + "\n")
