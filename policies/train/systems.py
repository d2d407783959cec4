"""Trains one published system on what it is to learn from; resumable, and equal for equal seeds."""

from __future__ import annotations

from pathlib import Path

import torch
from rich.console import Console

from policies.backbones.backbones import Backbones
from policies.systems.backbone_sources import BACKBONES
from policies.systems.network import System, build_system, compute_backbones_digest
from policies.systems.table import SYSTEMS, SystemConfig
from policies.train.data.feature_cache import load_feature_set, subsample_features
from policies.train.demonstrations import DATA_SETS, TrainValidationData, check_splits
from policies.train.loop.log import log_stage
from policies.train.loop.run_config import save_or_verify_config
from policies.train.loop.trainer import OptimizerConfig, train_epochs
from policies.train.recipe import Recipe, load_demonstrations, publish_checkpoint, train_backbones
from policies.train.tasks.system_cloning import FeatureTask, PixelTask, SystemTask
from scenarios.common.errors import InputError, unknown_name

WINDOWED_FRAMES, SINGLE_FRAMES, PIXEL_FRAMES, TELEOP_FRAMES, TELEOP_FIRST_FRAMES = (
    160,
    128,
    128,
    32,
    4,
)  # frames in a batch
DONE_FILE = "done"


def find_trainable_rows() -> dict[str, str]:
    """The row that is trained for each checkpoint folder: those with a network of their own, each once."""
    found: dict[str, str] = {}
    for name, row in SYSTEMS.items():
        if row.head is not None and name != "hybrid":  # the hybrid has a recipe of its own
            found.setdefault(row.checkpoint or name, name)
    return found


def resolve_checkpoint(name: str) -> str:
    """The checkpoint folder that training a row, or a folder's name, makes.

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
        raise InputError(f"'{name}' needs no training: export '{row.export_of}' by 'python -m policies.export'")
    return row.checkpoint or name


def train_named(checkpoint: str, recipe: Recipe, work: Path, out: Path, epochs: int | None, console: Console) -> System:
    """Train the row of a checkpoint folder from nothing, or go on with what ``work`` holds.

    Args:
        checkpoint: Of ``find_trainable_rows``.
        out: The final checkpoint's folder.
        epochs: Instead of the row's own.

    Raises:
        InputError: ``work`` holds the row's run with other epochs, or other backbones stand beside ``out``.
    """
    row = SYSTEMS[find_trainable_rows()[checkpoint]]
    backbones = train_backbones(recipe, load_demonstrations(recipe, work, console), work, console)
    if not row.own_clip:
        publish_backbones(work / BACKBONES, out.parent / BACKBONES)
    folder = work / "systems" / checkpoint
    save_or_verify_config(folder, {"epochs": epochs or row.epochs})
    if not (folder / DONE_FILE).is_file():
        data = DATA_SETS[row.data](recipe, work, console)
        check_splits(data)
        with log_stage(checkpoint, work, console):
            train_system(row, backbones, data, folder, work / "cache" / "features", epochs, recipe.device, console)
        (folder / DONE_FILE).write_text("")
    publish_checkpoint(folder, out)
    console.print(f"{checkpoint} stands in {out}")
    return System.from_pretrained(folder)


def share_backbones(checkpoint: str, work: Path, out: Path) -> None:
    """Have a system learn on the backbones that stand beside its ``out``, where its neighbours share them.

    Raises:
        InputError: ``work`` holds others already.
    """
    beside = out.parent / BACKBONES
    if beside.is_dir() and not SYSTEMS[find_trainable_rows()[checkpoint]].own_clip:
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
            f"{out} holds other backbones than {folder}, and systems share them: name another --out or --work"
        )


def train_system(
    row: SystemConfig,
    backbones: Backbones,
    data: TrainValidationData,
    out: Path,
    cache: Path,
    epochs: int | None,
    device: torch.device,
    console: Console,
    seed: int = OptimizerConfig.seed,
) -> System:
    """Train a row on some backbones and demonstrations; it goes on from ``out`` if that holds an unfinished run.

    Args:
        out: Gets the checkpoint, ``training.csv`` and ``state.pt``.
        cache: Where features are kept.
    """
    system = build_system(row, backbones, seed=seed).to(device)
    course = OptimizerConfig(epochs or row.epochs, seed=seed)
    task = _task(system, backbones, data, cache, device, console, seed)
    train_epochs(system, task, course, out, resume=True, console=console)
    return system.cpu()


def _task(
    system: System,
    backbones: Backbones,
    data: TrainValidationData,
    cache: Path,
    device: torch.device,
    console: Console,
    seed: int,
) -> SystemTask:
    row = system.row
    if row.own_clip:
        return PixelTask(system, data.train, data.validation, PIXEL_FRAMES, device, seed)
    train, validation = (
        [load_feature_set(backbones, store, row.features, cache, device, console) for store in stores]
        for stores in (data.train, data.validation)
    )
    system.standardize_by(subsample_features(train, row.features))
    sizes = {"teleop-first": TELEOP_FIRST_FRAMES, "teleop-rest": TELEOP_FRAMES}
    size = sizes.get(row.data, SINGLE_FRAMES if row.window == 1 else WINDOWED_FRAMES)
    return FeatureTask(system, train, validation, size, device)
