"""The plan of the population: every unit, in an order in which parents come before what is made from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from policies.systems.table import SYSTEMS, SystemConfig, find_trained_rows, name_family
from policies.train.population.units.claims import (
    BASE,
    DEMONSTRATIONS,
    ENSEMBLES,
    OPTIMISATION,
    SERVED,
    SIZES,
    SLIM,
    SLIM_MLP,
    SLIM_ROW,
    VARIANTS,
)
from policies.train.population.units.unit import (
    BLIND,
    HYBRID,
    REFERENCE,
    PopulationUnit,
    UnitKind,
    add_parents,
    select_units,
)

SEEDS = (1000, 1001, 1002)  # the first is that of 'python -m policies.train all', whose results are taken over
HYBRID_STAGES = ("cloned", "round-1", "round-2", "finished")
BLIND_EPOCHS, REFERENCE_EPOCHS = 20, 5
LONG = "simple-lstm"  # the row that trains for the most epochs
FIRST = SEEDS[0]
ALONG: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        BASE: (1, 2, 3, 4),
        SLIM_MLP: (1, 3),
        f"{SLIM}-200-demonstrations": (1, 3),
        LONG: (1, 3, 6, 10),
        "mobile-vla": (1, 2, 5),
        "robovlms": (1, 2, 3),
        "wordless": (1, 3),
        REFERENCE: (1, 2),
    }
)
"""Epochs after which a copy of a recipe's weights is kept, from the training with the second seed."""
ALONG_SEED = SEEDS[1]
DEGRADED = (HYBRID, BASE, LONG, REFERENCE)
NOISE = (0.02, 0.05, 0.1, 0.2)  # standard deviation, as a share of that of each matrix of weights
HALF_RESOLUTION, NO_INSTRUCTION = "half-resolution", "no-instruction"
PAIRED = ("ensemble-best", "ensemble-lstm", "ensemble-mlp")


def plan_units() -> tuple[PopulationUnit, ...]:
    """Return every unit of the population; the same ones at every call."""
    units = [*_own_networks(REFERENCE, REFERENCE_EPOCHS)]
    for seed in SEEDS:
        units += _staged_hybrid(seed)
    units += [*_systems(), *_own_networks(BLIND, BLIND_EPOCHS), *_variants(), *_sizes()]
    units += [*_along(units), *_degraded(units), *_ensembles()]
    units += [*_runtimes(HYBRID, len(HYBRID_STAGES)), *_runtimes(LONG, SYSTEMS[LONG].epochs)]
    return tuple(units)


def choose_units(patterns: str) -> list[PopulationUnit]:
    """Choose the units that one of some patterns, separated by commas, matches, with all that they are made from.

    Raises:
        InputError: A pattern matches none.
    """
    units = plan_units()
    return add_parents(select_units(units, patterns.split(",")), units)


def _staged_hybrid(seed: int) -> Iterator[PopulationUnit]:
    """Yield what the hybrid's last stage trains and, for the first seed, what each earlier stage left."""
    unit = PopulationUnit(
        name=f"{HYBRID}-{seed}",
        kind="trained",
        family=HYBRID,
        recipe=HYBRID,
        training_seed=seed,
        training_step=len(HYBRID_STAGES),
        claims=SERVED[HYBRID],
    )
    yield unit
    if seed == FIRST:
        for step, stage in enumerate(HYBRID_STAGES[:-1], start=1):
            parts = {"name": f"{unit.name}-{stage}", "parents": (unit.name,), "claims": ()}
            yield replace(unit, kind="checkpoint", training_step=step, **parts)  # type: ignore[arg-type]


def _trained(name: str, row: SystemConfig, seed: int, claims: tuple[str, ...]) -> PopulationUnit:
    """Return the unit of a row that is trained with a seed; ``name`` tells its recipe."""
    return PopulationUnit(
        name=f"{name}-{seed}",
        kind="trained",
        family=name_family(row),
        recipe=name,
        row=row,
        training_seed=seed,
        training_step=row.epochs,
        claims=claims,
        is_ours=row.ours,
    )


