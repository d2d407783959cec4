"""Laws of the run folder."""

from __future__ import annotations

import errno
import json
import os
import shutil
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest
from rows import MANIFEST, PLAN, make_row, make_rows

from scenarios.common.errors import InputError
from sim.results.codec import from_json, to_json
from sim.results.folder import RunFolder, check_out_folder
from sim.results.manifest import Manifest
from sim.results.run_files import read_run

RUN_0_1 = Path(__file__).parent / "run_0_1"  # as version 0.1 wrote it


def changed(path, value):
    """Return the manifest with other values."""
    manifest = to_json(MANIFEST)
    *where, last = path
    inner = manifest
    for name in where:
        inner = inner[name]
    inner[last] = value
    return from_json(Manifest, manifest, "here")


def written(folder, rows=(), manifest=MANIFEST):
    """Write a run's folder with these rows and without a summary."""
    with RunFolder(folder, manifest, resume=False) as made:
        made.append(rows)
    return folder


def test_rows_survive_the_writer(tmp_path):
    rows = make_rows()
    with RunFolder(tmp_path / "run", MANIFEST, resume=False) as folder:
        folder.append(rows[:10])
        folder.append(rows[10:])
    with RunFolder(tmp_path / "run", MANIFEST, resume=True) as folder:
        assert folder.rows_in_order(PLAN) == rows
        assert all(folder.has_block(block) for block in PLAN.blocks)


def test_rows_are_in_the_order_of_the_plan_whatever_order_they_came_in_and_also_when_the_folder_is_closed(tmp_path):
    rows = make_rows()
    with RunFolder(tmp_path / "run", MANIFEST, resume=False) as folder:
        folder.append(rows[10:])
        assert folder.rows_in_order(PLAN) == rows[10:]
        folder.append(rows[:10])
        assert folder.count_rows(PLAN) == len(rows)
        assert folder.rows_in_order(PLAN) == rows
    with RunFolder(tmp_path / "run", MANIFEST, resume=True) as folder:
        pass
    assert folder.rows_in_order(PLAN) == rows


def test_a_row_that_is_driven_takes_few_bytes_of_memory_whatever_it_says(tmp_path):
    some = [make_row("good", number, "success") for number in range(4000)]
    with RunFolder(tmp_path / "run", MANIFEST, resume=False) as folder:
        folder.append(some[:10])
        tracemalloc.start()
        try:
            for first in range(10, len(some), 10):
                folder.append(some[first : first + 10])
            held, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert all(folder.has_row(row.key) for row in some)
    assert held / len(some) < 100


def test_a_block_is_there_only_with_all_its_rows(tmp_path):
    with RunFolder(tmp_path / "run", MANIFEST, resume=False) as folder:
        folder.append(make_rows()[:9])
        assert not folder.has_block(PLAN.blocks[0])
        folder.append(make_rows()[:10])
        assert folder.has_block(PLAN.blocks[0])
        assert not folder.has_block(PLAN.blocks[1])


def test_a_row_that_is_there_is_not_written_twice(tmp_path):
    with RunFolder(tmp_path / "run", MANIFEST, resume=False) as folder:
        folder.append(make_rows()[:5])
        folder.append(make_rows()[:8])
        assert len((tmp_path / "run/episodes.jsonl").read_text().splitlines()) == 8


@pytest.mark.parametrize("keep", [1, 40, -1])
def test_an_incomplete_last_line_is_truncated_on_resume(tmp_path, keep):
    with RunFolder(tmp_path / "run", MANIFEST, resume=False) as folder:
        folder.append(make_rows()[:3])
    path = tmp_path / "run/episodes.jsonl"
    line = json.dumps(to_json(make_row("good", 3, "success")))
    path.write_text(path.read_text() + line[:keep])
    with RunFolder(tmp_path / "run", MANIFEST, resume=True) as folder:
        assert folder.count_rows(PLAN) == 3
        folder.append(make_rows()[3:4])
    assert [json.loads(text)["episode"] for text in path.read_text().splitlines()] == [0, 1, 2, 3]


def test_a_broken_line_elsewhere_is_named(tmp_path):
    with RunFolder(tmp_path / "run", MANIFEST, resume=False) as folder:
        folder.append(make_rows()[:3])
    path = tmp_path / "run/episodes.jsonl"
    path.write_text(path.read_text().replace('"episode": 1,', '"episode": ,'))
    with pytest.raises(InputError, match="line 2"):
        RunFolder(tmp_path / "run", MANIFEST, resume=True)


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        (("plan", "episodes"), 11, "12 episodes in each cell, and a run can only be extended"),
        (("plan", "suite_seed"), 1, "plan.suite_seed = 0"),
        (("renderer", "applied"), "tiny", "renderer was gl on llvmpipe, is tiny on llvmpipe"),
        (("python",), "3.99.0", "python was 3.11.9, is 3.99.0"),
        (("policies", "bad", "weights"), "ffff", "policies.bad.weights"),
        (("scenarios", "corridor", "spec"), "xyz", "scenarios.corridor.spec"),
    ],
)
def test_another_run_cannot_be_resumed_and_the_error_names_the_difference(tmp_path, path, value, named):
    RunFolder(tmp_path / "run", MANIFEST, resume=False).__exit__()
    before = (tmp_path / "run/manifest.json").read_text()
    with pytest.raises(InputError, match=named):
        RunFolder(tmp_path / "run", changed(path, value), resume=True)
    assert (tmp_path / "run/manifest.json").read_text() == before


