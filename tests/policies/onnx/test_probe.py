"""The process that loads an ONNX file: it refuses what is no model or needs too much memory, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from policies.onnx import probe
from scenarios.common.errors import InputError

from .foreign.onnx_files import save_camera_policy


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return Path(save_camera_policy(tmp_path / "policy.onnx"))


def refuse(reason: str) -> object:
    def create_session(*_: object) -> None:
        raise ValueError(f"ONNX Runtime can't run it: {reason}")

    return create_session


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "policy.onnx").write_bytes(b"no model")
    with pytest.raises(InputError, match="is not an ONNX policy"):
        probe.load_file(tmp_path / "policy.onnx")


def test_a_model_that_needs_too_much_memory_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "create_session", refuse("std::bad_alloc"))
    with pytest.raises(MemoryError):
        probe.load_file(file)


def test_a_model_that_cannot_be_run_is_left_to_whoever_makes_the_policy(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    probe.load_file(file)
    monkeypatch.setattr(probe, "create_session", refuse("no such kernel"))
    probe.load_file(file)