def _systems() -> Iterator[PopulationUnit]:
    for name, row in find_trained_rows().items():
        for seed in SEEDS:
            yield _trained(name, row, seed, SERVED.get(name, ()))


def _own_networks(name: str, epochs: int) -> Iterator[PopulationUnit]:
    """Yield the trainings of a network of ours that isn't a published system."""
    for seed in SEEDS:
        yield PopulationUnit(
            name=f"{name}-{seed}",
            kind="trained",
            family=name,
            recipe=name,
            training_seed=seed,
            training_step=epochs,
            is_ours=True,
        )


def _variants() -> Iterator[PopulationUnit]:
    for variant in VARIANTS:
        for seed in SEEDS:
            yield _trained(variant.name, variant.row, seed, variant.claims)


def _sizes() -> Iterator[PopulationUnit]:
    """Yield units of one system that learn from demonstrations alone, and from ever more of them."""
    for count in (*SIZES, 0):
        for seed in SEEDS:
            unit = _trained(f"{SLIM}-{count or 'all'}-demonstrations", SLIM_ROW, seed, (DEMONSTRATIONS,))
            yield replace(unit, demonstrations=count, with_recoveries=False)


def _along(units: list[PopulationUnit]) -> Iterator[PopulationUnit]:
    by_name = {one.name: one for one in units}
    for recipe, epochs in ALONG.items():
        parent = by_name[f"{recipe}-{ALONG_SEED}"]
        for epoch in epochs:
            yield replace(
                parent,
                name=f"{parent.name}-epoch-{epoch}",
                kind="checkpoint",
                parents=(parent.name,),
                row=None,
                training_step=epoch,
                claims=(),
            )


def _degraded(units: list[PopulationUnit]) -> Iterator[PopulationUnit]:
    steps = {one.name: one.training_step for one in units}
    for system in DEGRADED:
        parent = f"{system}-{FIRST}"
        for change in (*(f"noise={level:g}" for level in NOISE), HALF_RESOLUTION, NO_INSTRUCTION):
            yield PopulationUnit(
                name=f"{parent}-{change.replace('=', '-')}",
                kind="noise" if change.startswith("noise") else "degraded",
                family=system,
                recipe=f"{system} {change}",
                parents=(parent,),
                training_seed=FIRST,
                training_step=steps[parent],
                degradation=change,
                is_ours=True,
            )


def _ensembles() -> Iterator[PopulationUnit]:
    for name in PAIRED:
        members, weights = zip(*SYSTEMS[name].members, strict=True)
        for seed in SEEDS:
            parents = tuple(f"{member}-{seed}" for member in members)
            yield _ensemble(f"{name}-{seed}", name_family(SYSTEMS[members[0]]), name, parents, weights, seed)
    parents = tuple(f"{BASE}-{seed}" for seed in SEEDS)
    yield _ensemble(f"{BASE}-of-{len(SEEDS)}-seeds", BASE, f"{BASE} of {len(SEEDS)} seeds", parents, (), FIRST)


def _ensemble(
    name: str, family: str, recipe: str, parents: tuple[str, ...], weights: tuple[float, ...], seed: int
) -> PopulationUnit:
    """Return an ensemble; its family is that of its first member, and all weigh alike if no weights are given."""
    return PopulationUnit(
        name=name,
        kind="ensemble",
        family=family,
        recipe=recipe,
        parents=parents,
        weights=weights or tuple(1.0 / len(parents) for _ in parents),
        training_seed=seed,
        training_step=1,
        claims=(ENSEMBLES,),
    )


def _runtimes(name: str, step: int) -> Iterator[PopulationUnit]:
    """Yield the trained units of a system, compiled and as an ONNX file."""
    kinds: tuple[UnitKind, ...] = ("compiled", "onnx")
    for seed in SEEDS:
        for kind in kinds:
            yield PopulationUnit(
                name=f"{name}-{seed}-{kind}",
                kind=kind,
                family=name,
                recipe=f"{name} {kind}",
                parents=(f"{name}-{seed}",),
                training_seed=seed,
                training_step=step,
                claims=(OPTIMISATION,),
            )
