"""Runs loaders on changed files, in a child process under limits of time and memory, and says what each ended in."""

from __future__ import annotations

import faulthandler
import json
import os
import resource
import select
import shutil
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

from scenarios.common.errors import InputError

LIMIT_S = 10.0  # CPU seconds for an input
STUCK_S = 120.0  # of wall time, in which no input takes so long that C code didn't return
MEMORY = 2 << 30  # bytes that a child may take beyond what it starts with
LONGEST_SENTENCE = 4000  # characters, with all mismatches of a data set
RESULT, SENTENCE = "result", "sentence"


class OutsideError(BaseException):
    """What a loader must not do: it reached out of its folder."""


class LateError(BaseException):
    """An input took too long."""


@dataclass(frozen=True)
class Target:
    """A loader, and how to change what it reads.

    Attributes:
        name: In a few words.
        make: Writes valid files into a folder.
        load: Reads them; raises ``InputError`` for what isn't valid.
        mutations: How to change a file, by the end of its name.
        weight: Share of the inputs, relative to the others.
        sentence: The exceptions whose messages are sentences for users.
        prepare: Called once in the child.
        load_apart: Reads them as commands do, in a process of its own; decides where ``load`` crashed or hung.
    """

    name: str
    make: Callable[[Path], None]
    load: Callable[[Path], object]
    mutations: Mapping[str, Sequence[Callable[[bytes, Random], bytes]]]
    weight: int = 1
    sentence: tuple[type[Exception], ...] = (InputError,)
    prepare: Callable[[], None] = lambda: None
    load_apart: Callable[[Path], object] | None = None


@dataclass
class Report:
    """What the inputs of a target ended in."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: dict[str, list[str]] = field(default_factory=dict)
    """By kind, what each input showed."""

    def add(self, number: int, kind: str, detail: str) -> None:
        self.counts["inputs"] += 1
        if kind in (RESULT, SENTENCE):
            self.counts[kind] += 1
        else:
            self.counts["faults"] += 1
            self.faults.setdefault(kind, []).append(f"input {number}: {detail}")


def fuzz(target: Target, numbers: Sequence[int], folder: Path) -> Report:
    """Run a loader on the inputs with these numbers; an input is always the same for its number."""
    valid = folder / "valid"
    valid.mkdir(parents=True)
    target.make(valid)
    report, left = Report(), list(numbers)
    while left:
        done = _run_child(target, left, valid, folder / "case", report)
        left = left[done:]
    return report


def mutate_folder(target: Target, valid: Path, case: Path, number: int) -> None:
    """Copy the valid files and change one of them."""
    rng = Random(f"{target.name}/{number}")
    shutil.rmtree(case, ignore_errors=True)
    shutil.copytree(valid, case)
    files = sorted(path for path in case.rglob("*") if path.is_file() and _mutations(target, path))
    for path in rng.sample(files, rng.choice((1, 1, 1, 2)) if len(files) > 1 else 1):
        path.write_bytes(rng.choice(_mutations(target, path))(path.read_bytes(), rng))


def _mutations(target: Target, path: Path) -> Sequence[Callable[[bytes, Random], bytes]]:
    return next((found for end, found in target.mutations.items() if path.name.endswith(end)), ())


def _run_child(target: Target, numbers: Sequence[int], valid: Path, case: Path, report: Report) -> int:
    """Run inputs in a child until all are done or it dies, and return how many were; one that it died of included."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            _serve(target, numbers, valid, case, writer)
        finally:
            os._exit(0)
    os.close(writer)
    done, buffer, began = 0, b"", time.monotonic()
    cause = ""
    while True:
        ready, _, _ = select.select([reader], [], [], max(0.1, STUCK_S - (time.monotonic() - began)))
        chunk = os.read(reader, 1 << 20) if ready else b""
        if not ready:
            cause = f"did not return within {STUCK_S:g} s"
            os.kill(child, signal.SIGKILL)
        if not chunk:
            break
        began, buffer = time.monotonic(), buffer + chunk
        while b"\n" in buffer:
            line, buffer = buffer.split(b"\n", 1)
            report.add(numbers[done], *json.loads(line))
            done += 1
    os.close(reader)
    _, status = os.waitpid(child, 0)
    if done < len(numbers):
        found = ("hang" if cause else "crash", cause or f"ended with status {status}")
        if target.load_apart is not None:
            found = _judge(replace(target, load=target.load_apart), case)
        report.add(numbers[done], *found)
        done += 1
    return done


def _serve(target: Target, numbers: Sequence[int], valid: Path, case: Path, writer: int) -> None:
    faulthandler.disable()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    target.prepare()
    case.mkdir(parents=True, exist_ok=True)
    kind, detail = _judge(target, valid)  # with all imports, before they are watched
    if kind != RESULT:
        os.write(writer, (json.dumps(("valid files don't load", detail)).encode() + b"\n") * len(numbers))
        return
    mutate_folder(target, valid, case, 0)
    _judge(target, case)
    resource.setrlimit(resource.RLIMIT_AS, (_address_space() + MEMORY, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    watch = _watch(case)
    signal.signal(signal.SIGVTALRM, _raise_late)
    for number in numbers:
        try:
            mutate_folder(target, valid, case, number)
        except Exception as error:  # noqa: BLE001  a fault of the tests
            os.write(writer, json.dumps(("mutation failed", _describe(error))).encode() + b"\n")
            continue
        watch["on"] = True
        signal.setitimer(signal.ITIMER_VIRTUAL, LIMIT_S, 1.0)
        try:
            found = _judge(target, case)
        except LateError:
            found = ("slow", f"took more than {LIMIT_S:g} s")
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)
        watch["on"] = False
        if outside := watch.pop("outside", None):
            found = ("outside", outside)
        os.write(writer, json.dumps(found).encode() + b"\n")


def _judge(target: Target, case: Path) -> tuple[str, str]:
    try:
        target.load(case)
    except target.sentence as error:
        text = str(error)
        if not text.strip() or "Traceback" in text or len(text) > LONGEST_SENTENCE:
            return "no sentence", repr(text[:300])
        return SENTENCE, text[:300]
    except (LateError, OutsideError):
        raise
    except BaseException as error:  # noqa: BLE001
        return f"{type(error).__name__} in {_place(error)}", _describe(error)
    return RESULT, ""


def _place(error: BaseException) -> str:
    """The last line of this project that an error went through."""
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if "/site-packages/" not in frame.filename]
    ours = [frame for frame in ours if "/tests/" not in frame.filename] or ours
    return f"{'/'.join(Path(ours[-1].filename).parts[-3:])}:{ours[-1].lineno}" if ours else "?"


def _describe(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    where = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
    return f"{type(error).__name__}: {str(error)[:200]} ({where})"


def _address_space() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def _raise_late(*_: object) -> None:
    raise LateError


def _watch(case: Path) -> dict[str, Any]:
    """Watch this process for files that are written outside of the case, sockets and processes."""
    state: dict[str, Any] = {"on": False}
    inside = (str(case), "/dev/", "/proc/self/")

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if not state["on"]:
            return
        if event == "open":
            path, mode, flags = arguments
            writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) if isinstance(flags, int) else False
            if writes and isinstance(path, str) and not os.path.realpath(path).startswith(inside):
                state["outside"] = f"wrote {path} ({mode})"
        elif event in (
            "socket.connect",
            "socket.bind",
            "socket.getaddrinfo",
            "subprocess.Popen",
            "os.system",
            "os.exec",
        ):
            state["outside"] = f"{event} {arguments}"

    sys.addaudithook(hook)
    return state
