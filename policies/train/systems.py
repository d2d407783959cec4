"""Trains one published system on what it is to learn from; resumable, and equal for equal seeds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from policies.backbones.backbones import Backbones
from policies.systems.backbone_sources import BACKBONES
from policies.systems.network import System, build_system, compute_backbones_digest
from policies.systems.table import SYSTEMS, SystemConfig
from policies.train.backbones import train_backbones
from policies.train.collection import RecipeRun
from policies.train.data.feature_cache import load_feature_set, subsample_features
from policies.train.data.splits import TrainValidationData, check_splits
from policies.train.demonstrations import load_demonstrations, load_teleop
from policies.train.hybrid import load_common_demonstrations
from policies.train.loop.log import log_stage
from policies.train.loop.run_config import save_or_verify_config
from policies.train.loop.stages import publish_checkpoint, train_once
from policies.train.loop.trainer import OptimizerConfig, train_epochs
from policies.train.loop.training_run import TrainingRun
from policies.train.recipe import Recipe
from policies.train.tasks.clip_finetuning import PixelTask
from policies.train.tasks.system_cloning import FeatureTask, SystemTask
from scenarios.common.errors import InputError, unknown_name

# Frames in a batch.
WINDOWED_FRAMES, SINGLE_FRAMES, PIXEL_FRAMES = 160, 128, 128
TELEOP_FRAMES = {"teleop-first": 4, "teleop-rest": 32}

# By ``SystemConfig.data``. The published kind of set begins each episode with a record whose labels are all zero.
DATA_SETS: dict[str, Callable[[Recipe, RecipeRun], TrainValidationData]] = {
    "common": load_common_demonstrations,
    "teleop-first": lambda _, run: load_teleop(slice(0, 1), run),
    "teleop-rest": lambda _, run: load_teleop(slice(1, None), run),
}


@dataclass(frozen=True)
class _SystemPlan:
    """What a system's stage is begun with, as its plan file has it."""

    epochs: int


def find_trainable_rows() -> dict[str, str]:
    """Find the row that is trained for each checkpoint folder: those with a network of their own, each once."""
    found: dict[str, str] = {}
    for name, row in SYSTEMS.items():
        if row.head is not None and name != "hybrid":  # the hybrid has a recipe of its own
            found.setdefault(row.checkpoint or name, name)
    return found


def resolve_checkpoint(name: str) -> str:
    """Find the checkpoint folder that training a row, or a folder's name, makes.

    Raises:
        InputError: No such row, or nothing of it is to be trained.
    """
    if name in find_trainable_rows():
        return name
    if name not in SYSTEMS:
        raise unknown_name("policy to train", name, (*SYSTEMS, *find_trainable_rows()))
    row = SYSTEMS[name]
    if row.members:
        raise InputError(f"'{name}' needs no training: train {' and '.join(f'{m!r}' for m, _ in row.members)}")
    if row.export_of:
        raise InputError(f"'{name}' needs no training: export '{row.export_of}' with 'python -m policies.export'")
    return row.checkpoint or name


def get_trained_row(checkpoint: str) -> SystemConfig:
    """Return the row that is trained for a checkpoint folder of ``find_trainable_rows``."""
    return SYSTEMS[find_trainable_rows()[checkpoint]]


def train_named(checkpoint: str, recipe: Recipe, out: Path, epochs: int | None, run: RecipeRun) -> System:
    """Train the row of a checkpoint folder from nothing, or go on with what ``run.work`` contains.

    Args:
        checkpoint: One of ``find_trainable_rows``.
        out: The final checkpoint's folder.
        epochs: Instead of the row's own.

    Raises:
        InputError: ``run.work`` contains the row's run with other epochs, or other backbones are beside ``out``.
    """
    row = get_trained_row(checkpoint)
    backbones = train_backbones(recipe, load_demonstrations(recipe, run), run)
    if not row.own_clip:
        publish_backbones(run.work / BACKBONES, out.parent / BACKBONES)
    folder, course = run.work / "systems" / checkpoint, OptimizerConfig(epochs or row.epochs)
    save_or_verify_config(folder, asdict(_SystemPlan(course.epochs)))

    def train() -> None:
        data = DATA_SETS[row.data](recipe, run)
        check_splits(data)
        with log_stage(checkpoint, run):
            system = build_system(row, backbones, seed=course.seed).to(run.device)
            train_system(build_system_task(system, backbones, data, run, course.seed), course, folder, run)

    train_once(folder, train)
    publish_checkpoint(folder, out)
    run.console.print(f"{checkpoint} is in {out}")
    return System.from_pretrained(folder)


def share_backbones(checkpoint: str, work: Path, out: Path) -> None:
    """Have a system learn on the backbones beside its ``out``, where its neighbours share them.

    Raises:
        InputError: ``work`` contains others already.
    """
    beside = out.parent / BACKBONES
    if beside.is_dir() and not get_trained_row(checkpoint).own_clip:
        publish_backbones(beside, work / BACKBONES)


def publish_backbones(folder: Path, out: Path) -> None:
    """Put backbones where systems share them, unless they are there already.

    Raises:
        InputError: Others are there.
    """
    if not out.is_dir():
        publish_checkpoint(folder, out)
    elif compute_backbones_digest(Backbones.from_pretrained(out)) != compute_backbones_digest(
        Backbones.from_pretrained(folder)
    ):
        raise InputError(
            f"{out} contains other backbones than {folder}, and systems share them: name another --out or --work"
        )


def train_system(task: SystemTask, course: OptimizerConfig, out: Path, run: TrainingRun) -> System:
    """Train a system on what its task says; it goes on from ``out`` if that contains an unfinished run.

    Args:
        out: Gets the checkpoint, ``training.csv`` and ``state.pt``.
    """
    train_epochs(task.system, task, course, out, run.console)
    return task.system.cpu()


def build_system_task(
    system: System, backbones: Backbones, data: TrainValidationData, run: TrainingRun, seed: int
) -> SystemTask:
    """Build what a system, on the run's device, learns: from pixels if it has a CLIP of its own, else from features.

    Args:
        backbones: Compute the features, which are kept in ``run.cache``.
        seed: Draws the augmented episodes.
    """
    row = system.row
    if row.own_clip:
        return PixelTask(system, data, PIXEL_FRAMES, run.device, seed)
    train, validation = (
        [load_feature_set(backbones, store, row.features, run) for store in stores]
        for stores in (data.train, data.validation)
    )
    system.standardize_by(subsample_features(train, row.features))
    size = TELEOP_FRAMES.get(row.data, SINGLE_FRAMES if row.window == 1 else WINDOWED_FRAMES)
    return FeatureTask(system, train, validation, size, run.device)
