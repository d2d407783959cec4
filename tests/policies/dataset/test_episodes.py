from __future__ import annotations

import inspect
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from policies.dataset import Dataset, DatasetWriter
from policies.dataset.episodes import EpisodeDataset, open_dataset
from policies.dataset.hdf5.reader import Hdf5Dataset
from policies.dataset.hdf5.writer import Hdf5Writer
from policies.dataset.isolated.dataset import IsolatedDataset
from policies.dataset.isolated.worker import open_reader
from scenarios.common.errors import InputError

from .conftest import MakeDemonstration


@pytest.mark.parametrize("writer", [DatasetWriter, Hdf5Writer])
def test_a_folder_is_read_in_the_layout_that_it_has(
    tmp_path: Path, demonstration: MakeDemonstration, writer: type
) -> None:
    with writer(tmp_path / "set") as open_writer:
        for number in range(2):
            open_writer.add(demonstration(3, number))
    dataset = open_dataset(tmp_path / "set")
    assert dataset.root == tmp_path / "set"
    assert [each.instruction for each in dataset] == [dataset.info(k).instruction for k in range(len(dataset))]
    dataset.close()
    assert dataset.demonstration(1).length == 3


@pytest.mark.parametrize("reader", [Dataset, Hdf5Dataset, IsolatedDataset])
def test_all_readers_have_all_of_the_protocol(reader: type) -> None:
    wanted = {name for name, _ in inspect.getmembers(EpisodeDataset) if not name.startswith("_")}
    assert wanted >= {"fps", "fingerprint", "info", "demonstration", "close"}
    assert {name for name in wanted - {"root", "mapping", "fps", "notes"} if not hasattr(reader, name)} == set()


@pytest.mark.parametrize("open_set", [open_dataset, open_reader])
@pytest.mark.parametrize("writer", [DatasetWriter, Hdf5Writer])
def test_frames_are_read_a_few_at_a_time_whatever_the_length_of_an_episode(
    tmp_path: Path, demonstration: MakeDemonstration, writer: type, open_set: Callable[[Path], EpisodeDataset]
) -> None:
    with writer(tmp_path / "set") as open_writer:
        original = demonstration(160, 0, 256)
        open_writer.add(original)
    dataset = open_set(tmp_path / "set")
    tracemalloc.start()
    try:
        assert sum(1 for _ in dataset.frames(0)) == 160
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak_bytes < original.pixels.nbytes / 3


def test_a_folder_of_neither_layout_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a LeRobot data set"):
        open_dataset(tmp_path)
