"""A data set that is parsed in another process: equal to one that is parsed here, and no danger to this process."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from policies.dataset.episodes import open_dataset
from policies.dataset.hdf5.writer import Hdf5Writer
from policies.dataset.isolated import dataset as isolated
from policies.dataset.isolated.dataset import IsolatedDataset
from policies.dataset.isolated.worker import open_reader
from policies.host.parsers.parser_process import ParserProcess
from scenarios.common.errors import InputError
from sim.offline import __main__ as offline

from .conftest import make_episode

Misbehave = Callable[[str, str], None]
SENTENCES = {
    "crash": "ended the process that reads it (killed by SIGSEGV",
    "hang": "no answer within 1 s",
    "eat": "can't be read in 4 GiB of memory",
}


def assert_equal(first: object, second: object) -> None:
    """Two episodes are equal, with arrays of the same types."""
    assert vars(first).keys() == vars(second).keys()
    for name, wanted in vars(first).items():
        found = getattr(second, name)
        if isinstance(wanted, np.ndarray):
            assert found.dtype == wanted.dtype
            np.testing.assert_array_equal(found, wanted)
        else:
            assert found == wanted


@pytest.mark.parametrize("layout", ["lerobot", "hdf5"])
def test_it_is_equal_to_a_set_that_is_parsed_in_this_process(folder: Path, tmp_path: Path, layout: str) -> None:
    if layout == "hdf5":
        folder = tmp_path / "hdf5"
        with Hdf5Writer(folder) as writer:
            writer.add(make_episode(0))
            writer.add(make_episode(1, length=3))
    there, here = IsolatedDataset(folder), open_reader(folder)
    for name in ("root", "fps", "mapping", "notes", "fingerprint"):
        assert getattr(there, name) == getattr(here, name)
    assert len(there) == len(here)
    for number, (first, second) in enumerate(zip(here, there, strict=True)):
        assert_equal(first, second)
        assert there.info(number) == here.info(number)
        assert_equal(here.signals(number), there.signals(number))


def test_streams_of_several_episodes_may_be_read_side_by_side_or_left(folder: Path) -> None:
    there, here = IsolatedDataset(folder), open_reader(folder)
    streams = [there.frames(number, [0, 2, 3, 6]) for number in range(3)]
    for _ in range(2):
        for each in streams:
            next(each)
    streams.pop(0).close()  # type: ignore[attr-defined]
    gc.collect()
    assert [len(list(each)) for each in streams] == [2, 2]
    np.testing.assert_array_equal(list(there.frames(2, [1, 6])), list(here.frames(2, [1, 6])))
    assert list(there.frames(0, [])) == []


@pytest.mark.parametrize("size", [0, 5000])
def test_frames_that_have_no_room_in_the_shared_memory_come_all_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(isolated, "make_shared_memory", lambda _: None)
    if size:
        monkeypatch.undo()
        monkeypatch.setattr(isolated, "_MEMORY_BYTES", size)  # one frame and a half
    there, here = IsolatedDataset(folder), open_reader(folder)
    np.testing.assert_array_equal(list(there.frames(1)), list(here.frames(1)))


def test_frames_belong_to_whoever_got_them(folder: Path) -> None:
    there = IsolatedDataset(folder)
    kept = list(there.frames(0))
    copies = [frame.copy() for frame in kept]
    list(there.frames(1))
    np.testing.assert_array_equal(kept, copies)
    kept[0][...] = 0  # raises where it can't be written to


def test_closing_ends_its_process_and_the_next_request_starts_another_one(folder: Path) -> None:
    dataset = IsolatedDataset(folder)
    frames = dataset.frames(0)
    next(frames)
    dataset.close()
    dataset.close()
    assert dataset.signals(1).length == 7
    with pytest.raises(InputError, match="was closed while its frames were read"):
        list(frames)


@pytest.mark.parametrize("number", [-1, 3])
def test_an_episode_that_is_not_there_is_an_index_error(folder: Path, number: int) -> None:
    dataset = IsolatedDataset(folder)
    for read in (dataset.info, dataset.signals, dataset.frames, dataset.demonstration):
        with pytest.raises(IndexError, match="has episodes 0 to 2"):
            read(number)


def test_the_frames_before_a_damaged_one_are_read(folder: Path, misbehave: Misbehave) -> None:
    misbehave("frames", "lambda self, *_: self._spoil()\n" + SPOIL)
    frames = IsolatedDataset(folder).frames(0)
    assert [int(next(frames)[0, 0, 0]) for _ in range(5)] == [0, 1, 2, 3, 4]
    with pytest.raises(InputError, match=r"^the sixth is damaged$"):
        next(frames)


SPOIL = """
import numpy as np
from scenarios.common.errors import InputError
def spoil(self):
    for value in range(5):
        yield np.full((2, 2, 3), value, np.uint8)
    raise InputError("the sixth is damaged")
Dataset._spoil = spoil
"""


@pytest.mark.parametrize("deed", ["crash", "hang", "eat"])
@pytest.mark.parametrize("method", ["_open", "signals", "frames"])
def test_a_parser_that_crashes_hangs_or_eats_memory_is_one_sentence(
    folder: Path, misbehave: Misbehave, monkeypatch: pytest.MonkeyPatch, method: str, deed: str
) -> None:
    misbehave(method, deed)
    if method != "_open":
        dataset = open_dataset(folder)
    if deed == "hang":
        ask = ParserProcess.ask
        monkeypatch.setattr(ParserProcess, "ask", lambda self, request, _=None: ask(self, request, 1.0))
    with pytest.raises(InputError) as raised:
        open_dataset(folder) if method == "_open" else getattr(dataset, method)(0)
    assert f"the data set {folder}" in str(raised.value)
    assert SENTENCES[deed] in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("method", ["_open", "signals"])
def test_a_command_whose_data_set_crashes_its_parser_ends_with_a_sentence(
    folder: Path, misbehave: Misbehave, method: str
) -> None:
    misbehave(method, "crash")
    with pytest.raises(InputError, match="killed by SIGSEGV"):
        offline.main(["--policy", "zero", "--dataset", str(folder)])


def test_neither_parsers_nor_torch_are_loaded_in_this_process_nor_torch_in_the_other(folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from policies.dataset.episodes import open_dataset\n"
        f"list(open_dataset(Path({str(folder)!r})))\n"
        "print([name for name in ('torch', 'pyarrow', 'av', 'h5py') if name in sys.modules])\n"
        "import policies.dataset.isolated.worker; print('torch' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.splitlines() == ["[]", "False"]
