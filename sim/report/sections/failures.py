"""The gallery of failures: each beside the scene in which it happened, with the path up to its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sim.report.sections.paths import PathPoints
from sim.report.sections.scene_map import SceneMap, draw_scene, sample_scene
from sim.results.manifest import ScenarioFacts
from sim.results.row import EpisodeRow, RowKey

MAX_FAILURES = 18


class FailurePicture(NamedTuple):
    """A failed episode and its map."""

    row: EpisodeRow
    scene: SceneMap


def select_failures(rows: Sequence[EpisodeRow]) -> list[EpisodeRow]:
    """Select at most ``MAX_FAILURES``: every kind in every scenario comes first, then every cell, then the rest."""
    kinds: Counter[tuple[str, str]] = Counter()
    cells: Counter[tuple[object, str]] = Counter()
    ranked: list[tuple[int, int, int, EpisodeRow]] = []
    for place, row in enumerate(rows):
        if row.success or row.error:
            continue
        ranked.append((kinds[row.scenario, row.ending], cells[row.cell, row.ending], place, row))
        kinds[row.scenario, row.ending] += 1
        cells[row.cell, row.ending] += 1
    first = [each for each in sorted(ranked, key=lambda each: each[:3]) if each[0] == 0]
    rest = sorted((each for each in ranked if each[0] > 0), key=lambda each: each[1:3])
    return [row for *_, row in (*first, *rest)][:MAX_FAILURES]


def draw_failures(
    chosen: Sequence[EpisodeRow], scenarios: Mapping[str, ScenarioFacts], paths: Mapping[RowKey, PathPoints]
) -> list[FailurePicture]:
    """Draw the chosen failures whose worlds can be sampled again."""
    found = []
    for row in chosen:
        facts = scenarios.get(row.scenario)
        world = sample_scene(row, facts.spec if facts else None)
        if world is not None:
            found.append(FailurePicture(row, draw_scene(world, paths.get(row.key, []))))
    return found
