"""Laws of the comparison: what moved is found, and the stage that moved by itself is blamed, not those after it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from sim.benchmark.golden.comparison import (
    SOURCES,
    StageChange,
    compare_runs,
    find_moved_frames,
    frames_of,
    name_subject,
)
from sim.benchmark.golden.stored import read_golden
from sim.benchmark.golden.suite import (
    CASES,
    LABELS,
    PHYSICS,
    RENDERERS,
    WORLDS,
    Stage,
    case_name,
    drives_of,
    rows_of,
    seen_by,
)

NAMES = [case_name(*case) for case in CASES]
CORRIDOR = NAMES.index("corridor")


@dataclass
class Runs:
    """Golden runs of invented hashes and frames."""

    stages: dict[str, Stage]
    frames: dict[str, np.ndarray] = field(
        default_factory=lambda: {name: np.full((len(NAMES), 8, 8, 3), 100, np.uint8) for name in RENDERERS}
    )

    def move(self, stage: str, case: str = "corridor") -> None:
        self.stages[stage].values[case] = "another"

    def paint(self, renderer: str, level: int) -> None:
        self.frames[renderer][CORRIDOR] = level


def make_runs() -> Runs:
    stages = {}
    for name in SOURCES:
        if name not in map(frames_of, RENDERERS):
            bound_to = f"device of {name}" if name in map(seen_by, RENDERERS) else ""
            stages[name] = Stage(dict.fromkeys(["corridor"] if bound_to else NAMES, name), bound_to)
    return Runs(stages)


def compare(now: Runs) -> dict[str, StageChange]:
    before = make_runs()
    return {each.stage: each for each in compare_runs(before.stages, now.stages, before.frames, now.frames)}


def blamed(now: Runs) -> list[str]:
    return [each.subject for each in compare(now).values() if each.own]


def test_equal_runs_differ_in_no_stage_and_every_stage_is_compared() -> None:
    found = compare(make_runs())
    assert list(found) == list(SOURCES)
    assert not any(each.moved or each.incomparable for each in found.values())
    assert {each.compared for name, each in found.items() if name not in map(seen_by, RENDERERS)} == {len(NAMES)}


def test_a_draw_that_moved_is_blamed_for_all_that_follows_from_it() -> None:
    now = make_runs()
    for stage in now.stages:
        now.move(stage)
    now.paint("gl", 0)
    now.paint("tiny", 0)
    found = compare(now)
    assert all(each.moved == ("corridor",) for each in found.values() if not each.incomparable)
    assert blamed(now) == ["draw of scenes"]


@pytest.mark.parametrize(
    ("stages", "subject"),
    [
        ((PHYSICS, drives_of("straight"), rows_of("straight"), seen_by("tiny")), "physics"),
        ((LABELS, drives_of("expert"), rows_of("expert")), "planner and expert"),
        ((drives_of("random"), rows_of("random")), "policy random"),
        ((rows_of("straight"), rows_of("random"), rows_of("expert")), "metrics"),
        ((seen_by("gl"),), "camera"),
    ],
)
def test_each_stage_is_blamed_where_it_moved_by_itself(stages: tuple[str, ...], subject: str) -> None:
    now = make_runs()
    for stage in stages:
        now.move(stage)
    assert set(blamed(now)) == {subject}


def test_a_stage_that_moved_by_itself_in_one_case_is_blamed_though_another_case_was_drawn_otherwise() -> None:
    now = make_runs()
    now.move(WORLDS, "rooms")
    now.move(PHYSICS, "rooms")
    now.move(PHYSICS, "corridor")
    found = compare(now)
    assert found[PHYSICS].moved == ("corridor", "rooms")
    assert found[PHYSICS].own == ("corridor",)
    assert blamed(now) == ["draw of scenes", "physics"]


def test_a_picture_that_moved_is_the_cameras_and_rounding_is_not() -> None:
    now = make_runs()
    now.paint("tiny", 120)
    assert blamed(now) == ["camera"]
    now = make_runs()
    now.frames["gl"][:, ::3, ::5] += 1  # another driver
    now.move(seen_by("gl"))
    found = compare(now)
    assert blamed(now) == []
    assert "rounds colours otherwise" in found[seen_by("gl")].incomparable
    assert found[seen_by("tiny")].incomparable == ""


def test_digests_of_another_device_are_not_compared() -> None:
    now = make_runs()
    now.stages[seen_by("gl")] = Stage({"corridor": "another"}, "a GPU")
    assert blamed(now) == []
    assert compare(now)[seen_by("gl")].incomparable == f"stored on device of {seen_by('gl')}, computed on a GPU"


def test_every_stage_has_a_subject_and_sources_before_it() -> None:
    for position, (stage, sources) in enumerate(SOURCES.items()):
        assert name_subject(stage)
        assert set(sources) <= set(list(SOURCES)[:position])


def change_light(frames: np.ndarray) -> np.ndarray:
    return (0.99 * frames).round()


def change_view(frames: np.ndarray) -> np.ndarray:
    return np.roll(frames, 1, axis=2)  # by a pixel


def lose_a_patch(frames: np.ndarray) -> np.ndarray:
    changed = frames.copy()
    changed[:, 50:64, 50:64] = 255 - changed[:, 50:64, 50:64]
    return changed


@pytest.mark.parametrize("change", [change_light, change_view, lose_a_patch])
def test_a_change_that_a_policy_could_see_moves_every_frame(change) -> None:
    frames = read_golden().frames["gl"]
    assert find_moved_frames(frames, change(frames.astype(float))) == frozenset(NAMES)


def test_two_renderers_draw_the_stored_frames_alike() -> None:
    frames = read_golden().frames
    assert find_moved_frames(frames["gl"], frames["tiny"]) == frozenset()
