"""Command line of training: ``python -m policies.train NAME`` runs the recipe of one policy, ``all`` of every one."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from policies.systems.table import SYSTEMS
from policies.train.loop.run_config import PLAN_FILE, begun_run, check_resumable
from policies.train.population.units.outline import describe_population, list_units
from policies.train.population.units.plan import choose_units
from scenarios.common import cli
from scenarios.common.errors import InputError, unknown_name
from scenarios.common.files import check_folder

if TYPE_CHECKING:
    import torch

    from policies.train.collection import RecipeRun
    from policies.train.recipe import Recipe

HYBRID, BACKBONES, ALL, BLIND = "hybrid", "backbones", "all", "blind-network"
POPULATION, REFERENCE = "population", "reference"
WITHOUT_ROW = (ALL, BACKBONES, BLIND, HYBRID, POPULATION, REFERENCE)  # the other names are rows or their checkpoints
PLANS = "blind"  # the checkpoint with the ways that a policy without eyes drives
RUNS = Path("runs/train")
LIST_WIDTH = 160
DEVICES = ("auto", "cpu", "cuda")
CHECKPOINT_NAMES = {row.checkpoint for row in SYSTEMS.values() if row.checkpoint}
NAMES = (ALL, POPULATION, REFERENCE, BACKBONES, BLIND, *dict.fromkeys([*SYSTEMS, *sorted(CHECKPOINT_NAMES)]))


def train_by_recipe(arguments: argparse.Namespace, console: Console) -> None:
    """Train one policy, or all policies in the order of their dependencies."""
    from policies.train.collection import RecipeRun, find_collector
    from policies.train.loop.log import log_stage
    from policies.train.outline import describe_recipe, describe_reference
    from policies.train.reference.recipe import ReferenceRecipe
    from policies.train.systems import resolve_checkpoint

    name, work = arguments.policy, arguments.work
    name = name if name in WITHOUT_ROW else resolve_checkpoint(name)
    out = arguments.out or (RUNS if name == ALL else RUNS / name)
    _check_folders(work, out, resume=arguments.resume)
    recipe = _make_recipe(arguments)
    device = select_device(arguments.device)
    run = RecipeRun(work, work / "cache", device, console, find_collector(), arguments.workers)
    with begun_run(work, asdict(recipe)):
        if name == POPULATION:
            console.print(describe_population(choose_units(arguments.units), out, arguments.threads), highlight=False)
        elif name == REFERENCE:
            described = describe_reference(ReferenceRecipe(), len(recipe.families), run, out)
            console.print(described, highlight=False)
        else:
            console.print(describe_recipe(name, recipe, run, out), highlight=False)
        with log_stage("whole run", run):
            _make_checkpoints(name, recipe, out, arguments, run)


def _check_folders(work: Path, out: Path, *, resume: bool) -> None:
    check_resumable(work, "--work", resume=resume)
    if not resume:
        check_resumable(out, "--out", resume=False)
    for folder in (out, out / HYBRID):
        if (folder / PLAN_FILE).is_file():
            raise InputError(f"'{folder}' contains a run on custom data sets: choose another --out")


def _make_checkpoints(name: str, recipe: Recipe, out: Path, arguments: argparse.Namespace, run: RecipeRun) -> None:
    """Record demonstrations, pretrain the backbones, and train the policies of a name into ``out``."""
    from policies.train import backbones, demonstrations, hybrid, systems
    from policies.train.blind.network import train_blind_network
    from policies.train.loop.log import log_stage
    from policies.train.population.building import build_population
    from policies.train.reference.recipe import ReferenceRecipe
    from policies.train.reference.training import train_reference

    one_system, epochs = name not in WITHOUT_ROW, arguments.epochs
    if one_system:
        systems.share_backbones(name, run.work, out)
    if name == REFERENCE:
        train_reference(ReferenceRecipe(), recipe.families, out, run, epochs=epochs)
        return
    if name == POPULATION and all(unit.family == REFERENCE for unit in choose_units(arguments.units)):
        build_population(choose_units(arguments.units), recipe, out, run)
        return  # they need neither demonstrations nor backbones
    with log_stage("recording", run):
        train = demonstrations.load_demonstrations(recipe, run)
    with log_stage(BACKBONES, run):
        backbones.train_backbones(recipe, train, run)
    if name in (ALL, BACKBONES):
        systems.publish_backbones(run.work / BACKBONES, out / BACKBONES if name == ALL else out)
    if name == HYBRID:
        with log_stage(HYBRID, run):
            hybrid.train_hybrid(recipe, out, run)
    if name == BLIND:
        train_blind_network(recipe, out, epochs, run)
    if one_system:
        systems.train_named(name, recipe, out, epochs, run)
    if name == ALL:
        _train_policies(recipe, out, run)
    if name == POPULATION:
        build_population(choose_units(arguments.units), recipe, out, run)


def _train_policies(recipe: Recipe, out: Path, run: RecipeRun) -> None:
    """Train the hybrid, every system and the references without a sense, side by side after what they share; export."""
    from policies.train import hybrid, systems
    from policies.train.blind.families import search_all
    from policies.train.blind.network import train_blind_network
    from policies.train.loop.log import log_stage
    from policies.train.loop.parallel import run_side_by_side

    with log_stage("cloning", run):
        hybrid.train_cloned_hybrid(recipe, run)
    with log_stage("features", run):
        systems.prepare_systems(recipe, run)
    jobs: list[Callable[[], object]] = [
        *(partial(systems.train_named, each, recipe, out / each, None, run) for each in systems.order_longest_first()),
        partial(train_blind_network, recipe, out / BLIND, None, run),
        partial(search_all, out / PLANS, run),
    ]
    with log_stage("policies", run):
        run_side_by_side([partial(hybrid.train_hybrid, recipe, out / HYBRID, run), *jobs], run.device)
    with log_stage("export", run):
        export_rows(out, run.console)


def export_rows(checkpoints: Path, console: Console) -> None:
    """Export the ONNX file of each row that is an export of another row's checkpoint."""
    from policies.export.onnx_file import export_policy

    for name, row in SYSTEMS.items():
        if row.export_of:
            file = checkpoints / name / f"{row.export_of}.onnx"
            file.parent.mkdir(parents=True, exist_ok=True)
            console.print(export_policy(str(checkpoints / row.export_of), file, "fp16"))


