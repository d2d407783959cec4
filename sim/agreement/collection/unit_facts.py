"""What is known of a unit beside its results: its parentage, how it is typed after ``--policy``, what it has driven."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path

from policies.train.population.units.plan import plan_units
from scenarios.common.errors import InputError
from sim.results.codec import OMIT, from_json, to_json
from sim.results.run_files import read_json, write_json

UNITS = "units.json"


@dataclass(frozen=True, kw_only=True)
class UnitFacts:
    """A unit of a population, as its folder lists it."""

    name: str
    """Its name, which no other unit has."""
    kind: str
    """How it is made: "trained", "checkpoint", "noise" and so on."""
    family: str
    """The system that it descends from."""
    recipe: str
    """What was trained and done to it, apart from seed and step."""
    training_seed: int | None
    """Seed of its training; None if it wasn't trained."""
    training_step: int | None
    """Step of training that its weights come from; None where it has none."""
    parents: tuple[str, ...] = ()
    """The units that it is made from; none if it is trained."""
    policy: str
    """What to type after ``--policy``, relative to the population's folder."""
    flags: tuple[str, ...] = ()
    """Flags of ``sim.evaluate`` that belong to it."""
    weights_sha256: str | None = None
    """Hash of its weights; None where the list doesn't say."""
    suites: Mapping[str, str] = field(default_factory=dict)
    """Name of each suite that it has driven whole with these weights -> hash of the suite's conditions."""
    episodes: Mapping[str, str] = field(default_factory=dict, metadata={OMIT: True})
    """Scenario -> which episodes of it a policy of one's own has driven: hash of the scenario, and suite seed."""

    def has_other_weights(self, other: UnitFacts) -> bool:
        """Return whether both have weights of known hashes that differ."""
        return None not in (self.weights_sha256, other.weights_sha256) and self.weights_sha256 != other.weights_sha256


def list_units(folder: Path) -> tuple[UnitFacts, ...]:
    """List the units of a folder's ``units.json``; without one, those of the plan of ``policies.train population``."""
    file = folder / UNITS
    entries = read_json(file) if file.is_file() else [unit.describe() for unit in plan_units()]
    return from_json(tuple[UnitFacts, ...], entries, f"'{file}'")


def list_finished(population: Path, patterns: tuple[str, ...] = ("*",)) -> tuple[UnitFacts, ...]:
    """List the units that are trained already, of those that one of some patterns matches.

    Raises:
        InputError: There are none.
    """
    if not population.is_dir():
        raise InputError(
            f"--population '{population}': folder not found; 'python -m policies.train population' makes it"
        )
    listed = list_units(population)
    chosen = [unit for unit in listed if any(fnmatchcase(unit.name, pattern) for pattern in patterns)]
    if not chosen:
        raise InputError(
            f"no unit of '{population}' matches {', '.join(map(repr, patterns))}: its {len(listed)} units have names "
            f"such as '{listed[0].name}'; 'python -m policies.train population --list' prints those of the plan"
        )
    finished = tuple(unit for unit in chosen if (population / unit.policy).exists())
    if not finished:
        raise InputError(
            f"--population '{population}' has none of the {len(chosen)} units that are asked for, such as "
            f"'{chosen[0].name}': 'python -m policies.train population --out {population}' makes them"
        )
    return finished


def remember_units(folder: Path, units: tuple[UnitFacts, ...]) -> None:
    """Write units to the list in a folder of results; those that stand there already are replaced.

    What they have driven is kept, unless it was with other weights.
    """
    known = {unit.name: unit for unit in list_units(folder)} if (folder / UNITS).is_file() else {}
    for unit in units:
        before = known.get(unit.name, unit)
        kept = {} if unit.has_other_weights(before) else before.suites
        known[unit.name] = replace(unit, suites={**kept, **unit.suites})
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / UNITS, to_json(list(known.values())))
