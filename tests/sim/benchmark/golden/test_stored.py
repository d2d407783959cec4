"""Laws of the stored golden runs: small, whole, explained by the change log, and never edited by hand."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scenarios.common.errors import InputError
from sim.benchmark.golden.stored import (
    CHANGELOG,
    DECISIVE,
    FOLDER,
    Renewal,
    check_line,
    hash_contents,
    join_blanks,
    join_sheet,
    read_golden,
    split_sheet,
    write_golden,
)
from sim.benchmark.golden.suite import CASES, FRAME_SIZE, Stage, case_name

LARGEST_FRAMES = 300_000  # bytes together


def test_every_renewal_is_explained_by_a_line_of_its_own_in_the_change_log() -> None:
    lines = [renewal.line for renewal in read_golden().renewals]
    assert len(set(lines)) == len(lines) > 0
    changelog = join_blanks(CHANGELOG.read_text())
    for line in lines:
        assert f"- {line}" in changelog, f"golden runs moved because '{line}', which CHANGELOG.md no longer says"


def test_frames_are_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.glob("*.png")) < LARGEST_FRAMES


def test_the_stored_runs_are_those_of_the_pinned_packages() -> None:
    pins = dict(re.findall(r"^([\w.-]+)==(\S+)$", (CHANGELOG.parent / "constraints.txt").read_text(), re.MULTILINE))
    made_with = read_golden().made_with
    assert {name: made_with[name] for name in DECISIVE} == {name: pins[name] for name in DECISIVE}


def test_what_is_written_is_read(tmp_path: Path) -> None:
    golden = read_golden()
    write_golden(golden, tmp_path)
    read = read_golden(tmp_path)
    assert (read.renewals, read.stages, read.made_with) == (golden.renewals, golden.stages, golden.made_with)
    assert all(np.array_equal(read.frames[name], frames) for name, frames in golden.frames.items())


def test_a_hash_that_was_edited_by_hand_is_refused(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    stored = json.loads((tmp_path / "golden.json").read_text())
    stored["stages"]["worlds"]["values"]["corridor"] = "0" * 64
    (tmp_path / "golden.json").write_text(json.dumps(stored))
    with pytest.raises(InputError, match="golden --renew LINE"):
        read_golden(tmp_path)


def test_a_frame_that_was_edited_by_hand_is_refused(tmp_path: Path) -> None:
    golden = read_golden()
    frames = {**golden.frames, "tiny": golden.frames["tiny"] ^ 1}
    write_golden(replace(golden, frames=frames), tmp_path)
    with pytest.raises(InputError, match="golden --renew LINE"):
        read_golden(tmp_path)


def test_contents_differ_with_every_part() -> None:
    stages, frames = {"worlds": Stage({"a": "1"})}, {"gl": np.zeros((1, 2, 2, 3), np.uint8)}
    others = (
        hash_contents({"worlds": Stage({"a": "2"})}, frames),
        hash_contents({"worlds": Stage({"a": "1"}, "a GPU")}, frames),
        hash_contents(stages, {"gl": frames["gl"] + np.uint8(1)}),
    )
    assert len({hash_contents(stages, frames), *others}) == 4


def test_a_sheet_shows_every_frame_in_its_place() -> None:
    frames = np.random.default_rng(0).integers(0, 256, (len(CASES), *FRAME_SIZE, 3), np.uint8)
    sheet = join_sheet(frames)
    np.testing.assert_array_equal(split_sheet(sheet), frames)
    np.testing.assert_array_equal(sheet[: FRAME_SIZE[0], FRAME_SIZE[1] : 2 * FRAME_SIZE[1]], frames[1])
    assert case_name(*CASES[1]) == "doorway"


def test_a_renewal_needs_a_line_that_the_change_log_has_and_no_other_renewal_had() -> None:
    changelog = "## Unreleased\n\n- Doors are\n  wider than before, so scenes move.\n- Other.\n"
    line = check_line("- Doors are wider than before,\n  so scenes move.", (), changelog)
    assert line == "Doors are wider than before, so scenes move."
    for wrong in ("Doors are narrower.", "", "- ", "wider than before, so"):
        with pytest.raises(InputError, match="no entry of"):
            check_line(wrong, (), changelog)
    with pytest.raises(InputError, match="an earlier renewal"):
        check_line("Doors are wider than before, so scenes move.", (Renewal(line, ""),), changelog)
