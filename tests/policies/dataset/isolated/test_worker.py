"""The process that parses a data set, asked as its parent does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from policies.dataset import Dataset
from policies.dataset.hdf5.reader import Hdf5Dataset
from policies.dataset.hdf5.writer import Hdf5Writer
from policies.dataset.isolated.worker import DatasetWorker, open_reader
from policies.host.parsers.texts import encode_text
from policies.host.standalone.messages import pack_message
from scenarios.common.errors import InputError

from .conftest import make_episode


@pytest.fixture
def worker(folder: Path) -> DatasetWorker:
    made = DatasetWorker({"folder": encode_text(str(folder)), "mapping": None, "memory": None})
    assert made.answer({})["length"] == 3
    return made


def test_the_layout_is_recognised_by_the_contents(folder: Path, tmp_path: Path) -> None:
    with Hdf5Writer(tmp_path / "hdf5") as writer:
        writer.add(make_episode(0))
    assert isinstance(open_reader(folder), Dataset)
    assert isinstance(open_reader(tmp_path / "hdf5"), Hdf5Dataset)
    with pytest.raises(InputError, match="not a LeRobot data set"):
        open_reader(tmp_path)


@pytest.mark.parametrize("endpoint", ["info", "signals", "fingerprint"])
def test_every_answer_can_be_sent(worker: DatasetWorker, endpoint: str) -> None:
    pack_message(worker.answer({"endpoint": endpoint, "episode": 1, "ended": []}))


def test_frames_come_as_many_as_are_asked_for_until_the_last(worker: DatasetWorker) -> None:
    worker.answer({"endpoint": "frames", "stream": 5, "episode": 0, "numbers": np.arange(5), "ended": []})
    answers = [worker.answer({"endpoint": "next", "stream": 5, "count": 1, "ended": []}) for _ in range(5)]
    assert [len(each["frames"]) for each in answers] == [1] * 5
    assert worker.answer({"endpoint": "next", "stream": 5, "count": 1, "ended": []}) == {
        "frames": [],
        "is_last": True,
    }


def test_a_stream_that_ended_is_forgotten(worker: DatasetWorker) -> None:
    worker.answer({"endpoint": "frames", "stream": 0, "episode": 0, "numbers": None, "ended": []})
    with pytest.raises(InputError, match="was closed while its frames were read"):
        worker.answer({"endpoint": "next", "stream": 0, "count": 1, "ended": [0]})
