"""A data set whose files are parsed in a process of its own."""

from __future__ import annotations

import itertools
import mmap
import operator
import os
import threading
import weakref
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from policies.dataset.demonstration import Demonstration, DemonstrationSignals, EpisodeInfo
from policies.dataset.isolated.messages import (
    decode_info,
    decode_mapping,
    decode_notes,
    decode_signals,
)
from policies.host.parsers.answers import BAD_INPUT
from policies.host.parsers.parser_process import LONGEST_ANSWER_S, ParserProcess
from policies.host.parsers.texts import encode_text
from policies.host.shared_memory import make_shared_memory
from scenarios.common.errors import InputError

WORKER = "policies.dataset.isolated.worker"
_MEMORY_BYTES = 8 << 20  # for the frames of one answer
_BATCH_FRAMES = 1024  # asked for at once, at most: the shared memory has room for fewer of the usual sizes


class IsolatedDataset:
    """A data set in either layout, read like ``Dataset``; a file that crashes its parser is bad input.

    Args:
        root: The data set's folder.
        mapping: A mapping file; None to guess from names, or to use ``mapping.yaml`` in the folder.

    Raises:
        InputError: It can't be read.
    """

    def __init__(self, root: Path, mapping: Path | None = None) -> None:
        self.root = Path(root)
        self._mapping_file = mapping
        self._process: ParserProcess | None = None
        self._memory: mmap.mmap | None = None
        self._lock = threading.RLock()  # of the process and of the shared memory
        self._stream_numbers = itertools.count()
        self._ended: list[int] = []  # streams that nobody reads any more
        described = self._open()
        self.fps = float(described["fps"])
        self.mapping = decode_mapping(described["mapping"])
        self.notes = decode_notes(described["notes"])
        self._length = int(described["length"])

    def _open(self) -> dict[str, Any]:
        """Start a process that opens the data set, and return what it says of it."""
        made = make_shared_memory(_MEMORY_BYTES)
        self._memory, path = (None, None) if made is None else made
        mapping = None if self._mapping_file is None else encode_text(str(self._mapping_file))
        options = {"folder": encode_text(str(self.root)), "mapping": mapping, "memory": path}
        try:
            self._process = ParserProcess(WORKER, f"the data set {self.root}", options)
            return self._process.receive_first()
        except BaseException:
            self.close()
            raise
        finally:
            if path is not None:
                os.unlink(path)  # both sides have it open, or it isn't needed any more

    def __len__(self) -> int:
        """Return the number of episodes."""
        return self._length

    def __iter__(self) -> Iterator[Demonstration]:
        """Read all episodes in order, one in memory at a time."""
        return (self.demonstration(i) for i in range(len(self)))

    @cached_property
    def fingerprint(self) -> str:
        """The sha256 over the names and contents of all files of the data set; computed on first use."""
        return str(self._ask("fingerprint", limit_s=None)["fingerprint"])

    def info(self, i: int) -> EpisodeInfo:
        """Return the description of episode ``i`` without reading its frames."""
        return decode_info(self._ask("info", episode=self._check(i)))

    def signals(self, i: int) -> DemonstrationSignals:
        """Read episode ``i`` without its frames; actions in [-1, 1].

        Raises:
            IndexError: There is no such episode.
            InputError: Its files are damaged.
        """
        return decode_signals(self._ask("signals", episode=self._check(i)))

    def frames(self, i: int, numbers: Sequence[int] | None = None) -> Iterator[np.ndarray]:
        """Read frames of episode ``i`` one after the other, (H, W, 3) uint8 RGB each.

        Args:
            i: The episode.
            numbers: Ascending numbers of the frames in it; None for all.

        Raises:
            IndexError: There is no such episode.
            InputError: A frame is missing or damaged.
        """
        wanted = None if numbers is None else np.asarray(numbers, np.int64)
        stream = next(self._stream_numbers)
        self._ask("frames", stream=stream, episode=self._check(i), numbers=wanted)
        frames = self._read_stream(stream)
        weakref.finalize(frames, self._ended.append, stream).atexit = False
        return frames

    def _read_stream(self, stream: int) -> Iterator[np.ndarray]:
        count, is_last = 1, False
        while not is_last:
            with self._lock:
                answer = self._ask("next", stream=stream, count=count)
                frames = self._copy_frames(answer["frames"])
            yield from frames
            if BAD_INPUT in answer:
                raise InputError(answer[BAD_INPUT])
            count, is_last = min(2 * count, _BATCH_FRAMES), answer["is_last"]

    def _copy_frames(self, frames: Any) -> Iterator[np.ndarray]:
        """Take the frames of an answer out of the shared memory, before the next answer lies there."""
        if isinstance(frames, np.ndarray):
            return iter(frames.copy())
        if not frames or self._memory is None:
            return iter(())
        size = int(np.prod(frames))
        return iter(np.frombuffer(self._memory, np.uint8, size).reshape(frames).copy())

    def demonstration(self, i: int) -> Demonstration:
        """Read episode ``i`` with its frames, all in memory; actions in [-1, 1].

        Raises:
            IndexError: There is no such episode.
            InputError: Its files are damaged.
        """
        return self.signals(i).with_frames(self.frames(i))

    def close(self) -> None:
        """End the process; the next request starts another one."""
        if self._process is not None:
            self._process.close()
        self._process = self._memory = None

    def _check(self, i: int) -> int:
        if not 0 <= i < len(self):
            raise IndexError(f"{self.root} has episodes 0 to {len(self) - 1}, not {i}")
        return operator.index(i)

    def _ask(self, endpoint: str, limit_s: float | None = LONGEST_ANSWER_S, **request: Any) -> dict[str, Any]:
        """Ask the process, which is started anew if it ended.

        Raises:
            InputError: The data set can't be read.
        """
        with self._lock:
            if self._process is None or not self._process.is_running:
                self._open()
            assert self._process is not None  # it was opened
            ended = [self._ended.pop() for _ in range(len(self._ended))]
            return self._process.ask({"endpoint": endpoint, "ended": ended, **request}, limit_s)