def train_custom(arguments: argparse.Namespace, console: Console) -> None:
    """Train a hybrid on existing data sets."""
    from policies.train.custom_data import train_on_datasets
    from policies.train.loop.training_run import TrainingRun
    from policies.train.outline import describe_custom

    roots, out = [Path(name) for name in cli.split_names(arguments.datasets)], arguments.out or RUNS / HYBRID
    run = TrainingRun(out, arguments.work / "cache", select_device(arguments.device), console)
    console.print(describe_custom(roots, out), highlight=False)
    recipe, resume = _make_recipe(arguments), arguments.resume
    train_on_datasets(roots, recipe, run, init=arguments.init, resume=resume, mapping=arguments.mapping)


def _make_recipe(arguments: argparse.Namespace) -> Recipe:
    from policies.train.recipe import Recipe

    recipe = Recipe()
    if arguments.epochs is None or arguments.policy != HYBRID:  # a system's epochs are not part of the recipe
        return recipe
    course = replace(recipe.cloning.course, epochs=arguments.epochs)
    return replace(recipe, cloning=replace(recipe.cloning, course=course))


def select_device(name: str) -> torch.device:
    """Return the PyTorch device for a name of ``DEVICES``.

    Raises:
        InputError: The device is not available.
    """
    import torch

    if name == "cuda" and not torch.cuda.is_available():
        raise InputError("--device cuda: PyTorch finds no CUDA device on this machine; use 'cpu' or 'auto'")
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def make_parser() -> cli.Parser:
    """Make the parser of the command line."""
    count = cli.bounded_int(1)
    parser = cli.Parser(prog="python -m policies.train", description="Train a policy.")
    parser.add_argument("policy", metavar="NAME", help=f"what to train: {', '.join(NAMES)}")
    parser.add_argument("--datasets", metavar="DIR[,DIR...]", help="train a hybrid on these data sets")
    mapping = "says which parts of --datasets are the camera, the actions, the state (default: guessed from names)"
    parser.add_argument("--mapping", type=Path, metavar="FILE.yaml", help=mapping)
    parser.add_argument(
        "--epochs",
        type=count,
        help="epochs of a system, the reference, or the hybrid's cloning, instead of its default",
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help=f"checkpoint folder (default: {RUNS}/NAME, or {RUNS} for all)"
    )
    parser.add_argument(
        "--work", type=Path, default=Path("data/train"), metavar="DIR", help="folder for recorded data, caches and logs"
    )
    parser.add_argument("--threads", type=count, default=2, help="CPU threads for training")
    parser.add_argument("--workers", type=count, default=2, help="processes that record demonstrations")
    parser.add_argument(
        "--device",
        type=cli.known_name("device", DEVICES),
        default="auto",
        help=f"device to train on: {', '.join(DEVICES)}",
    )
    parser.add_argument("--resume", action="store_true", help="resume the run in --work or --out")
    parser.add_argument(
        "--units",
        default="*",
        metavar="PATTERN[,PATTERN...]",
        help="part of the population: names, claims, patterns",
    )
    parser.add_argument("--list", action="store_true", help="print the units of the population, and train nothing")
    parser.add_argument("--init", metavar="NAME", help="policy or checkpoint folder to start from (with --datasets)")
    return parser


def _check_arguments(arguments: argparse.Namespace) -> None:
    if arguments.policy not in NAMES:
        raise unknown_name("policy to train", arguments.policy, NAMES)
    if arguments.datasets and arguments.policy != HYBRID:
        raise InputError(f"--datasets trains a hybrid, not '{arguments.policy}'")
    if arguments.policy != POPULATION and (arguments.list or arguments.units != "*"):
        raise InputError(f"--units and --list are of the population, not of '{arguments.policy}'")
    if arguments.epochs is not None and arguments.policy in (ALL, BACKBONES, POPULATION):
        raise InputError(f"--epochs applies to a single policy, not to '{arguments.policy}'")
    if arguments.init is not None and not arguments.datasets:
        raise InputError("--init needs --datasets: the recipe trains its own starting weights")
    if arguments.mapping is not None and not arguments.datasets:
        raise InputError("--mapping says how to read --datasets: give both, or none")
    if arguments.policy == POPULATION:
        choose_units(arguments.units)
    if arguments.out is not None:
        check_folder(arguments.out)


def main(argv: Sequence[str]) -> int:
    """Run the command line."""
    arguments = make_parser().parse_args(argv)
    _check_arguments(arguments)
    if arguments.list:
        Console(width=LIST_WIDTH, highlight=False).print(list_units(choose_units(arguments.units)))
        return cli.DONE
    import torch
    from transformers.utils import logging

    logging.disable_progress_bar()  # a progress bar for each saved file would disturb ours
    torch.set_num_threads(arguments.threads)
    (train_custom if arguments.datasets else train_by_recipe)(arguments, Console(stderr=True, markup=False))
    return cli.DONE


if __name__ == "__main__":
    cli.run_cli(main)
