"""Training of the blind network, on what the hybrid and the systems learn from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from policies.blind.network import BlindNetwork, build_blind_network, collect_words
from policies.train.collection import RecipeRun
from policies.train.data.splits import TrainValidationData
from policies.train.hybrid import load_common_demonstrations
from policies.train.loop.log import log_stage
from policies.train.loop.stages import publish_checkpoint, train_once
from policies.train.loop.trainer import OptimizerConfig, train_epochs
from policies.train.loop.training_run import TrainingRun
from policies.train.recipe import Recipe
from policies.train.tasks.blind_cloning import BlindTask

NAME = "blind-network"
COURSE = OptimizerConfig(epochs=20, learning_rate=2e-3)


def train_blind_network(
    recipe: Recipe, out: Path, epochs: int | None, run: RecipeRun, seed: int = COURSE.seed
) -> BlindNetwork:
    """Train the network from scratch, or resume the run in ``run.work``.

    Args:
        out: Folder of the final checkpoint.
        epochs: Number of epochs; the default if None.
        seed: Seed of the fresh weights and of the order of the data.
    """
    folder = run.work / (NAME if seed == COURSE.seed else f"{NAME}-{seed}")
    course = replace(COURSE, epochs=epochs or COURSE.epochs, seed=seed)
    with log_stage(NAME, run):
        train_once(folder, lambda: clone_blindly(load_common_demonstrations(recipe, run), course, folder, run))
    publish_checkpoint(folder, out)
    run.console.print(f"saved {NAME} to {out}")
    return BlindNetwork.from_pretrained(folder)


def clone_blindly(data: TrainValidationData, course: OptimizerConfig, out: Path, run: TrainingRun) -> BlindNetwork:
    """Train a network with fresh weights on demonstrations, and leave it in ``out``; an unfinished run is resumed."""
    words = collect_words(episode.instruction for store in data.train for episode in store.episodes)
    network = build_blind_network(words, course.seed).to(run.device)
    train_epochs(network, BlindTask(network, data.train, data.validation, run.device), course, out, run.console)
    return network.cpu()
