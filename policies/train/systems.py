"""Training of one published system; resumable, and equal for equal seeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from policies.backbones.backbones import Backbones
from policies.systems.backbone_sources import BACKBONES
from policies.systems.network import System, build_system, compute_backbones_digest
from policies.systems.table import SYSTEMS, SystemConfig, find_trained_rows
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

# Frames per batch.
WINDOWED_FRAMES, SINGLE_FRAMES, PIXEL_FRAMES = 160, 128, 128
TELEOP_FRAMES = {"teleop-first": 4, "teleop-rest": 32}

# By ``SystemConfig.data``. In the published kind of data set, the first record of each episode has labels of zero.
DATA_SETS: dict[str, Callable[[Recipe, RecipeRun], TrainValidationData]] = {
    "common": load_common_demonstrations,
    "teleop-first": lambda _, run: load_teleop(slice(0, 1), run),
    "teleop-rest": lambda _, run: load_teleop(slice(1, None), run),
}


@dataclass(frozen=True)
class _SystemPlan:
    """Configuration of a system's training, as written to its plan file."""

    epochs: int


def find_trainable_rows() -> dict[str, str]:
    """Find the name of the row to train for each checkpoint folder."""
    return {checkpoint: row.name for checkpoint, row in find_trained_rows().items()}


def resolve_checkpoint(name: str) -> str:
    """Return the name of the checkpoint folder that training a row, or a folder's name, produces.

    Raises:
        InputError: There is no such row, or it isn't trained itself.
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
    """Return the row to train for a checkpoint folder of ``find_trainable_rows``."""
    return SYSTEMS[find_trainable_rows()[checkpoint]]


def train_named(checkpoint: str, recipe: Recipe, out: Path, epochs: int | None, run: RecipeRun) -> System:
    """Train the row of a checkpoint folder from scratch, or resume the run in ``run.work``.

    Args:
        checkpoint: One of ``find_trainable_rows``.
        out: Folder of the final checkpoint.
        epochs: Number of epochs; the row's default if None.

    Raises:
        InputError: ``run.work`` contains a run of the row with another number of epochs, or the folder of ``out``
            contains other backbones.
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
    run.console.print(f"saved {checkpoint} to {out}")
    return System.from_pretrained(folder)


def order_longest_first() -> list[str]:
    """Return the checkpoints of ``find_trainable_rows``, those that presumably take longest to train first."""
    rows = {checkpoint: SYSTEMS[name] for checkpoint, name in find_trainable_rows().items()}
    return sorted(rows, key=lambda checkpoint: (not rows[checkpoint].own_clip, -rows[checkpoint].epochs))


def prepare_systems(recipe: Recipe, run: RecipeRun) -> None:
    """Record the data of all systems and compute the features that they learn from, in one pass over the frames."""
    backbones = train_backbones(recipe, load_demonstrations(recipe, run), run)
    rows = [SYSTEMS[name] for name in find_trainable_rows().values()]
    for data_set in dict.fromkeys(row.data for row in rows):
        data = DATA_SETS[data_set](recipe, run)
        names = {name for row in rows if row.data == data_set and not row.own_clip for name in row.features}
        for store in data.train + data.validation:
            load_feature_set(backbones, store, sorted(names), run)


def share_backbones(checkpoint: str, work: Path, out: Path) -> None:
    """Copy the backbones that the systems beside ``out`` share, if there are any, to ``work``.

    Raises:
        InputError: ``work`` already contains different backbones.
    """
    beside = out.parent / BACKBONES
    if beside.is_dir() and not get_trained_row(checkpoint).own_clip:
        publish_backbones(beside, work / BACKBONES)


def publish_backbones(folder: Path, out: Path) -> None:
    """Copy backbones to the folder where systems share them, unless it already contains the same.

    Raises:
        InputError: ``out`` contains different backbones.
    """
    if not out.is_dir():
        publish_checkpoint(folder, out)
    elif compute_backbones_digest(Backbones.from_pretrained(out)) != compute_backbones_digest(
        Backbones.from_pretrained(folder)
    ):
        raise InputError(
            f"{out} contains other backbones than {folder}, but systems share theirs: choose another --out or --work"
        )


def train_system(
    task: SystemTask, course: OptimizerConfig, out: Path, run: TrainingRun, kept: Mapping[int, Path] | None = None
) -> System:
    """Train the system of a task; resume from ``out`` if it contains an unfinished run.

    Args:
        out: Folder for the checkpoint, ``training.csv`` and ``state.pt``.
        kept: Folders for copies of the checkpoint along the training, by the number of completed epochs.
    """
    train_epochs(task.system, task, course, out, run.console, kept)
    return task.system.cpu()


def build_system_task(
    system: System, backbones: Backbones, data: TrainValidationData, run: TrainingRun, seed: int
) -> SystemTask:
    """Build the task of a system on the run's device: on pixels if it fine-tunes its own CLIP, else on cached features.

    Args:
        backbones: Compute the features, which are cached in ``run.cache``.
        seed: Seed of the augmented episodes.
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
