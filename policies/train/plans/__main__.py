"""``python -m policies.train.plans``: search for the best ways to drive without a camera, and say how good they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from policies.scripted.plans import CONFIG, Plan, load_plans, name_kind, save_plans
from policies.train.plans.scenes import SceneArrays, arrange_scenes
from policies.train.plans.search import search_plan, try_plan
from scenarios.common import cli
from scenarios.common.seeding import make_generator
from scenarios.common.splits import TRAIN, VALIDATION
from scenarios.registry import SCENARIOS


def make_parser() -> cli.Parser:
    """Make the parser of the command line."""
    parser = cli.Parser(
        prog="python -m policies.train.plans",
        description="Search for the best ways to drive without a camera, and say how good they are.",
    )
    parser.add_argument("families", nargs="*", metavar="FAMILY", help="families (default: all)")
    parser.add_argument("--scenes", type=cli.bounded_int(10), default=300, metavar="N", help="training scenes of each")
    parser.add_argument("--out", type=Path, default=Path("runs/train/blind"), metavar="DIR", help="checkpoint folder")
    return parser


def main(arguments: Sequence[str]) -> int:
    """Run the command; bad input raises ``InputError``."""
    options = make_parser().parse_args(arguments)
    plans = load_plans(options.out) if (options.out / CONFIG).is_file() else {}
    for family in options.families or SCENARIOS:
        for old in [kind for kind in plans if kind.split()[0] == family]:
            del plans[old]
        plans |= search_family(family, options.scenes)
        save_plans(plans, options.out)
    return cli.DONE


def draw_scenes(family: str, seed: int, count: int) -> dict[str, SceneArrays]:
    """Draw scenes of a family, by the kind of their task."""
    by_kind = defaultdict(list)
    for number in range(count):
        world = SCENARIOS[family].world(seed, number)
        by_kind[name_kind(family, world.instruction)].append(world)
    return {kind: arrange_scenes(worlds) for kind, worlds in sorted(by_kind.items())}


def search_family(family: str, count: int) -> dict[str, Plan]:
    """Search for the plans of a family, and print how often they succeed in training and in validation scenes."""
    train, unseen = draw_scenes(family, TRAIN.start, count), draw_scenes(family, VALIDATION.start, count)
    plans = {}
    total = np.zeros(2, int)
    for kind, scenes in train.items():
        plan = plans[kind] = search_plan(scenes, make_generator(0, f"plans/{kind}"))
        won, of = 0, 0
        if kind in unseen:
            won, of = int(try_plan(unseen[kind], np.array(plan.points), plan.speed).sum()), unseen[kind].size
        total += won, of
        print(f"{kind}: {plan.won}/{plan.scenes} training, {won}/{of} validation; {plan.speed:g} x {plan.points}")
    print(f"{family}: {total[0]}/{total[1]} validation scenes, {100 * total[0] / total[1]:.1f} %", flush=True)
    return plans


if __name__ == "__main__":
    cli.run_cli(main)
