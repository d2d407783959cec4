"""Command that lists the published systems, and builds full-size ones by ``python -m policies.systems build NAME``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from policies.systems.table import SYSTEMS
from scenarios.common.cli import DONE, Parser, known_name, run_cli
from scenarios.common.errors import InputError, unknown_name
from scenarios.common.files import check_new_folder

WIDTH = 160
SCALES = ("compact", "full")


def make_parser() -> Parser:
    """Build the parser of the command line."""
    parser = Parser(
        prog="python -m policies.systems", description="List the published systems, or build one at full size."
    )
    scale = known_name("scale", SCALES)
    parser.add_argument(
        "--scale",
        type=scale,
        default="compact",
        help=f"scale of the listed sizes: {', '.join(SCALES)}",
    )
    commands = parser.add_subparsers(dest="command")
    build = commands.add_parser("build", help="write a full-size checkpoint with pretrained backbones and a fresh head")
    build.add_argument("name", help=f"name of a system: {', '.join(SYSTEMS)}")
    build.add_argument("--scale", type=scale, default="full", help="only full (policies.train makes compact ones)")
    build.add_argument("--clip", metavar="FOLDER", help="CLIP ViT-B/32: a folder or a hub name (default: OpenAI's)")
    build.add_argument("--kosmos2", metavar="FOLDER", help="Kosmos-2: a folder or a hub name (default: Microsoft's)")
    build.add_argument("--random", action="store_true", help="use fresh backbones of the published shapes instead")
    build.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of the new checkpoint")
    return parser


def _build(arguments: argparse.Namespace, console: Console) -> None:
    from policies.backbones.pretrained import CLIP_FULL, KOSMOS2_FULL, WeightsSource
    from policies.systems.backbone_sources import RANDOM, BackboneSources, build_full_system

    if arguments.name not in SYSTEMS:
        raise unknown_name("system", arguments.name, SYSTEMS)
    if arguments.scale != "full":
        raise InputError(
            f"--scale compact can't be built, only trained: run 'python -m policies.train {arguments.name}'"
        )
    if arguments.random and (arguments.clip or arguments.kosmos2):
        raise InputError("--random can't be combined with --clip or --kosmos2: choose one of the two")
    check_new_folder(arguments.out)
    sources = BackboneSources(
        CLIP_FULL if arguments.clip is None else WeightsSource(arguments.clip),
        KOSMOS2_FULL if arguments.kosmos2 is None else WeightsSource(arguments.kosmos2),
    )
    if arguments.random:
        sources = BackboneSources(RANDOM, RANDOM)
    system = build_full_system(SYSTEMS[arguments.name], sources)
    system.save_pretrained(arguments.out)
    console.print(
        f"{arguments.out}: {system.parameter_count:,} fresh weights of its own; evaluate it by --policy {arguments.out}"
    )


def main(argv: Sequence[str]) -> int:
    """Run the command line."""
    arguments = make_parser().parse_args(argv)
    console = Console(width=WIDTH, highlight=False, markup=False)
    if arguments.command == "build":
        _build(arguments, console)
    else:
        from policies.systems.listing import build_system_tables

        for part in build_system_tables(arguments.scale):
            console.print(part)
    return DONE


if __name__ == "__main__":
    run_cli(main)
