"""``python -m policies.train.blind``: search for the best ways to drive without a camera, and say how good they are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from policies.scripted.plans import CONFIG, PARK, load_plans, save_plans
from policies.train.blind.families import SCENES, FoundPlan, search_named
from scenarios.common import cli
from scenarios.common.errors import unknown_name
from scenarios.registry import SCENARIOS

DEFAULT_OUT = Path("runs/train/blind")


def make_parser() -> cli.Parser:
    """Make the parser of the command line."""
    parser = cli.Parser(
        prog="python -m policies.train.blind",
        description="Search for the best ways to drive without a camera, and say how good they are.",
    )
    names = ", ".join((*SCENARIOS, PARK))
    parser.add_argument("families", nargs="*", metavar="FAMILY", help=f"{names} (default: all of them)")
    parser.add_argument(
        "--scenes", type=cli.bounded_int(10), default=SCENES, metavar="N", help="training scenes of each"
    )
    parser.add_argument(
        "--out", type=Path, default=DEFAULT_OUT, metavar="DIR", help=f"checkpoint folder (default: {DEFAULT_OUT})"
    )
    return parser


def main(arguments: Sequence[str]) -> int:
    """Run the command; bad input raises ``InputError``."""
    options = make_parser().parse_args(arguments)
    for name in options.families:
        if name not in (*SCENARIOS, PARK):
            raise unknown_name("family", name, (*SCENARIOS, PARK))
    plans = load_plans(options.out) if (options.out / CONFIG).is_file() else {}
    for name in options.families or (*SCENARIOS, PARK):
        found = search_named(name, options.scenes)
        plans = {kind: plan for kind, plan in plans.items() if kind.split()[0] != name}
        plans |= {one.kind: one.plan for one in found}
        save_plans(plans, options.out)
        print(describe_plans(name, found), flush=True)
    return cli.DONE


def describe_plans(name: str, found: Sequence[FoundPlan]) -> str:
    """Describe the plans of a family, with their success in training and in validation scenes."""
    lines = [
        f"{one.kind}: {one.plan.won}/{one.plan.scenes} training scenes, {one.unseen_won}/{one.unseen_scenes} "
        f"validation scenes; {one.plan.speed:g} x full speed along {one.plan.points}"
        for one in found
    ]
    won, scenes = sum(one.unseen_won for one in found), sum(one.unseen_scenes for one in found)
    return "\n".join([*lines, f"{name}: {won}/{scenes} validation scenes, {100 * won / max(1, scenes):.1f} %"])


if __name__ == "__main__":
    cli.run_cli(main)
