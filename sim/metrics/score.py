"""Score of one finished episode: its failure kind, the items hit and reached, and its metrics."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scenarios.world import World
from sim.metrics.failures import classify_failure, find_collided_item
from sim.metrics.registry import compute_metrics
from sim.rollout.episode import Outcome
from sim.rollout.trace import EpisodeTrace


@dataclass(frozen=True)
class EpisodeScore:
    """Score of one finished episode."""

    failure: str | None
    """Its failure kind, one of ``sim.metrics.failures.FAILURES``; None for a success."""
    touched: str | None
    """Label of the item that the robot hit; None if it hit nothing."""
    goal: str
    """Name of the target that the instruction names."""
    reached: str | None
    """Name of the target that ended the episode; None if none did."""
    metrics: dict[str, float | None]
    """By name, see ``sim.metrics.registry``; None where one is undefined."""


def score_episode(trace: EpisodeTrace, world: World, outcome: Outcome) -> EpisodeScore:
    """Score one finished episode."""
    return EpisodeScore(
        classify_failure(trace, world, outcome),
        find_collided_item(trace, world),
        world.task.goal.name,
        find_reached_target(trace, world, outcome),
        compute_metrics(trace, world, outcome),
    )


def find_reached_target(trace: EpisodeTrace, world: World, outcome: Outcome) -> str | None:
    """Return the name of the target that ended the episode, the named one or another; None if none did."""
    x, y, _ = trace.poses[-1]
    goal = world.task.goal
    at_goal = math.dist((x, y), world.goal_at(trace.progress[-1]).xy) <= goal.radius_m
    if outcome.status == "success" or (outcome.status == "wrong-side" and at_goal):
        return goal.name
    if outcome.status != "wrong-target":
        return None
    places = {other.name: other.pose.xy for other in world.task.others}
    places |= zip((decoy.name for decoy in world.task.decoys), world.decoys_at(trace.progress[-1]), strict=True)
    return min(places, key=lambda name: math.dist((x, y), places[name]))
