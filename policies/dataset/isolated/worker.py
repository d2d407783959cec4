"""The process that parses a data set: opens it, describes it, and answers for its episodes and frames."""

from __future__ import annotations

import mmap
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from policies.dataset.hdf5.episodes import find_files
from policies.dataset.hdf5.reader import Hdf5Dataset
from policies.dataset.isolated.messages import (
    encode_info,
    encode_mapping,
    encode_notes,
    encode_signals,
)
from policies.dataset.lerobot.layout import INFO_PATH
from policies.dataset.lerobot.reader import Dataset
from policies.host.parsers.answers import BAD_INPUT, limit_memory, serve_answers
from policies.host.parsers.texts import decode_text
from scenarios.common.errors import InputError, damage_as_input_error

_BATCH_BYTES = 512 << 10  # of frames in an answer that has several; copies of more cost more


def main(link: socket.socket, options: dict[str, Any]) -> None:
    """Answer the parent, whose first request opens the data set.

    Args:
        link: Connection to the parent.
        options: Its first message: the "folder", the "mapping" file or None, and the path of the shared "memory".
    """
    limit_memory()
    worker = DatasetWorker(options)
    serve_answers(link, f"the data set {decode_text(options['folder'])}", worker.answer)


def open_reader(folder: Path, mapping: Path | None = None) -> Dataset | Hdf5Dataset:
    """Open a data set in this process; its layout is recognised by the folder's contents.

    Args:
        folder: The data set's folder.
        mapping: A mapping file; None to guess from names, or to use ``mapping.yaml`` in the folder.

    Raises:
        InputError: The folder is in neither layout, or needs a mapping.
    """
    with damage_as_input_error(f"the data set {folder}", "it is damaged, or was edited by hand"):
        if folder.is_dir() and not (folder / INFO_PATH).exists() and find_files(folder):
            return Hdf5Dataset(folder, mapping)
        return Dataset(folder, mapping)


class DatasetWorker:
    """Answers requests for one data set.

    Args:
        options: What the parent told at the start.
    """

    def __init__(self, options: dict[str, Any]) -> None:
        self._folder = Path(decode_text(options["folder"]))
        self._mapping = None if options["mapping"] is None else Path(decode_text(options["mapping"]))
        self._memory = _open_memory(options["memory"])
        self._reader: Dataset | Hdf5Dataset | None = None
        self._streams: dict[int, Iterator[np.ndarray]] = {}

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer a request.

        Raises:
            InputError: The data set can't be read.
        """
        if self._reader is None:
            self._reader = open_reader(self._folder, self._mapping)
            return describe_dataset(self._reader)
        for number in request["ended"]:
            self._streams.pop(number, None)
        match request["endpoint"]:
            case "info":
                return encode_info(self._reader.info(request["episode"]))
            case "signals":
                return encode_signals(self._reader.signals(request["episode"]))
            case "fingerprint":
                return {"fingerprint": self._reader.fingerprint}
            case "frames":
                numbers = request["numbers"]
                frames = self._reader.frames(request["episode"], None if numbers is None else numbers.tolist())
                self._streams[request["stream"]] = frames
                return {}
            case _:
                return self._next_frames(request["stream"], request["count"])

    def _next_frames(self, stream: int, count: int) -> dict[str, Any]:
        """Read the next frames of a stream, not more than ``count`` and than the shared memory has room for."""
        if stream not in self._streams:
            raise InputError(f"the data set {self._folder} was closed while its frames were read")
        answer = self._read_frames(self._streams[stream], count)
        if answer["is_last"] or BAD_INPUT in answer:
            del self._streams[stream]
        return answer

    def _read_frames(self, frames: Iterator[np.ndarray], count: int) -> dict[str, Any]:
        """Read frames into the shared memory, at least one; one that is too large for it is in the answer."""
        read: list[int] = []  # their number, and the shape of each
        try:
            for frame in frames:
                if self._memory is None or frame.nbytes > len(self._memory):
                    return {"frames": frame[None], "is_last": False}
                number = read[0] if read else 0
                place = np.frombuffer(self._memory, np.uint8, frame.nbytes, number * frame.nbytes)
                place.reshape(frame.shape)[...] = frame
                read = [number + 1, *frame.shape]
                most = max(1, min(_BATCH_BYTES, len(self._memory)) // frame.nbytes)
                if read[0] == min(count, most):
                    return {"frames": read, "is_last": False}
        except InputError as error:
            return {"frames": read, "is_last": False, BAD_INPUT: str(error)}
        return {"frames": read, "is_last": True}


def describe_dataset(reader: Dataset | Hdf5Dataset) -> dict[str, Any]:
    """Describe an opened data set."""
    return {
        "fps": reader.fps,
        "length": len(reader),
        "mapping": encode_mapping(reader.mapping),
        "notes": encode_notes(reader.notes),
    }


def _open_memory(path: str | None) -> mmap.mmap | None:
    if path is None:
        return None
    with open(path, "r+b") as file:
        return mmap.mmap(file.fileno(), 0)
