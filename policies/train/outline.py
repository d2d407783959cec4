"""Short description of a training run, printed before it starts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from policies.train.collection import RecipeRun
from policies.train.recipe import Recipe
from policies.train.reference.recipe import ReferenceRecipe
from policies.train.systems import find_trainable_rows, get_trained_row

# Extrapolated, not measured whole: the pace of every stage over some dozens of steps or episodes, on two CPU cores that
# other work shared, times the amounts of the default recipe. A system takes longer than its recordings and backbones.
EXPECTED = {"all": "about 2.5 hours", "hybrid": "about 95 minutes", "backbones": "about 45 minutes"}
EXPECTED_SYSTEM = "more than 45 minutes"
EXPECTED_REFERENCE = "about an hour"


def describe_recipe(name: str, recipe: Recipe, run: RecipeRun, out: Path) -> str:
    """Describe a training run that follows the recipe.

    Args:
        name: 'all', 'backbones', 'blind-network', 'hybrid', or a checkpoint of ``find_trainable_rows``.
        run: Its folders and workers.
        out: Folder of the result.
    """
    return (
        f"Training '{name}' records {_describe_recordings(name, recipe)} into '{run.work / 'data'}' with {run.workers} "
        f"worker processes, pretrains the backbones, {_describe_training(name)}and writes to '{out}'. On two CPU cores "
        f"this is expected to take {EXPECTED.get(name, EXPECTED_SYSTEM)}, less the time for what '{run.work}' already "
        "contains."
    )


def describe_reference(reference: ReferenceRecipe, families: int, run: RecipeRun, out: Path) -> str:
    """Describe a training run of the reference, which needs neither demonstrations nor backbones."""
    views = families * sum(each.worlds * each.poses for each in (reference.plain, reference.varied))
    return (
        f"Training 'reference' records {views} labelled views of {families} families into '{run.work / 'data'}' with "
        f"{run.workers} worker processes, trains the network that sees, and writes to '{out}'. On two CPU cores this "
        f"is expected to take {EXPECTED_REFERENCE}, less the time for what '{run.work}' already contains."
    )


def describe_custom(roots: Sequence[Path], out: Path) -> str:
    """Describe a training run on custom data sets; its duration depends on them."""
    sets = ", ".join(f"'{root}'" for root in roots)
    return (
        f"Training decodes the frames of {sets}, pretrains the backbones if there are captions and no --init, "
        f"clones the recorded actions into a hybrid, and writes to '{out}'. It records nothing."
    )


def _describe_recordings(name: str, recipe: Recipe) -> str:
    """Return the number of episodes to record for each purpose, in words."""
    parts = {"expert": recipe.demonstrations.episodes}
    if _needs_hybrid(name):
        rounds = recipe.rounds if name in ("all", "hybrid") else recipe.rounds[:1]
        parts |= {"validation": recipe.validation.episodes, "DAgger": sum(each.episodes for each in rounds)}
    families = len(recipe.families)
    episodes = ", ".join(f"{count * families} {what}" for what, count in parts.items())
    teleop = name == "all" or _data_of(name).startswith("teleop")
    return f"{episodes} episodes of {families} families{' and two sets of 72 teleoperated drives' if teleop else ''}"


def _describe_training(name: str) -> str:
    """Return the training steps on top of the backbones, each followed by a comma."""
    if name == "all":
        return f"trains the hybrid, {len(find_trainable_rows())} systems and the references without images, exports, "
    if name == "hybrid":
        return "trains the hybrid, "
    if name == "backbones":
        return ""
    if name == "blind-network":
        return "clones a hybrid, trains the network without images, "
    return f"{'clones a hybrid, ' if _needs_hybrid(name) else ''}trains the system, "


def _needs_hybrid(name: str) -> bool:
    """Return whether a hybrid is trained, be it only to drive a DAgger round."""
    return name in ("all", "blind-network", "hybrid") or _data_of(name) == "common"


def _data_of(name: str) -> str:
    """Return the kind of data that the system of a checkpoint folder learns from; '' if the name isn't one system."""
    return get_trained_row(name).data if name in find_trainable_rows() else ""
