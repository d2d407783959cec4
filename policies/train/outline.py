"""What a run will do, in a short paragraph that is printed before it begins."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from policies.train.collection import RecipeRun
from policies.train.recipe import Recipe
from policies.train.systems import find_trainable_rows, get_trained_row

# Measured on two CPU cores, with the recipe's own numbers.
MEASURED = {"all": "between 3.5 and 5 hours", "hybrid": "96 minutes", "backbones": "45 minutes"}


def describe_recipe(name: str, recipe: Recipe, run: RecipeRun, out: Path) -> str:
    """Describe what training by the recipe will do.

    Args:
        name: 'all', 'backbones', 'hybrid', or a checkpoint of ``find_trainable_rows``.
        out: Where the result goes.
    """
    makes = {
        "all": f"the backbones, the hybrid, {len(find_trainable_rows())} systems and the exported files",
        "backbones": "the backbones",
    }.get(name, f"'{name}'")
    return (
        f"Training makes {makes}. It records {_describe_recordings(name, recipe)} of {len(recipe.families)} scenario "
        f"families{_describe_teleop(name)} into '{run.work / 'data'}', with {run.workers} worker processes, pretrains "
        f"CLIP and Kosmos-2, {_describe_training(name, recipe)}writes to '{out}'. What '{run.work}' already contains "
        f"isn't made again. On two CPU cores the whole takes {_describe_time(name)}."
    )


def describe_custom(roots: Sequence[Path], out: Path) -> str:
    """Describe what training on someone's own data sets will do; how long that takes depends on them."""
    sets = ", ".join(f"'{root}'" for root in roots)
    return (
        f"Training makes a hybrid from {sets}: it decodes the frames, pretrains the backbones if frames are captioned "
        f"and there is no --init, clones the recorded actions, and writes to '{out}'. It records nothing."
    )


def _describe_recordings(name: str, recipe: Recipe) -> str:
    """How many episodes are driven, for what."""
    parts = {"demonstrations": recipe.demonstrations.episodes}
    if name in ("all", "hybrid"):
        parts["to validate"] = recipe.validation.episodes
        parts[f"in {len(recipe.rounds)} DAgger rounds"] = sum(entry.episodes for entry in recipe.rounds)
    elif _data_of(name) == "common":
        parts["to validate"] = recipe.validation.episodes
        parts["in a DAgger round"] = recipe.rounds[0].episodes
    families = len(recipe.families)
    listed = ", ".join(f"{count * families} {what}" for what, count in parts.items())
    return f"{sum(parts.values()) * families} episodes ({listed})"


def _describe_teleop(name: str) -> str:
    teleop = name == "all" or _data_of(name).startswith("teleop")
    return ", and two sets of 72 drives by key presses," if teleop else ""


def _describe_training(name: str, recipe: Recipe) -> str:
    """What is trained on the backbones; ends in the word before the next verb."""
    if name == "backbones":
        return "and "
    cloning = f"clones the expert for {recipe.cloning.course.epochs} epochs"
    if name in ("all", "hybrid"):
        rest = ", trains the systems and exports" if name == "all" else ""
        return f"{cloning}, trains on after each round and over everything{rest}, and "
    first = f"{cloning} for the round, " if _data_of(name) == "common" else ""
    return f"{first}trains '{name}', and "


def _describe_time(name: str) -> str:
    return f"about {MEASURED[name]}" if name in MEASURED else f"about {MEASURED['backbones']} and its own training"


def _data_of(name: str) -> str:
    """What data the system of a checkpoint folder learns from; empty for what isn't one system."""
    return get_trained_row(name).data if name in find_trainable_rows() else ""
