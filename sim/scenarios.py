"""``python -m sim.scenarios``: list scenario families, write their files, draw their episodes."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.table import Table

from scenarios.common import cli
from scenarios.common.errors import InputError
from scenarios.common.files import SCENARIO_SUFFIXES, check_new_file, is_scenario_file
from scenarios.common.user_code import is_code_reference
from scenarios.files.scenario_file import format_scenario
from scenarios.lookup import get_scenario
from scenarios.perturbations import AXES, UNPERTURBED, Perturbation, levels_table, sample_perturbed_world
from scenarios.registry import SCENARIOS
from scenarios.scenario import Scenario
from sim.console.console import standard_console

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
HINTS = """
python -m sim.scenarios NAME                    print its ranges as a scenario file
python -m sim.scenarios NAME --write my.yaml    write that file, to edit it and use it as a scenario
python -m sim.scenarios NAME --out scene.png    draw an episode, chosen by --episode and --seed
python -m sim.scenarios --levels                list the perturbations and their levels"""


def make_parser() -> cli.Parser:
    """Make the command-line parser. Names are checked later, against the registries."""
    parser = cli.Parser(
        prog="python -m sim.scenarios",
        description="List scenario families, print or write the ranges of one, or draw one of its episodes.",
    )
    shown = parser.add_argument_group("what to show")
    shown.add_argument(
        "scenario",
        nargs="?",
        metavar="NAME",
        help=f"{', '.join(SCENARIOS)}; a .yaml file; FILE.py:NAME for your own family (default: list the families)",
    )
    task = shown.add_mutually_exclusive_group()
    task.add_argument("--write", type=Path, metavar="FILE", help="write its ranges to a new .yaml file")
    task.add_argument("--out", type=Path, metavar="PICTURE", help="draw an episode to a .png, .jpg or .webp file")
    task.add_argument("--levels", action="store_true", help="list the perturbations and their levels")
    add = parser.add_argument_group("the episode to draw").add_argument
    add("--episode", type=cli.bounded_int(0), metavar="N", help="its number (default: 0)")
    add("--seed", type=cli.bounded_int(0, 2**31 - 1), metavar="N", help="seed of its suite (default: 0)")
    add("--perturb", metavar="AXIS=LEVEL[,…]", help=f"under this perturbation: levels 1 to 3 of {', '.join(AXES)}")
    add(
        "--renderer",
        type=cli.known_name("renderer", ("auto", "gl", "gpu", "tiny")),
        metavar="auto|gl|gpu|tiny",
        help="camera: OpenGL (gpu: never in software), TinyRenderer, or OpenGL where it is available (default: auto)",
    )
    return parser


def main(arguments: Sequence[str]) -> int:
    """Run the command; bad input raises ``InputError``."""
    options = make_parser().parse_args(arguments)
    for flag in ("episode", "seed", "perturb", "renderer"):
        if options.out is None and getattr(options, flag) is not None:
            raise InputError(f"--{flag} needs --out, the picture to draw, e.g. --out scene.png")
    if options.scenario is None:
        if options.write or options.out:
            raise InputError(f"--{'write' if options.write else 'out'} needs a scenario: {', '.join(SCENARIOS)}")
        standard_console().print(_levels() if options.levels else _families())
        print("" if options.levels else HINTS)
        return cli.DONE
    if options.levels:
        raise InputError("--levels is the same for every scenario: leave the scenario out")
    scenario = get_scenario(options.scenario)
    if options.out is None and is_code_reference(options.scenario):
        raise InputError(
            f"the ranges of '{options.scenario}' are in its code, not in a file; --out scene.png draws an episode"
        )
    if options.write is not None:
        _write(scenario, options.write)
    elif options.out is not None:
        _draw(scenario, options)
    else:
        print(format_scenario(scenario), end="")
    return cli.DONE


def _families() -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("scenario", no_wrap=True, style="bold")
    table.add_column("task")
    for scenario in SCENARIOS.values():
        table.add_row(scenario.name, scenario.summary)
    return table


def _levels() -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, leading=1)
    table.add_column("--perturb", no_wrap=True, style="bold")
    table.add_column("effect", ratio=4)
    for level in (1, 2, 3):
        table.add_column(f"level {level}", ratio=3)
    for row in levels_table():
        table.add_row(*row)
    return table


def _write(scenario: Scenario, path: Path) -> None:
    if not is_scenario_file(path):
        raise InputError(f"--write '{path}': a scenario file ends in {' or '.join(SCENARIO_SUFFIXES)}")
    if path.stem in SCENARIOS:
        raise InputError(f"--write '{path}': '{path.stem}' is the name of a family, choose another name")
    check_new_file(path, "--write")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(format_scenario(scenario))
    except FileExistsError as error:
        raise InputError(f"--write '{path}': the file already exists, choose another name") from error
    print(f"{path}: edit its ranges, then draw an episode: python -m sim.scenarios {path} --out scene.png")


def _draw(scenario: Scenario, options: argparse.Namespace) -> None:
    path: Path = options.out
    episode, seed = options.episode or 0, options.seed or 0
    if path.suffix.lower() not in PICTURE_SUFFIXES:
        raise InputError(f"--out '{path}': a picture ends in {', '.join(PICTURE_SUFFIXES)}")
    check_new_file(path)
    perturbation = UNPERTURBED if options.perturb is None else Perturbation.parse(options.perturb)
    world = sample_perturbed_world(scenario, seed, episode, perturbation)
    parts = [scenario.name, f"seed {seed}", f"episode {episode}"]
    parts += [str(perturbation)] if perturbation != UNPERTURBED else []

    from envs.simulation.lockstep import Lockstep  # physics and graphics, which lists don't need
    from sim.drawing.scene_preview import draw_scene_preview

    lockstep = Lockstep(1, options.renderer or "auto")
    try:
        draw_scene_preview(lockstep, world, " · ".join(parts)).save(path)
    finally:
        lockstep.close()
    print(f"{path}: {', '.join(parts)}: {world.instruction}")


if __name__ == "__main__":
    cli.run_cli(main)
