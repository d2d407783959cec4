"""Claims on the jobs of a run, in a folder that several machines share: no server, and no file locks.

A claim is a file that only one process can create. Its time of modification is the heartbeat of its owner: others see
whether it changes, never what time it says, since clocks of machines and file servers differ and jump. A claim whose
heartbeat hasn't changed for ``LEASE_S`` while somebody watched it is taken over by creating the file of the next turn,
which again only one process can. No claim is ever deleted or renamed, so that nobody can take the place of an owner
that he didn't see. An owner that comes back late finishes its job; then its rows are there twice, in two folders, and
are compared when these are joined.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
import time
from pathlib import Path
from typing import NamedTuple

from sim.workers.job import ClaimResult, Job

LEASE_S = 180.0  # NFS clients may see a time of modification a minute late
BEATS = 6  # in a lease
LONGEST_LOOK = 2  # beats that the time between two looks counts at most: owner and watcher may both be suspended
ENDED_NS = 0  # time of modification of a claim that its owner has ended
MOST_TURNS = 20  # a job that so many owners left is not started again
LISTING_PAUSE_S = 1.0
LISTING_SHARE = 0.05  # of the time, at most: a large folder is listed less often
DONE_SUFFIX = "done"


class _Watch(NamedTuple):
    """What was seen of a claim of another process."""

    beat: tuple[int, int]
    """Its turn, and its time of modification, in ns."""
    silent_s: float
    """Time for which it was watched and didn't change."""
    looked_s: float
    """When it was last looked at, by the monotonic clock of this process."""


class JobClaims:
    """The claims of one process. Leaving the context ends those that aren't finished, so that others take them over.

    Args:
        folder: The folder of all claims of the run; it is created.
        owner: Unique name of this process, part of a file name.
        lease_s: Time without a change of its heartbeat after which a claim may be taken over.
    """

    def __init__(self, folder: Path, owner: str, lease_s: float = LEASE_S) -> None:
        self._folder = folder
        self._owner = owner
        self._lease_s = lease_s
        self._turns: dict[str, int] = {}  # the latest that is known
        self._done: set[str] = set()
        self._held: dict[str, Path] = {}
        self._watched: dict[str, _Watch] = {}
        self._next_listing = 0.0
        self._stop = threading.Event()
        self._lock = threading.Lock()  # a heartbeat must not follow the end of a claim
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> JobClaims:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        for key in list(self._held):
            self._end(key)

    def claim(self, job: Job) -> ClaimResult:
        """Try to claim a job: a job is claimed by one process at a time, unless one is silent for too long."""
        key = _key(job)
        if key in self._held:
            return ClaimResult.OURS
        self._list()
        if key in self._done:
            return ClaimResult.DONE
        turn = self._turns.get(key, -1) + 1
        if turn and (turn >= MOST_TURNS or not self._has_expired(key)):
            return ClaimResult.TAKEN
        path = self._folder / f"{key}.{turn}"
        self._turns[key] = turn
        if not _create(path, self._owner):
            return ClaimResult.TAKEN
        if (self._folder / f"{key}.{DONE_SUFFIX}").exists():  # since the listing
            self._done.add(key)
            return ClaimResult.DONE
        with self._lock:
            self._held[key] = path
        return ClaimResult.OURS

    def finish(self, job: Job) -> None:
        """Tell all that a job's results are on disk."""
        key = _key(job)
        _create(self._folder / f"{key}.{DONE_SUFFIX}", self._owner)
        self._done.add(key)
        with self._lock:
            self._held.pop(key, None)

    def give_up(self, job: Job) -> None:
        """End the claim on a job that can't be done here."""
        self._end(_key(job))

    def is_done(self, job: Job) -> bool:
        """Return whether anyone has finished a job, as far as is known since the last listing."""
        return _key(job) in self._done

    def refresh(self) -> None:
        """List the folder now."""
        self._next_listing = 0.0
        self._list()

    def _end(self, key: str) -> None:
        """End a claim, so that others needn't wait for its silence."""
        with self._lock, contextlib.suppress(OSError):  # then it ends by itself, later
            path = self._held.pop(key, None)
            if path is not None:
                os.utime(path, ns=(ENDED_NS, ENDED_NS))

    def _list(self) -> None:
        """List what is claimed and done, unless that was a short time ago."""
        began = time.monotonic()
        if began < self._next_listing:
            return
        for name in os.listdir(self._folder):
            key, _, suffix = name.partition(".")
            if suffix == DONE_SUFFIX:
                self._done.add(key)
            elif suffix.isdigit():
                self._turns[key] = max(self._turns.get(key, -1), int(suffix))
        now = time.monotonic()
        pause = min(LISTING_PAUSE_S, self._lease_s / BEATS)
        self._next_listing = now + max(pause, (now - began) / LISTING_SHARE)

    def _has_expired(self, key: str) -> bool:
        """Return whether a claim was ended, or its owner was silent for too long; looked at a few times in a lease."""
        now, turn, pause = time.monotonic(), self._turns[key], self._lease_s / BEATS
        before = self._watched.get(key)
        if before is not None and now - before.looked_s < pause:
            return False
        try:
            with (self._folder / f"{key}.{turn}").open("rb") as claim:  # opening asks the server
                beat = (turn, os.fstat(claim.fileno()).st_mtime_ns)
        except OSError:  # a hiccup of the file system says nothing about the owner
            return False
        silent_s = 0.0
        if before is not None and before.beat == beat:
            silent_s = before.silent_s + min(now - before.looked_s, LONGEST_LOOK * pause)
        self._watched[key] = _Watch(beat, silent_s, now)
        return beat[1] == ENDED_NS or silent_s > self._lease_s

    def _beat(self) -> None:
        while not self._stop.wait(self._lease_s / BEATS):
            with self._lock:
                for path in self._held.values():
                    with contextlib.suppress(OSError):
                        os.utime(path)


def _key(job: Job) -> str:
    return hashlib.sha256(job.name.encode()).hexdigest()[:20]


def _create(path: Path, content: str) -> bool:
    """Create a file, and return whether it was not there before: of all processes that try, one succeeds."""
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w") as stream:
        stream.write(content)
    return True
