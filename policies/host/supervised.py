"""A process for somebody else's code, as its parent sees it: start, cause of death, end."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from policies.host.standalone import start
from policies.host.standalone.failures import escape_text
from scenarios.common.errors import InputError

KEPT_BYTES = 8192  # of the last output
SHOWN_BYTES, SHOWN_BYTES_PER_S = 2**22, 2**16  # of what it prints: at once, and in addition as time goes by
END_S = 5.0  # between the end of a connection and that of the process
MOST_PASSES = 200
MARK = "MOBILE_VLA_PROCESS"  # an environment variable: who loses its supervisor is found by it


class SupervisedProcess:
    """A running process. It and all that it started end with this process, or when it is closed.

    Attributes:
        link: The connection to it; the first message says what it does.

    Args:
        python: The Python to run; "" for the one that runs this.
        environment: Environment variables that are set in addition, names and values.

    Raises:
        InputError: There is no such Python.
    """

    def __init__(self, python: str = "", environment: Sequence[tuple[str, str]] = ()) -> None:
        self._is_closed, self._end, self._mark = False, "", secrets.token_hex(16)
        self.link, theirs = socket.socketpair()
        watched, self._lifeline = os.pipe()
        try:
            variables = {**os.environ, **dict(environment), MARK: self._mark}
            self._process = _start(python, variables, watched, theirs.fileno())
        except BaseException:
            os.close(self._lifeline)
            self.link.close()
            raise
        finally:
            os.close(watched)
            theirs.close()
        assert self._process.stderr is not None  # it is a pipe
        self._output = _LastOutput(self._process.stderr)

    @property
    def is_running(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def describe_end(self, wait_s: float = END_S) -> str:
        """Describe how the process ended: its exit code or signal, and the last line that it printed.

        Args:
            wait_s: Time in which it ends, if it is ending.
        """
        if not self._end:
            self._wake()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(wait_s)
            if (code := self._process.poll()) is None:
                return "it closed its connection"
            cause = f"killed by {_name_signal(-code)}" if code < 0 else f"exit code {code}"
            said = self._output.read_last_line()
            self._end = f"{cause}: {said}" if said else cause
        return self._end

    def close(self) -> None:
        """End the process and all that it started; repeated calls have no effect."""
        if self._is_closed:
            return
        self._is_closed = True
        self._end = self._end or "it was ended"
        self.link.close()
        os.close(self._lifeline)
        self._wake()
        try:
            self._process.wait(10.0)  # its other half ends what was started
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        if self._process.returncode < 0:  # perhaps it was the supervisor that was killed, and nobody ended the others
            _kill_marked(self._mark)
        self._output.close()

    def _wake(self) -> None:
        """Let the supervisor go on, if somebody's code has stopped it."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            self._process.send_signal(signal.SIGCONT)


def _name_signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # most of the real-time signals have no name
        return f"signal {number}"


def _kill_marked(mark: str) -> None:
    """Kill the processes that inherited a mark, on Linux."""
    for _ in range(MOST_PASSES):  # until then, those that are killed may have started others
        found = [pid for pid in _list_processes() if _is_marked(pid, mark)]
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(os.getpgid(pid), signal.SIGKILL)  # a group of their own: their session is
        if not found:
            return
        time.sleep(0.01)


def _list_processes() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()] if sys.platform == "linux" else []


def _is_marked(pid: int, mark: str) -> bool:
    try:
        variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")  # empty once it has ended
    except OSError:
        return False
    return f"{MARK}={mark}".encode() in variables


def _start(python: str, environment: dict[str, str], watched: int, link: int) -> subprocess.Popen[bytes]:
    """Start the process, with its ends of the lifeline and of the connection.

    Raises:
        InputError: There is no such Python.
    """
    if python:
        environment.pop("PYTHONHOME", None)  # of another Python
    try:
        return subprocess.Popen(
            [python or sys.executable, "-u", start.__file__, str(watched), str(link)],
            pass_fds=[watched, link],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env=environment,
        )
    except OSError as error:
        raise InputError(
            f"--policy-python '{python}' can't be run: {error.strerror}; name a Python interpreter, such as "
            "/path/to/venv/bin/python"
        ) from error


class _LastOutput:
    """Passes on what a host prints, and keeps the end of it."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe, self._kept = pipe, b""
        self._shown, self._began, self._is_cut = 0, time.monotonic(), False
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def _follow(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while part := os.read(self._pipe.fileno(), 65536):
                self._kept = (self._kept + part)[-KEPT_BYTES:]
                if (shown := self._limit(part)) and sys.stderr is not None:
                    with contextlib.suppress(OSError, ValueError):
                        sys.stderr.write(shown)

    def _limit(self, part: bytes) -> str:
        """Return what is passed on of a part: nothing where more is printed than anybody could read."""
        allowed = SHOWN_BYTES + SHOWN_BYTES_PER_S * (time.monotonic() - self._began)
        if self._shown + len(part) > allowed:
            was_cut, self._is_cut = self._is_cut, True
            return "" if was_cut else "\n(more of this output isn't shown: there is too much of it)\n"
        self._shown, self._is_cut = self._shown + len(part), False
        return part.decode("utf-8", "backslashreplace")

    def read_last_line(self) -> str:
        """Return the last line, shortened."""
        self._thread.join(1.0)
        lines = [line.strip() for line in self._kept.decode("utf-8", "backslashreplace").splitlines() if line.strip()]
        return escape_text(lines[-1])[:200] if lines else ""

    def close(self) -> None:
        """Close the pipe, once everything is read."""
        self._thread.join(1.0)
        if not self._thread.is_alive():
            self._pipe.close()
