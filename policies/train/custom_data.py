"""Training on existing data sets: split by whole scenes, pretrain on captions if there are any, clone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from policies.backbones.compact import build_compact_tokenizer
from policies.dataset.episodes import open_dataset
from policies.dataset.mapping.resolve import describe_mapping
from policies.hybrid.build import build_compact_hybrid, build_hybrid_from_backbones
from policies.hybrid.network import Hybrid
from policies.registry import CHECKPOINTS
from policies.systems.table import SYSTEMS
from policies.train.backbones import pretrain_backbones
from policies.train.data.caption_samples import select_captioned_frames
from policies.train.data.frame_store import FrameStore, collect_texts, store_dataset
from policies.train.data.splits import TrainValidationData, split_by_scene
from policies.train.loop.run_config import begun_run, check_resumable
from policies.train.loop.training_run import TrainingRun
from policies.train.recipe import Recipe
from policies.train.tasks.cloning import CloneOptions, clone_behaviour
from scenarios.common.errors import InputError, unknown_name


def train_on_datasets(
    roots: Sequence[Path],
    recipe: Recipe,
    run: TrainingRun,
    *,
    init: str | None = None,
    resume: bool = False,
    mapping: Path | None = None,
) -> Hybrid:
    """Train a hybrid on data sets with the numbers of ``recipe``, and save the checkpoint in ``run.work``.

    Args:
        init: Name of a policy, or checkpoint folder, to start from.
        resume: Continue an earlier, unfinished run with the same settings.
        mapping: Mapping file that says how to read the data sets; None to guess from names.

    Raises:
        InputError: A data set can't be read, contains scenes of the test split, or leaves no training data; ``init`` is
            not a hybrid; or ``run.work`` contains anything but an earlier part of the same run.
    """
    check_resumable(run.work, "--out", resume=resume)
    datasets = [open_dataset(root, mapping) for root in roots]
    for dataset in datasets:
        run.console.print(describe_mapping(dataset.root, dataset.mapping), highlight=False, markup=False)
    stores = [store_dataset(dataset, run.cache) for dataset in datasets]
    data = split_by_scene(stores)
    if not data.train:
        raise InputError(
            f"no training data is left in {', '.join(map(str, roots))}: all scenes are held out for validation"
        )
    folder = None if init is None else find_checkpoint(init)
    given = None if folder is None else Hybrid.from_pretrained(folder)
    with begun_run(run.work, _describe(stores, folder, recipe)):
        model, options = (given, recipe.cloning) if given is not None else _build_hybrid(data, recipe, run)
        clone_behaviour(model, data, options, run.work, run)
    return model


def find_checkpoint(name: str) -> Path:
    """Find the checkpoint folder for the name of a policy or folder; a policy takes precedence over a folder.

    Raises:
        InputError: There is no such policy or folder.
    """
    if name in SYSTEMS:
        return CHECKPOINTS / (SYSTEMS[name].checkpoint or name)
    if Path(name).is_dir():
        return Path(name)
    if "/" in name:
        raise InputError(
            f"no checkpoint at '{name}': give a folder that 'python -m policies.train' wrote, or the name of a policy"
        )
    raise unknown_name("policy to start from", name, SYSTEMS)


def _describe(stores: Sequence[FrameStore], init: Path | None, recipe: Recipe) -> dict[str, object]:
    """Return the configuration of a run, as written to its plan file."""
    numbers = asdict(recipe)
    return {
        "data sets": [store.key for store in stores],
        "init": init,
        **{name: numbers[name] for name in ("clip", "kosmos2", "cloning")},
    }


def _build_hybrid(data: TrainValidationData, recipe: Recipe, run: TrainingRun) -> tuple[Hybrid, CloneOptions]:
    """Build the hybrid to clone into, on backbones pretrained on captions if there are any; add the cloning options."""
    options, tokenizer = recipe.cloning, build_compact_tokenizer(collect_texts(data.train))
    if select_captioned_frames(data.train):
        backbones = pretrain_backbones(tokenizer, data.train, recipe, run)
        return build_hybrid_from_backbones(backbones, options.course.seed), options
    run.console.print("these data sets contain no captions: the backbones start with random weights")
    return build_compact_hybrid(tokenizer, options.course.seed), replace(options, frozen=())
