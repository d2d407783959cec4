"""Data sets of a few small frames, and parsers that misbehave."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from policies.dataset import DatasetWriter, Demonstration

EVIL = """
import os, signal, time
import numpy as np
from policies.dataset.isolated import worker
from policies.dataset.lerobot.reader import Dataset

def crash(*_):
    os.kill(os.getpid(), signal.SIGSEGV)

def hang(*_):
    time.sleep(600)

def eat(*_):
    eaten = []
    while True:
        eaten.append(np.empty(2**28, np.uint8))

Dataset.{method} = {deed}
main = worker.main
"""


def make_episode(number: int, length: int = 7, size: int = 32) -> Demonstration:
    rng = np.random.default_rng(number)
    values = rng.uniform(-1, 1, (length, 3)).astype(np.float32)
    states = np.zeros((length, 6), np.float32)
    pixels = np.repeat(rng.integers(0, 255, (length, 1, 1, 3), np.uint8), size, 1).repeat(size, 2)
    return Demonstration(None, "go", True, "expert", states, values, values, pixels=pixels)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A LeRobot data set of three episodes."""
    with DatasetWriter(tmp_path / "set") as writer:
        for number in range(3):
            writer.add(make_episode(number))
    return tmp_path / "set"


@pytest.fixture
def misbehave(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """``misbehave(method, deed)``: from now on, the parser's process does something evil in a method of its reader."""

    def prepare(method: str, deed: str) -> None:
        (tmp_path / "evil_parser.py").write_text(EVIL.format(method=method, deed=deed))
        monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
        monkeypatch.setattr("policies.dataset.isolated.dataset.WORKER", "evil_parser")

    return prepare
