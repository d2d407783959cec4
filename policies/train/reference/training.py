"""Training of the reference: cloning, then DAgger rounds that it drives itself; resumable stage by stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import torch

from policies.reference.network import ReferenceConfig, ReferenceNetwork, build_reference
from policies.reference.words import collect_vocabulary
from policies.train.collection import RecipeRun
from policies.train.data.frame_store import FrameStore, collect_texts
from policies.train.data.splits import TrainValidationData, check_splits
from policies.train.demonstrations import (
    load_demonstrations,
    load_validation_set,
    load_varied_demonstrations,
    load_varied_recoveries,
)
from policies.train.loop.log import log_stage
from policies.train.loop.run_config import save_or_verify_config
from policies.train.loop.stages import publish_checkpoint, train_once
from policies.train.loop.trainer import OptimizerConfig, train_epochs
from policies.train.loop.training_run import TrainingRun
from policies.train.recipe import Recipe
from policies.train.reference.batches import ReferenceData
from policies.train.reference.recipe import ReferenceBatches, ReferenceRecipe
from policies.train.reference.task import ReferenceTask

NAME, CLONED = "reference", "cloned"


def train_reference(reference: ReferenceRecipe, recipe: Recipe, out: Path, run: RecipeRun) -> ReferenceNetwork:
    """Train the reference from scratch, or resume the run in ``run.work``.

    Args:
        reference: Its own settings.
        recipe: Families, demonstrations and validation episodes are those of the hybrid.
        out: Folder of the final checkpoint.
    """
    save_or_verify_config(run.work / NAME, asdict(reference))
    expert = load_demonstrations(recipe, run) + load_varied_demonstrations(recipe, reference.varied, run)
    data = TrainValidationData(expert, load_validation_set(recipe, run))
    words = collect_vocabulary(collect_texts(expert))
    network = build_reference(ReferenceConfig(words), reference.cloning.seed)
    folder = reference_stage_folder(CLONED, run)
    network = _train_stage(network, data, reference.batches, reference.cloning, folder, run)
    for number, episodes in enumerate(reference.rounds, start=1):
        recoveries = load_varied_recoveries(recipe, episodes.plain, episodes.varied, folder, run)
        data = replace(data, train=data.train + recoveries)
        course = replace(reference.round_cloning, seed=reference.round_cloning.seed + number)
        folder = reference_stage_folder(f"round-{number}", run)
        network = _train_stage(network, data, reference.round_batches, course, folder, run)
    publish_checkpoint(folder, out)
    run.console.print(f"saved {NAME} to {out}")
    return network


def reference_stage_folder(stage: str, run: TrainingRun) -> Path:
    """Return the folder of the reference after a stage: ``CLONED``, then "round-1" and so on."""
    return run.work / f"{NAME}-{stage}"


def _train_stage(
    network: ReferenceNetwork,
    data: TrainValidationData,
    batches: ReferenceBatches,
    course: OptimizerConfig,
    folder: Path,
    run: RecipeRun,
) -> ReferenceNetwork:
    """Train a stage unless its folder is complete, and return the network in that folder."""

    def train() -> None:
        check_splits(data)
        with log_stage(folder.name, run):
            task = _build_task(network, data.train, data.validation, batches, run)
            train_epochs(network, task, course, folder, run.console)
            network.cpu()

    train_once(folder, train)
    return ReferenceNetwork.from_pretrained(folder)


def _build_task(
    network: ReferenceNetwork,
    train: Sequence[FrameStore],
    validation: Sequence[FrameStore],
    batches: ReferenceBatches,
    run: RecipeRun,
) -> ReferenceTask:
    data = ReferenceData.from_stores(train)
    drawers = torch.get_num_threads() if run.device.type == "cuda" else 0  # a GPU trains faster than one draws
    return ReferenceTask(network.to(run.device), data, validation, batches, run.device, drawers)
