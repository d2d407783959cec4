"""The files of a run are read as they were written, and damaged ones are named."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
from rows import FACTS, MANIFEST, PLAN, make_rows

from scenarios.common.errors import InputError
from sim.analysis.summary import summarise_run
from sim.results.codec import to_json
from sim.results.folder import RunFolder
from sim.results.row import column_names
from sim.results.run_files import read_run, write_json, write_parquet

RUN_0_1 = Path(__file__).parent / "run_0_1"  # as version 0.1 wrote it
LATER_KEYS = {"phrase", "phrases", "instruction", "policy_call_ms", "made_by"}


def written(folder, rows):
    """Write a run's folder with these rows and without a summary."""
    with RunFolder(folder, MANIFEST, resume=False) as made:
        made.append(rows)
    return folder


def test_the_parquet_table_contains_the_same_values_as_the_rows(tmp_path):
    import pyarrow.parquet as pq

    write_parquet(tmp_path / "t.parquet", make_rows())
    table = pq.read_table(tmp_path / "t.parquet")
    assert tuple(table.column_names) == column_names()
    assert table.to_pylist() == to_json(make_rows())
    write_parquet(tmp_path / "t.parquet", [])
    assert pq.read_table(tmp_path / "t.parquet").schema == table.schema


def test_a_row_may_be_longer_than_a_block_of_the_table_s_reader(tmp_path):
    import pyarrow.parquet as pq

    rows = [replace(row, error="x" * (3 << 20)) for row in make_rows()]
    write_parquet(tmp_path / "t.parquet", rows)
    assert pq.read_table(tmp_path / "t.parquet").column("error").to_pylist() == [row.error for row in rows]


def test_a_run_is_read_as_it_was_written(tmp_path):
    folder, rows = written(tmp_path / "run", make_rows()), make_rows()
    summary = summarise_run(PLAN, rows, [], FACTS)
    write_json(folder / "summary.json", to_json(summary))
    for where in (folder, str(folder)):
        run = read_run(where)
        assert (run.path, run.manifest, run.rows, run.summary) == (folder, MANIFEST, tuple(rows), summary)


def test_an_unfinished_run_has_the_rows_so_far_and_no_summary(tmp_path):
    folder = written(tmp_path / "run", make_rows()[:3])
    with (folder / "episodes.jsonl").open("a") as stream:
        stream.write('{"policy": "good", "scena')
    run = read_run(folder)
    assert (len(run.rows), run.summary) == (3, None)
    (folder / "episodes.jsonl").unlink()
    assert read_run(folder).rows == ()


def test_an_unreadable_file_is_named_with_its_line(tmp_path):
    with pytest.raises(InputError, match=r"is not a run folder: it contains no manifest\.json"):
        read_run(tmp_path)
    folder = written(tmp_path / "run", make_rows()[:3])
    path = folder / "episodes.jsonl"
    whole = path.read_text()
    path.write_text(whole.replace('"episode": 1,', '"episode": "one",'))
    with pytest.raises(InputError, match=r"episodes.jsonl' line 2 is not a.*expected int, not str @ .episode"):
        read_run(folder)
    path.write_text(whole)
    (folder / "summary.json").write_text("{}")
    with pytest.raises(InputError, match=r"summary.json' is not a valid Summary.*'complete' is missing"):
        read_run(folder)
    (folder / "manifest.json").write_text("{")
    with pytest.raises(InputError, match=r"manifest.json' is not valid JSON"):
        read_run(folder)


STRANGE = (
    None,
    True,
    -1,
    1e308,
    10**400,
    float("nan"),
    float("inf"),
    "",
    "\ud800",
    [],
    {},
    [[[]]],
    {"a": None},
    "x" * 9999,
)


def mutations(content, random):
    """Yield damaged contents of a JSON file: other bytes, cut off, doubled, and strange values in place of others."""
    for _ in range(40):
        place = random.randrange(len(content))
        yield content[:place] + bytes([random.randrange(256)]) + content[place + 1 :]
        yield content[:place]
        yield content[:place] + content[place:] * 2
    yield b"[" * 100_000
    yield b'{"a":' * 100_000
    lines = content.splitlines() if content.count(b"}\n{") else [content]
    for _ in range(150):
        value = json.loads(lines[0])
        inner = value
        while isinstance(inner, dict | list) and inner:
            where = random.choice(list(inner) if isinstance(inner, dict) else range(len(inner)))
            if not isinstance(inner[where], dict | list) or not inner[where] or random.random() < 0.3:
                inner[where] = random.choice(STRANGE)
                break
            inner = inner[where]
        yield b"\n".join([json.dumps(value).encode(), *lines[1:]]) + b"\n"


@pytest.mark.parametrize("name", ["manifest.json", "summary.json", "episodes.jsonl"])
def test_a_damaged_file_of_a_run_is_read_or_is_bad_input_in_one_sentence(tmp_path, name):
    folder = written(tmp_path / "run", make_rows())
    write_json(folder / "summary.json", to_json(summarise_run(PLAN, make_rows(), [], FACTS)))
    sound, told = (folder / name).read_bytes(), list[str]()
    for content in mutations(sound, random.Random(7)):
        (folder / name).write_bytes(content)
        try:
            read_run(folder)
        except InputError as error:
            told.append(str(error))
    assert len(told) > 100
    assert [text for text in told if "\n" in text or name not in text] == []


def drop_later(value):
    """Return JSON without the keys that came after version 0.1, all of which must be empty there."""
    if isinstance(value, list):
        return [drop_later(each) for each in value]
    if not isinstance(value, dict):
        return value
    assert {value[key] for key in LATER_KEYS & value.keys()} <= {None}
    return {key: drop_later(each) for key, each in value.items() if key not in LATER_KEYS}


def test_a_run_of_version_0_1_is_read_and_would_be_written_the_same_but_for_later_keys():
    run = read_run(RUN_0_1)
    assert (run.manifest.code.version, len(run.rows)) == ("0.1.0", 6)
    assert [cell.success.k for cell in run.summary.cells] == [3, 2]
    for name, value in (("manifest.json", run.manifest), ("summary.json", run.summary)):
        assert json.dumps(drop_later(to_json(value)), indent=2) == (RUN_0_1 / name).read_text().rstrip()
    lines = (RUN_0_1 / "episodes.jsonl").read_text().splitlines()
    assert [json.dumps(drop_later(to_json(row))) for row in run.rows] == lines
