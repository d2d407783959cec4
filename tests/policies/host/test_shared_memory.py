"""Shared memory: what one side writes the other side sees, and a place without room is no error."""

from __future__ import annotations

import mmap
from pathlib import Path

import pytest

from policies.host.shared_memory import make_shared_memory


def test_what_one_side_writes_the_other_side_sees() -> None:
    made = make_shared_memory(4096)
    assert made is not None
    memory, path = made
    with open(path, "r+b") as file:
        other = mmap.mmap(file.fileno(), 0)
    Path(path).unlink()
    other[:5] = b"frame"
    assert (memory[:5], len(memory)) == (b"frame", 4096)


def test_without_a_place_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policies.host.shared_memory.SHARED_MEMORY", tmp_path)
    monkeypatch.setattr("policies.host.shared_memory.tempfile.mkstemp", _refuse)
    assert make_shared_memory(4096) is None


def test_without_room_there_is_none_and_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policies.host.shared_memory.SHARED_MEMORY", tmp_path)
    monkeypatch.setattr("policies.host.shared_memory.os.posix_fallocate", _refuse, raising=False)
    assert make_shared_memory(4096) is None
    assert not list(tmp_path.iterdir())


def _refuse(*_: object, **__: object) -> None:
    raise OSError("no space left on device")
