"""A process for somebody else's code, as its parent sees it: start, cause of death, end."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import IO

from policies.host import host
from scenarios.common.errors import InputError

KEPT_BYTES = 8192  # of the last output
END_S = 5.0  # between the end of a connection and that of the process


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
        self._is_closed, self._end = False, ""
        self.link, theirs = socket.socketpair()
        watched, self._lifeline = os.pipe()
        try:
            self._process = _start(python, {**os.environ, **dict(environment)}, watched, theirs.fileno())
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
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(wait_s)
            if (code := self._process.poll()) is None:
                return "it closed its connection"
            cause = f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
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
        try:
            self._process.wait(10.0)  # its other half ends what was started
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._output.close()


def _start(python: str, environment: dict[str, str], watched: int, link: int) -> subprocess.Popen[bytes]:
    """Start the process, with its ends of the lifeline and of the connection.

    Raises:
        InputError: There is no such Python.
    """
    if python:
        environment.pop("PYTHONHOME", None)  # of another Python
    try:
        return subprocess.Popen(
            [python or sys.executable, "-u", host.__file__, str(watched), str(link)],
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
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def _follow(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while part := os.read(self._pipe.fileno(), 65536):
                self._kept = (self._kept + part)[-KEPT_BYTES:]
                with contextlib.suppress(OSError, ValueError):
                    sys.stderr.write(part.decode("utf-8", "backslashreplace"))

    def read_last_line(self) -> str:
        """Return the last line, shortened."""
        self._thread.join(1.0)
        lines = [line.strip() for line in self._kept.decode("utf-8", "backslashreplace").splitlines() if line.strip()]
        return lines[-1][:200] if lines else ""

    def close(self) -> None:
        """Close the pipe, once everything is read."""
        self._thread.join(1.0)
        if not self._thread.is_alive():
            self._pipe.close()
