"""Trains policies: ``python -m policies.train hybrid`` is the whole recipe; ``--datasets`` clones what you have."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from policies.registry import CHECKPOINTS
from scenarios.errors import InputError, unknown_name


def _hybrid(arguments: argparse.Namespace, console: Console) -> None:
    from policies.training.recipe import Recipe, train_hybrid

    if not arguments.datasets:
        if arguments.init is not None:
            raise InputError("--init goes with --datasets: the recipe makes its own start")
        recipe = Recipe(workers=arguments.workers)
        if arguments.epochs is not None:
            recipe = replace(recipe, cloning=replace(recipe.cloning, epochs=arguments.epochs))
        if arguments.work.is_dir() and any(arguments.work.iterdir()) and not arguments.resume:
            raise InputError(
                f"'{arguments.work}' holds an earlier run: go on with it by --resume, or name another --work"
            )
        train_hybrid(recipe, arguments.work, arguments.out or CHECKPOINTS / "hybrid", console)
        return
    from policies.training.own_data import train_on

    train_on(
        [Path(name) for name in arguments.datasets.split(",")],
        arguments.out or Path("runs/train/hybrid"),
        cache=arguments.work / "cache",
        epochs=arguments.epochs,
        init=arguments.init,
        resume=arguments.resume,
        console=console,
    )


TRAINERS: dict[str, Callable[[argparse.Namespace, Console], None]] = {"hybrid": _hybrid}


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is no whole number from 1 up")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m policies.train", description="Train a policy.")
    parser.add_argument("policy", help=f"which: {', '.join(TRAINERS)}")
    parser.add_argument("--datasets", metavar="DIR[,DIR...]", help="clone these data sets (default: the whole recipe)")
    parser.add_argument("--epochs", type=_count, help="epochs of cloning (default: 6)")
    parser.add_argument("--out", type=Path, metavar="DIR", help="the checkpoint's folder (default: the shipped one's)")
    parser.add_argument("--work", type=Path, default=Path("data/train"), metavar="DIR", help="data, caches, logs")
    parser.add_argument("--threads", type=_count, default=2, help="threads to compute with (default: 2)")
    parser.add_argument("--workers", type=_count, default=2, help="processes that record (default: 2)")
    parser.add_argument("--resume", action="store_true", help="go on with what --work or --out holds")
    parser.add_argument("--init", type=Path, metavar="CKPT", help="start from this checkpoint (with --datasets)")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """The command line; 0, or 2 for bad input."""
    arguments = _parser().parse_args(argv)
    try:
        if arguments.policy not in TRAINERS:
            raise unknown_name("policy to train", arguments.policy, TRAINERS)
        if arguments.out is not None and arguments.out.exists() and not arguments.out.is_dir():
            raise InputError(f"--out '{arguments.out}' is a file: name a folder")
        import torch

        torch.set_num_threads(arguments.threads)
        TRAINERS[arguments.policy](arguments, Console(stderr=True))
    except InputError as error:
        print(f"policies.train: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
