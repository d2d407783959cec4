"""Trains policies: ``python -m policies.train NAME`` is the whole recipe of one; ``all`` makes all that is shipped."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from policies.systems.table import SYSTEMS
from policies.train.loop.run_config import PLAN_FILE, check_resumable, save_or_verify_config
from scenarios.common import cli as command
from scenarios.common.errors import InputError, unknown_name

if TYPE_CHECKING:
    import torch

    from policies.train.recipe import Recipe

HYBRID, BACKBONES, ALL = "hybrid", "backbones", "all"
RUNS = Path("runs/train")
DEVICES = ("auto", "cpu", "cuda")
CHECKPOINT_NAMES = {row.checkpoint for row in SYSTEMS.values() if row.checkpoint}
NAMES = (ALL, BACKBONES, *dict.fromkeys([*SYSTEMS, *sorted(CHECKPOINT_NAMES)]))


def _train(arguments: argparse.Namespace, console: Console) -> None:
    """One policy, or all in the order in which they need each other."""
    from policies.train import systems
    from policies.train.loop.log import log_stage
    from policies.train.recipe import load_demonstrations, train_backbones, train_hybrid

    name, work = arguments.policy, arguments.work
    system = None if name in (ALL, BACKBONES, HYBRID) else systems.resolve_checkpoint(name)
    recipe = _recipe(arguments)
    out = arguments.out or (RUNS if name == ALL else RUNS / (system or name))
    check_resumable(work, "--work", resume=arguments.resume)
    if not arguments.resume:
        check_resumable(out, "--out", resume=False)
    for folder in (out, out / HYBRID):
        if (folder / PLAN_FILE).is_file():
            raise InputError(f"'{folder}' holds a run on data sets of someone's own: name another --out")
    save_or_verify_config(work, recipe.as_config())
    if system is not None:
        systems.share_backbones(system, work, out)
    with log_stage("recording", work, console):
        train = load_demonstrations(recipe, work, console)
    with log_stage(BACKBONES, work, console):
        train_backbones(recipe, train, work, console)
    if system is not None:
        systems.train_named(system, recipe, work, out, arguments.epochs, console)
        return
    if name in (ALL, BACKBONES):
        systems.publish_backbones(work / BACKBONES, out / BACKBONES if name == ALL else out)
    if name in (ALL, HYBRID):
        with log_stage(HYBRID, work, console):
            train_hybrid(recipe, work, out / HYBRID if name == ALL else out, console)
    if name == ALL:
        for each in systems.find_trainable_rows():
            systems.train_named(each, recipe, work, out / each, arguments.epochs, console)
        with log_stage("export", work, console):
            _export(out, console)


def _export(checkpoints: Path, console: Console) -> None:
    """The rows that are exported files."""
    from policies.export.onnx_file import export_policy

    for name, row in SYSTEMS.items():
        if row.export_of:
            file = checkpoints / name / f"{row.export_of}.onnx"
            file.parent.mkdir(parents=True, exist_ok=True)
            console.print(export_policy(str(checkpoints / row.export_of), file, "fp16"))


def _train_on_datasets(arguments: argparse.Namespace, console: Console) -> None:
    from policies.train.custom_data import train_on_datasets

    train_on_datasets(
        [Path(name) for name in arguments.datasets.split(",")],
        arguments.out or RUNS / HYBRID,
        cache=arguments.work / "cache",
        recipe=_recipe(arguments),
        init=arguments.init,
        resume=arguments.resume,
        console=console,
    )


def _recipe(arguments: argparse.Namespace) -> Recipe:
    from policies.train.recipe import Recipe

    recipe = Recipe(workers=arguments.workers, device=_device(arguments.device))
    if arguments.epochs is None or arguments.policy != HYBRID:  # a system's own epochs are no part of the recipe
        return recipe
    course = replace(recipe.cloning.course, epochs=arguments.epochs)
    return replace(recipe, cloning=replace(recipe.cloning, course=course))


def _device(name: str) -> torch.device:
    import torch

    if name == "cuda" and not torch.cuda.is_available():
        raise InputError("--device cuda: torch finds no CUDA device here; take 'cpu' or 'auto'")
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def _parser() -> command.Parser:
    count = command.bounded_int(1)
    parser = command.Parser(prog="python -m policies.train", description="Train a policy.")
    parser.add_argument("policy", metavar="NAME", help=f"which: {', '.join(NAMES)}")
    parser.add_argument("--datasets", metavar="DIR[,DIR...]", help="clone these data sets into a hybrid")
    parser.add_argument(
        "--epochs", type=count, help="of a system, or of the hybrid's cloning: instead of its own number"
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help=f"the checkpoint's folder (default: {RUNS}/NAME, or {RUNS} for all)"
    )
    parser.add_argument("--work", type=Path, default=Path("data/train"), metavar="DIR", help="data, caches, logs")
    parser.add_argument("--threads", type=count, default=2, help="threads to compute with")
    parser.add_argument("--workers", type=count, default=2, help="processes that record")
    parser.add_argument(
        "--device",
        type=command.known_name("device", DEVICES),
        default="auto",
        help=f"what trains: {', '.join(DEVICES)}",
    )
    parser.add_argument("--resume", action="store_true", help="go on with what --work or --out holds")
    parser.add_argument("--init", type=Path, metavar="CKPT", help="start from this checkpoint (with --datasets)")
    return parser


def main(argv: Sequence[str]) -> int:
    """The command line."""
    arguments = _parser().parse_args(argv)
    if arguments.policy not in NAMES:
        raise unknown_name("policy to train", arguments.policy, NAMES)
    if arguments.datasets and arguments.policy != HYBRID:
        raise InputError(f"--datasets trains a hybrid, not '{arguments.policy}'")
    if arguments.epochs is not None and arguments.policy in (ALL, BACKBONES):
        raise InputError(f"--epochs is for one policy, not for '{arguments.policy}'")
    if arguments.init is not None and not arguments.datasets:
        raise InputError("--init goes with --datasets: the recipe makes its own start")
    if arguments.out is not None and arguments.out.exists() and not arguments.out.is_dir():
        raise InputError(f"--out '{arguments.out}' is a file: name a folder")
    import torch
    from transformers.utils import logging

    logging.disable_progress_bar()  # a bar per file that is saved would break into ours
    torch.set_num_threads(arguments.threads)
    (_train_on_datasets if arguments.datasets else _train)(arguments, Console(stderr=True))
    return command.DONE


if __name__ == "__main__":
    command.run_cli(main)
