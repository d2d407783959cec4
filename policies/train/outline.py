"""What a run will do, in a short paragraph that is printed before it begins."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from policies.train.collection import RecipeRun
from policies.train.recipe import Recipe
from policies.train.systems import find_trainable_rows, get_trained_row

# Measured on two CPU cores, with the recipe's own numbers; a system takes longer than its recordings and backbones.
MEASURED = {"all": "3.5 to 5 hours", "hybrid": "about 96 minutes", "backbones": "about 45 minutes"}
MEASURED_SYSTEM = "more than 45 minutes"


def describe_recipe(name: str, recipe: Recipe, run: RecipeRun, out: Path) -> str:
    """Describe what training by the recipe will do.

    Args:
        name: 'all', 'backbones', 'hybrid', or a checkpoint of ``find_trainable_rows``.
        out: Where the result goes.
    """
    return (
        f"Training '{name}' records {_describe_recordings(name, recipe)} into '{run.work / 'data'}' with {run.workers} "
        f"worker processes, pretrains the backbones, {_describe_training(name)}and writes to '{out}'. On two CPU cores "
        f"this takes {MEASURED.get(name, MEASURED_SYSTEM)}, less what '{run.work}' already contains."
    )


def describe_custom(roots: Sequence[Path], out: Path) -> str:
    """Describe what training on someone's own data sets will do; how long that takes depends on them."""
    sets = ", ".join(f"'{root}'" for root in roots)
    return (
        f"Training decodes the frames of {sets}, pretrains the backbones if frames are captioned and there is no "
        f"--init, clones the recorded actions into a hybrid, and writes to '{out}'. It records nothing."
    )


def _describe_recordings(name: str, recipe: Recipe) -> str:
    """How many episodes are driven, for what."""
    parts = {"expert": recipe.demonstrations.episodes}
    if _needs_hybrid(name):
        rounds = recipe.rounds if name in ("all", "hybrid") else recipe.rounds[:1]
        parts |= {"validation": recipe.validation.episodes, "DAgger": sum(each.episodes for each in rounds)}
    families = len(recipe.families)
    episodes = ", ".join(f"{count * families} {what}" for what, count in parts.items())
    teleop = name == "all" or _data_of(name).startswith("teleop")
    return f"{episodes} episodes of {families} families{' and two sets of 72 teleoperated drives' if teleop else ''}"


def _describe_training(name: str) -> str:
    """What is trained on the backbones, with a comma behind it."""
    if name == "all":
        return f"trains the hybrid and {len(find_trainable_rows())} systems, exports, "
    if name == "hybrid":
        return "trains the hybrid, "
    if name == "backbones":
        return ""
    return f"{'clones a hybrid, ' if _needs_hybrid(name) else ''}trains the system, "


def _needs_hybrid(name: str) -> bool:
    """Whether a hybrid is made, perhaps only to drive a DAgger round."""
    return name in ("all", "hybrid") or _data_of(name) == "common"


def _data_of(name: str) -> str:
    """What data the system of a checkpoint folder learns from; empty for what isn't one system."""
    return get_trained_row(name).data if name in find_trainable_rows() else ""
