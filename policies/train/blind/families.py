"""The plans of whole families: one for each kind of task that the words tell apart, and one place to park."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from policies.scripted.plans import CONFIG, PARK, Plan, find_kinds, load_plans, save_plans
from policies.train.blind.scenes import SceneArrays, arrange_scenes
from policies.train.blind.search import search_plan, try_plan
from policies.train.loop.log import log_stage
from policies.train.loop.stages import publish_checkpoint
from policies.train.loop.training_run import TrainingRun
from scenarios.common.seeding import make_generator
from scenarios.common.splits import TRAIN, VALIDATION
from scenarios.registry import SCENARIOS
from scenarios.world import World

SCENES = 600  # of each family, to search in, and as many to validate in


@dataclass(frozen=True)
class FoundPlan:
    """A plan, and how often it succeeds in validation scenes, which the search didn't see."""

    kind: str
    plan: Plan
    unseen_won: int
    unseen_scenes: int


def search_all(out: Path, run: TrainingRun) -> None:
    """Search for the plans of all families, and a place to park; what ``run.work`` already holds is kept.

    Args:
        out: Folder of the checkpoint.
    """
    folder = run.work / "plans"
    plans = load_plans(folder) if (folder / CONFIG).is_file() else {}
    with log_stage("plans", run):
        for name in (*SCENARIOS, PARK):
            if not any(kind.split()[0] == name for kind in plans):
                plans |= {each.kind: each.plan for each in search_named(name, SCENES)}
                save_plans(plans, folder)
    publish_checkpoint(folder, out)
    run.console.print(f"saved the plans of {len(plans)} kinds of tasks to {out}")


def search_named(name: str, count: int) -> list[FoundPlan]:
    """Search for the plans of a family, or for a place to park."""
    if name != PARK:
        return search_family(name, count)
    found = search_parking(count)
    return [] if found is None else [found]


def search_family(family: str, count: int) -> list[FoundPlan]:
    """Search for the plans of a family in as many training scenes, and try them in as many validation scenes."""
    train, unseen = (
        _sort_by_kind(family, _draw_worlds(family, seed, count)) for seed in (TRAIN.start, VALIDATION.start)
    )
    return [_search(kind, worlds, unseen.get(kind, [])) for kind, worlds in sorted(train.items())]


def search_parking(count: int) -> FoundPlan | None:
    """Search for the best place to wait in the families whose goal moves; None if there is no such family."""
    train, unseen = (
        [world for family in SCENARIOS for world in _draw_worlds(family, seed, count, only_moving=True)]
        for seed in (TRAIN.start, VALIDATION.start)
    )
    return _search(PARK, train, unseen, most_points=1) if train else None


def _draw_worlds(family: str, seed: int, count: int, *, only_moving: bool = False) -> list[World]:
    if only_moving and SCENARIOS[family].world(seed, 0).goal_index is None:
        return []
    return [SCENARIOS[family].world(seed, number) for number in range(count)]


def _sort_by_kind(family: str, worlds: list[World]) -> dict[str, list[World]]:
    found = defaultdict(list)
    for world in worlds:
        found[find_kinds(world.instruction).get(family, family)].append(world)
    return found


def _search(kind: str, train: list[World], unseen: list[World], **limits: int) -> FoundPlan:
    plan = search_plan(arrange_scenes(train), make_generator(0, f"blind/{kind}"), **limits)
    return FoundPlan(kind, plan, _count_won(plan, arrange_scenes(unseen)) if unseen else 0, len(unseen))


def _count_won(plan: Plan, scenes: SceneArrays) -> int:
    return int(try_plan(scenes, np.array(plan.points), plan.speed).sum())
