"""Laws of the cache of held-out demonstrations."""

from __future__ import annotations

import ast
import errno
from pathlib import Path

import pytest

from scenarios.common.errors import InputError
from sim.offline.held_out import (
    HELD_OUT_SEED,
    OTHER_CODE,
    RECORDING_CODE,
    check_cache,
    default_cache_dir,
    ensure_held_out,
    hash_recording_code,
)

ROOT = Path(__file__).parents[3]
# Imported by recording code without influence on the data: command lines, other policies, worker processes.
WITHOUT_INFLUENCE = (
    "scenarios/common/cli.py",
    "policies/registry.py",
    "policies/host",  # the expert has none
    "policies/names",  # which policy a command asks for
    "policies/inference/runtime.py",  # how many workers record
    "sim/workers",
    "sim/record/collection.py",
    "sim/record/views",  # no demonstrations
)


def test_held_out_sets_are_recorded_once_and_are_complete(tmp_path, monkeypatch):
    made = []

    def fake_record(plan, out, workers):
        made.append(plan)
        (out / "data").write_text("x")

    monkeypatch.setattr("sim.record.dataset.record_dataset", fake_record)
    first = ensure_held_out("corridor", tmp_path)
    assert ensure_held_out("corridor", tmp_path) == first
    assert (first / "data").read_text() == "x"
    assert len(made) == 1
    assert made[0].suite_seed == HELD_OUT_SEED
    assert [path for path in tmp_path.iterdir() if path.is_dir()] == [first]


def test_a_failed_recording_leaves_no_folder(tmp_path, monkeypatch):
    def broken(plan, out, workers):
        (out / "data").write_text("half")
        raise RuntimeError("no")

    monkeypatch.setattr("sim.record.dataset.record_dataset", broken)
    with pytest.raises(RuntimeError):
        ensure_held_out("corridor", tmp_path)
    assert [path for path in tmp_path.iterdir() if path.is_dir()] == []


def test_changed_code_causes_a_new_recording(tmp_path, monkeypatch):
    monkeypatch.setattr("sim.record.dataset.record_dataset", lambda plan, out, workers: None)
    first = ensure_held_out("corridor", tmp_path)
    monkeypatch.setattr("sim.offline.held_out._code_hash", lambda: "other")
    assert ensure_held_out("corridor", tmp_path) != first


def test_without_locks_the_first_recording_is_kept(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOSYS, "no locks")

    def record_second(plan, out, workers):
        (out / "data").write_text("second")
        first.mkdir()
        (first / "data").write_text("first")

    monkeypatch.setattr("fcntl.flock", refuse)
    monkeypatch.setattr("sim.record.dataset.record_dataset", lambda plan, out, workers: None)
    first = ensure_held_out("corridor", tmp_path)
    first.rmdir()
    monkeypatch.setattr("sim.record.dataset.record_dataset", record_second)
    assert ensure_held_out("corridor", tmp_path) == first
    assert (first / "data").read_text() == "first"
    assert [path for path in tmp_path.iterdir() if path.is_dir()] == [first]


@pytest.mark.parametrize("cause", ["file", "read-only", "no home"])
def test_a_cache_that_can_not_be_written_to_is_bad_input_that_names_the_variable(tmp_path, monkeypatch, cause):
    monkeypatch.setenv("MOBILE_VLA_CACHE", str(tmp_path / "cache"))
    if cause == "file":
        (tmp_path / "cache").write_text("mine")
    elif cause == "read-only":
        monkeypatch.setattr("os.access", lambda *_, **__: False)
    else:
        for name in ("MOBILE_VLA_CACHE", "XDG_CACHE_HOME", "HOME"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setattr("pathlib.Path.home", _no_home)
    with pytest.raises(InputError, match="set MOBILE_VLA_CACHE"):
        check_cache(["corridor"])


def test_a_full_cache_need_not_be_written_to(tmp_path, monkeypatch):
    monkeypatch.setenv("MOBILE_VLA_CACHE", str(tmp_path))
    monkeypatch.setattr("sim.record.dataset.record_dataset", lambda plan, out, workers: None)
    ensure_held_out("corridor")
    monkeypatch.setattr("os.access", lambda *_, **__: False)
    check_cache(["corridor"])
    with pytest.raises(InputError, match="is not writable; set MOBILE_VLA_CACHE"):
        check_cache(["corridor", "doorway"])


def _no_home():
    raise RuntimeError("Could not determine home directory.")


def test_the_cache_folder_follows_its_variable(tmp_path, monkeypatch):
    monkeypatch.setenv("MOBILE_VLA_CACHE", str(tmp_path))
    assert default_cache_dir() == tmp_path
    monkeypatch.delenv("MOBILE_VLA_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache_dir() == tmp_path / "mobile-vla-sim"


def is_below(name, parts):
    return any(Path(name).is_relative_to(part) for part in parts)


@pytest.fixture
def code(tmp_path):
    """A tree with one small file for each folder and file of code."""
    for part in (*RECORDING_CODE, *OTHER_CODE, "sim/report"):
        file = tmp_path / part if part.endswith(".py") else tmp_path / part / "inner" / "some.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x = 1\n")
    return tmp_path


@pytest.mark.parametrize("part", RECORDING_CODE)
def test_a_change_of_recording_code_changes_the_key(code, part):
    before = hash_recording_code(code)
    file = code / part if part.endswith(".py") else code / part / "inner" / "some.py"
    file.write_text("x = 2\n")
    changed = hash_recording_code(code)
    assert changed != before
    if file.parent.name == "inner":
        (file.parent / "new.py").write_text("")
        assert hash_recording_code(code) != changed


@pytest.mark.parametrize("part", ["scenarios/common/cli.py", "scenarios/perturbations", "sim/report", "__pycache__"])
def test_a_change_of_anything_else_keeps_the_key(code, part):
    before = hash_recording_code(code)
    file = code / part if part.endswith(".py") else code / part / "inner" / "some.py"
    if part == "__pycache__":
        file = code / "envs" / part / "some.pyc"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("x = 2\n")
    assert hash_recording_code(code) == before


def imported_files(file):
    """Yield the files of this project that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            module = ROOT / name.replace(".", "/")
            yield from (found for found in (module.with_suffix(".py"), module / "__init__.py") if found.is_file())


def test_all_that_recording_imports_is_in_the_key():
    waiting, seen = list((ROOT / "sim" / "record").rglob("*.py")), set()
    assert waiting
    while waiting:
        file = waiting.pop()
        name = file.relative_to(ROOT).as_posix()
        if name not in seen and not is_below(name, WITHOUT_INFLUENCE):
            seen.add(name)
            waiting += imported_files(file)
    assert "envs/simulation/simulation.py" in seen
    assert "scenarios/families/corridor.py" in seen
    left_out = {name for name in seen if not is_below(name, RECORDING_CODE) or is_below(name, OTHER_CODE)}
    assert {name for name in left_out if (ROOT / name).stat().st_size > 0 and not name.endswith("__init__.py")} == set()


def test_the_parts_of_the_key_exist():
    assert all((ROOT / part).exists() for part in (*RECORDING_CODE, *OTHER_CODE))
