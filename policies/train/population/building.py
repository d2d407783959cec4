"""Building of the population, unit by unit: trained ones side by side, then what is made from them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from policies.systems.backbone_sources import BACKBONES
from policies.train.collection import RecipeRun
from policies.train.hybrid import train_cloned_hybrid
from policies.train.loop.log import log_stage
from policies.train.loop.parallel import run_side_by_side
from policies.train.population.copies import make_copy
from policies.train.population.manifest import is_made, write_manifest
from policies.train.population.training import make_training_job
from policies.train.population.units.costs import estimate_cpu_minutes
from policies.train.population.units.plan import plan_units
from policies.train.population.units.unit import HYBRID, REFERENCE, PopulationUnit
from policies.train.recipe import Recipe
from policies.train.reference.recipe import ReferenceRecipe
from policies.train.reference.training import collect_views
from policies.train.systems import prepare_systems, publish_backbones


def build_population(chosen: Sequence[PopulationUnit], recipe: Recipe, out: Path, run: RecipeRun) -> None:
    """Make units that aren't in ``out`` yet, and list all units of the plan in ``out/units.json``.

    Recordings, backbones and the features that all heads learn from are made once, or taken from the work folder.

    Args:
        chosen: In the plan's order, with all that they are made from.
    """
    if any(unit.family != REFERENCE for unit in chosen):
        publish_backbones(run.work / BACKBONES, out / BACKBONES)
    missing = [unit for unit in chosen if not is_made(unit, out)]
    trained = [unit for unit in missing if unit.kind == "trained"]
    trained.sort(key=estimate_cpu_minutes, reverse=True)
    if any(unit.recipe != REFERENCE for unit in trained):
        with log_stage("cloning", run):
            train_cloned_hybrid(recipe, run)
    if any(unit.recipe not in (HYBRID, REFERENCE) for unit in trained):
        with log_stage("features", run):
            prepare_systems(recipe, run)
    if any(unit.recipe == REFERENCE for unit in trained):
        collect_views(ReferenceRecipe(), recipe.families, run)
    with log_stage("trained units", run):
        run_side_by_side([make_training_job(unit, recipe, out / unit.name, run) for unit in trained], run.device)
    with log_stage("copies", run):
        for unit in missing:
            if unit.kind != "trained":
                make_copy(unit, out, run)
    write_manifest(plan_units(), out)
    run.console.print(f"{len(missing)} units were made, {len(chosen) - len(missing)} were in '{out}' before")
