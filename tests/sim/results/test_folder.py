"""Laws of the run folder."""

from __future__ import annotations

import copy
import json

import pytest
from rows import MANIFEST, PLAN, make_row, make_rows

from scenarios.common.errors import InputError
from sim.results.folder import RunFolder, check_out_folder, write_parquet
from sim.results.row import COLUMNS


def changed(path, value):
    manifest = copy.deepcopy(MANIFEST)
    *where, last = path
    inner = manifest
    for name in where:
        inner = inner[name]
    inner[last] = value
    return manifest


def test_rows_survive_the_writer(tmp_path):
    rows = make_rows()
    with RunFolder(tmp_path / "run", MANIFEST, resume=False) as folder:
        folder.append(rows[:10])
        folder.append(rows[10:])
    with RunFolder(tmp_path / "run", MANIFEST, resume=True) as folder:
        assert folder.rows_in_order(PLAN) == rows
        assert all(folder.has_block(block) for block in PLAN.blocks)


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
def test_a_half_written_last_line_is_cut_away_on_resume(tmp_path, keep):
    with RunFolder(tmp_path / "run", MANIFEST, resume=False) as folder:
        folder.append(make_rows()[:3])
    path = tmp_path / "run/episodes.jsonl"
    line = json.dumps(make_row("good", 3, "success"))
    path.write_text(path.read_text() + line[:keep])
    with RunFolder(tmp_path / "run", MANIFEST, resume=True) as folder:
        assert len(folder.rows) == 3
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
        (("plan", "episodes"), 13, "plan.episodes = 12"),
        (("plan", "suite_seed"), 1, "plan.suite_seed = 0"),
        (("renderer", "applied"), "tiny", "renderer.applied = gl"),
        (("policies", "bad", "weights"), "ffff", "policies.bad.weights"),
        (("scenarios", "corridor", "spec"), "xyz", "scenarios.corridor.spec"),
    ],
)
def test_another_run_can_not_be_resumed_and_the_difference_is_named(tmp_path, path, value, named):
    RunFolder(tmp_path / "run", MANIFEST, resume=False).__exit__()
    before = (tmp_path / "run/manifest.json").read_text()
    with pytest.raises(InputError, match=named):
        RunFolder(tmp_path / "run", changed(path, value), resume=True)
    assert (tmp_path / "run/manifest.json").read_text() == before


def test_the_time_of_a_resume_stands_beside_the_first(tmp_path):
    RunFolder(tmp_path / "run", MANIFEST, resume=False).__exit__()
    RunFolder(tmp_path / "run", changed(("started",), "later"), resume=True).__exit__()
    manifest = json.loads((tmp_path / "run/manifest.json").read_text())
    assert (manifest["started"], manifest["resumed"]) == (MANIFEST["started"], ["later"])


def test_two_runs_never_write_one_folder(tmp_path):
    with RunFolder(tmp_path / "run", MANIFEST, resume=False), pytest.raises(InputError, match="another process"):
        RunFolder(tmp_path / "run", MANIFEST, resume=True)


def test_an_out_that_can_not_be_is_refused_before_anything_is_written(tmp_path):
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


def test_a_folder_that_holds_a_run_says_how_to_go_on(tmp_path):
    RunFolder(tmp_path / "run", MANIFEST, resume=False).__exit__()
    with pytest.raises(InputError, match="add --resume"):
        check_out_folder(tmp_path / "run", resume=False)


def test_the_parquet_table_says_the_same_as_the_rows(tmp_path):
    import pyarrow.parquet as pq

    write_parquet(tmp_path / "t.parquet", make_rows())
    table = pq.read_table(tmp_path / "t.parquet")
    assert tuple(table.column_names) == COLUMNS
    assert table.to_pylist() == make_rows()
    write_parquet(tmp_path / "t.parquet", [])
    assert pq.read_table(tmp_path / "t.parquet").schema == table.schema