def test_each_row_says_what_made_it(tmp_path):
    other = changed(("python",), "3.99.0")
    with RunFolder(tmp_path / "run", MANIFEST, resume=False) as folder:
        folder.append([replace(row, made_by=folder.made_by) for row in make_rows()[:2]])
    with RunFolder(tmp_path / "run", other, resume=True, anyway=True) as folder:
        folder.append([replace(row, made_by=folder.made_by) for row in make_rows()[:3]])
    run = read_run(tmp_path / "run")
    assert [run.manifest.made_by[row.made_by] for row in run.rows] == [{}, {}, {"python": "3.99.0"}]
    assert run.manifest.python == MANIFEST.python


def test_the_time_of_a_resume_is_added_to_the_manifest(tmp_path):
    RunFolder(tmp_path / "run", MANIFEST, resume=False).__exit__()
    RunFolder(tmp_path / "run", changed(("started",), "later"), resume=True).__exit__()
    manifest = json.loads((tmp_path / "run/manifest.json").read_text())
    assert (manifest["started"], manifest["resumed"]) == (MANIFEST.started, ["later"])


def test_two_runs_never_write_one_folder(tmp_path):
    with RunFolder(tmp_path / "run", MANIFEST, resume=False), pytest.raises(InputError, match="another process"):
        RunFolder(tmp_path / "run", MANIFEST, resume=True)


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOLCK])
def test_a_disk_without_locks_is_named_as_such_and_written_to(tmp_path, monkeypatch, number):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("fcntl.flock", refuse)
    with RunFolder(tmp_path / "run", MANIFEST, resume=False) as folder:
        (warning,) = folder.warnings
        folder.append(make_rows()[:3])
    assert f"has no file locks ({os.strerror(number)})" in warning
    assert "another process" not in warning
    assert len(read_run(tmp_path / "run").rows) == 3


@pytest.mark.parametrize("left", ["rows", "videos", "manifest"])
def test_what_a_run_leaves_that_is_killed_before_its_first_job_is_no_obstacle(tmp_path, left):
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "episodes.jsonl").touch()
    if left != "rows":
        (folder / "videos").mkdir()
    if left == "manifest":
        (folder / ".manifest.json.12-ab.partial").write_text("{")
    check_out_folder(folder, resume=False)
    assert written(folder, make_rows()[:3]) == folder
    assert len(read_run(folder).rows) == 3
    (tmp_path / "lost").mkdir()
    (tmp_path / "lost/episodes.jsonl").write_text("{}\n")
    with pytest.raises(InputError, match="is not empty"):
        check_out_folder(tmp_path / "lost", resume=False)


def test_an_unusable_out_folder_is_an_error_before_anything_is_written(tmp_path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full/notes.txt").write_text("mine")
    for out, words in [("file", "is a file"), ("full", "not empty"), ("file/below", "is a file, not a folder")]:
        with pytest.raises(InputError, match=words):
            check_out_folder(tmp_path / out, resume=False)
    with pytest.raises(InputError, match="no run to resume"):
        check_out_folder(tmp_path / "full", resume=True)
    with pytest.raises(InputError, match="no run to resume"):
        check_out_folder(tmp_path / "absent", resume=True)
    check_out_folder(tmp_path / "new/and/deep", resume=False)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "full", "notes.txt"]


def test_the_error_for_a_folder_that_contains_a_run_names_resume(tmp_path):
    RunFolder(tmp_path / "run", MANIFEST, resume=False).__exit__()
    with pytest.raises(InputError, match="add --resume"):
        check_out_folder(tmp_path / "run", resume=False)


def test_a_run_of_version_0_1_can_be_resumed(tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(RUN_0_1, folder)
    lines = (folder / "episodes.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "episodes.jsonl").write_bytes(b"".join(lines[:4]))
    before = read_run(RUN_0_1)
    with RunFolder(folder, replace(before.manifest, started="later"), resume=True) as resumed:
        assert all(resumed.has_row(row.key) for row in before.rows[:4])
        assert not resumed.has_row(before.rows[4].key)
        resumed.append(before.rows)
    assert (folder / "episodes.jsonl").read_bytes().startswith(b"".join(lines[:4]))
    assert read_run(folder).rows == before.rows
    assert read_run(folder).manifest == replace(before.manifest, resumed=("later",))


def test_a_row_that_is_driven_again_and_ends_otherwise_is_told_and_the_first_one_kept(tmp_path):
    first = make_row("good", 0, "success")
    with RunFolder(tmp_path / "run", MANIFEST, resume=False) as folder:
        folder.append([first])
        folder.append([first, replace(first, metrics={})])
        assert folder.changed == set()
        folder.append([replace(first, digest="other")])
        assert folder.changed == {first.key}
        assert folder.rows_in_order(PLAN) == [first]
