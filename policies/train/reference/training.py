"""Training of the reference's network on labelled views; resumable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import NamedTuple

import torch

from policies.reference.network import ReferenceConfig, ReferenceNetwork, build_reference
from policies.train.collection import RecipeRun, ViewCollection, collect_dataset
from policies.train.loop.log import log_stage
from policies.train.loop.run_config import save_or_verify_config
from policies.train.loop.stages import publish_checkpoint, train_once
from policies.train.loop.trainer import train_epochs
from policies.train.reference.recipe import ReferenceRecipe, ViewCount
from policies.train.reference.task import ReferenceTask
from policies.train.reference.views import ViewSet

NAME = "reference"


def train_reference(
    reference: ReferenceRecipe,
    families: Sequence[str],
    out: Path,
    run: RecipeRun,
    seed: int | None = None,
    kept: Mapping[int, Path] | None = None,
    epochs: int | None = None,
) -> ReferenceNetwork:
    """Train the reference from scratch, or resume the run in ``run.work``.

    Args:
        reference: Its settings.
        families: Whose worlds it sees.
        out: Folder of the final checkpoint.
        run: Where to work, and with what.
        seed: Of weights and batches; the recipe's if None.
        kept: Folders for further copies of the checkpoint, by the number of completed epochs.
        epochs: Number of epochs; the recipe's if None.
    """
    own = reference.course
    course = replace(own, seed=own.seed if seed is None else seed, epochs=epochs or own.epochs)
    folder = run.work / (NAME if course.seed == own.seed else f"{NAME}-{course.seed}")
    save_or_verify_config(folder, asdict(replace(reference, course=course)))
    collected = collect_views(reference, families, run)

    def learn() -> None:
        network = build_reference(ReferenceConfig(), course.seed).to(run.device)
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        drawers = torch.get_num_threads() if run.device.type == "cuda" else 0  # a GPU trains faster than one draws
        with log_stage(folder.name, run):
            train, validation = (ViewSet.open(folders) for folders in collected)
            task = ReferenceTask(network, train, validation, reference, run.device, drawers)
            train_epochs(network, task, course, folder, run.console, kept)
            rows, wrong = task.measure_errors()
        run.console.print(f"{NAME}: rows off by {rows:.2f} cells, {wrong:.1%} of items mistaken, on validation views")

    train_once(folder, learn)
    publish_checkpoint(folder, out)
    run.console.print(f"saved {NAME} to {out}")
    return ReferenceNetwork.from_pretrained(folder)


class CollectedViews(NamedTuple):
    """Folders of views."""

    train: list[Path]
    validation: list[Path]


def collect_views(reference: ReferenceRecipe, families: Sequence[str], run: RecipeRun) -> CollectedViews:
    """Record the views of every family that aren't in the run's folder, and return the folders of all."""

    def collect(count: ViewCount, *, varied: bool) -> list[Path]:
        specs = (
            ViewCollection(family, count.suite_seed, count.worlds, count.poses, varied=varied) for family in families
        )
        return [collect_dataset(spec, run) for spec in specs]

    with log_stage("views", run):
        plain, varied = collect(reference.plain, varied=False), collect(reference.varied, varied=True)
        return CollectedViews(plain + varied, collect(reference.validation, varied=False))
