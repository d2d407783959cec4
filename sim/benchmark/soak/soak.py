"""Drives a run to its end through everything that happens to it, and judges what is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import numpy as np

from scenarios.common.cli import INCOMPLETE
from scenarios.common.seeding import make_generator
from scenarios.registry import SCENARIOS
from sim.benchmark.measurements import Measurement
from sim.benchmark.soak import policies
from sim.benchmark.soak.disk import fill_disk, free_disk, small_disk
from sim.benchmark.soak.outcome import GROUP, judge_left, judge_memory, judge_rows, read_keys
from sim.benchmark.soak.policies import MISBEHAVING
from sim.benchmark.soak.processes import MARK, kill_a_worker, list_marked, memory_mb

BEHAVING = ("straight", "random", "park", "blind", "zero", "expert")
SEED = 9971
ALL = "all"  # scenarios
WORKERS = 2
POLICY_TIMEOUT_S = 5  # a policy that hangs takes as long for each of its episodes
PAUSE_S = 0.5  # between looks at the run
KILL_EVERY_S, FILL_EVERY_S, FULL_S = 40.0, 120.0, 4.0  # means of random times; time that a disk stays full
DISK_MB, MB_PER_1000 = 24, 16  # size of the disk: of a run without rows, and for 1,000 episodes more
MOST_SESSIONS = 200  # a run that can't be finished by --resume is given up
GRACE_S = 5.0  # in which the processes of a run that has ended may end, too


@dataclass
class Soak:
    """A run, what happens to it, and what was seen."""

    folder: Path
    episodes: int
    """Of each policy in each scenario."""
    rng: np.random.Generator
    mark: str
    disk: Path | None = None
    """The small disk that the run lies on; None: the disk isn't filled."""
    happened: Counter[str] = field(default_factory=Counter)
    codes: Counter[int] = field(default_factory=Counter)
    memory_mb: list[float] = field(default_factory=list)

    @property
    def run(self) -> Path:
        """The run's folder."""
        return (self.disk or self.folder) / "run"

    @property
    def temporary(self) -> Path:
        """Its temporary folder."""
        return self.folder / "tmp"

    @property
    def policies(self) -> tuple[str, ...]:
        """The policies, as typed."""
        return (*BEHAVING, *(f"{policies.__file__}:{name}" for name in MISBEHAVING))

    @property
    def planned(self) -> int:
        """The number of rows."""
        return len(self.policies) * len(SCENARIOS) * self.episodes

    def drive(self) -> None:
        """Start the run, and resume it until it is complete."""
        self.temporary.mkdir(exist_ok=True)
        for _ in range(MOST_SESSIONS):
            code = self._drive_session()
            self.codes[code] += 1
            if code != INCOMPLETE and self._is_complete():
                return

    def _is_complete(self) -> bool:
        return len({key[:4] for key in read_keys(self.run)}) == self.planned

    def _drive_session(self) -> int:
        """Run the command once, with kills and full disks, and return its exit code."""
        command = [sys.executable, "-m", "sim.evaluate", "--policy", ",".join(self.policies), "--scenario", ALL]
        command += ["--episodes", str(self.episodes), "--seed", str(SEED), "--video", "none", "--no-offline"]
        command += ["--workers", str(WORKERS), "--policy-timeout", str(POLICY_TIMEOUT_S), "--out", str(self.run)]
        if (self.run / "manifest.json").is_file():
            command += ["--resume"]
        variables = {**os.environ, MARK: self.mark, "TMPDIR": str(self.temporary)}
        with (self.folder / "output.txt").open("ab") as output:
            process = subprocess.Popen(command, env=variables, stdout=output, stderr=output)
            try:
                self._disturb(process)
            finally:  # an interrupted soak leaves no run behind
                process.terminate()
                code = process.wait()
            return code

    def _disturb(self, process: subprocess.Popen[bytes]) -> None:
        """Kill workers, fill and free the disk, and watch the memory, until the process has ended."""
        next_kill, next_fill = (time.monotonic() + self.rng.exponential(mean) for mean in (KILL_EVERY_S, FILL_EVERY_S))
        while process.poll() is None:
            time.sleep(PAUSE_S)
            if (used := memory_mb(process.pid)) is not None:
                self.memory_mb.append(used)
            now = time.monotonic()
            if now > next_kill:
                self.happened["workers killed"] += kill_a_worker(self.mark, self.rng) is not None
                next_kill = now + self.rng.exponential(KILL_EVERY_S)
            if self.disk is not None and now > next_fill:
                fill_disk(self.disk)
                time.sleep(FULL_S)
                free_disk(self.disk)
                self.happened["times the disk was full"] += 1
                next_fill = now + self.rng.exponential(FILL_EVERY_S)


def _end_orderly(*_: object) -> NoReturn:
    raise SystemExit(128 + signal.SIGTERM)


def measure_soak(episodes: int) -> Iterator[Measurement]:
    """Soak a run of at least this many episodes, and judge what is left of it."""
    each = -(-episodes // ((len(BEHAVING) + len(MISBEHAVING)) * len(SCENARIOS)))
    before = signal.signal(signal.SIGTERM, _end_orderly)  # a disk that is mounted has to be unmounted
    try:
        with tempfile.TemporaryDirectory(prefix="soak-") as name:
            yield from _soak_in(Path(name), each)
    finally:
        signal.signal(signal.SIGTERM, before)


def _soak_in(folder: Path, episodes: int) -> Iterator[Measurement]:
    mark = f"{os.getpid()}-{time.time_ns()}"
    (folder / "disk").mkdir()
    size_mb = DISK_MB + MB_PER_1000 * episodes * len(SCENARIOS) * (len(BEHAVING) + len(MISBEHAVING)) // 1000
    with small_disk(folder / "disk", size_mb) as is_small:
        disk = folder / "disk" if is_small else None
        soak = Soak(folder, episodes, make_generator(SEED, "benchmark/soak"), mark, disk)
        soak.drive()
        time.sleep(GRACE_S)
        yield from judge_soak(soak, list(list_marked(mark)))


def judge_soak(soak: Soak, orphans: Sequence[int]) -> Iterator[Measurement]:
    """Judge what is left of a soak."""
    yield from judge_rows(read_keys(soak.run), soak.planned)
    yield from judge_left(orphans, soak.temporary, soak.run)
    yield from judge_memory(soak.memory_mb)
    sessions = ", ".join(f"{count} with exit code {code}" for code, count in sorted(soak.codes.items()))
    yield Measurement(GROUP, "sessions", sum(soak.codes.values()), sessions)
    for what in ("workers killed", "times the disk was full"):
        yield Measurement(GROUP, what, soak.happened[what], "" if soak.disk or "disk" not in what else "no small disk")
