"""The process of a policy host, as its parent sees it: start, cause of death, end."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from policies.host import host
from policies.policy import PolicySpec
from policies.specs.spec_file import spec_from_dict
from scenarios.common.errors import InputError
from scenarios.common.locks import make_temporary_folder, remove_temporary_folder

START_S = 600.0  # to import everything and load the weights
LONGEST_SOCKET_PATH = 90  # bytes; the system allows 107
KEPT_BYTES = 8192  # of the last output
END_S = 5.0  # between the end of a connection and that of the process


@dataclass(frozen=True)
class HostRequest:
    """What a host is to load, and where.

    Attributes:
        target: ``file.py:NAME`` or ``module:NAME``.
        label: The policy's name in the results.
        arguments: Keywords for the class or function, as JSON.
        python: The Python to run; "" for the one that runs this.
        device: "auto", "cpu", "cuda" or "cuda:N".
        dtype: "fp32", "bf16" or "fp16".
        environment: Environment variables that are set in addition, names and values.
    """

    target: str
    label: str
    arguments: str = "{}"
    python: str = ""
    device: str = "cpu"
    dtype: str = "fp32"
    environment: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class HostAddress:
    """A running host.

    Attributes:
        socket: Path of its socket.
        spec: What its policy declares.
        weights_sha256: Hash of its weights; None without any.
        infers: True if its policy is asked for one robot at a time, with a dictionary, as openpi's are.
        python: Version of its Python.
        shares: True if its policy has the method ``share`` of ``policies.policy.ShareablePolicy``.
    """

    socket: str
    spec: PolicySpec
    weights_sha256: str | None
    infers: bool
    python: str
    shares: bool

    @classmethod
    def read(cls, message: Mapping[str, Any], request: HostRequest) -> HostAddress:
        """Read what a host said when it was ready, and where it is.

        Raises:
            InputError: The policy declares what isn't possible.
        """
        spec = spec_from_dict(message["spec"], message["spec"].get("name") or request.label)
        seen = spec.observation
        if message["infers"] and seen.pixels_key is seen.state_key is seen.instruction_key is None:
            raise InputError(
                f"policy '{request.target}' has 'infer', so its spec must name the keys of what it is given, such as "
                "'observation': {'pixels_key': 'observation/image', 'instruction_key': 'prompt'}"
            )
        told = (message["weights"], message["infers"], message["python"], message["shares"])
        return cls(message["socket"], spec, *told)


class HostProcess:
    """A running host. It ends with this process, or when it is closed.

    Attributes:
        request: What it loads.
        message: What it said when it was ready, and its socket.
        address: The same, checked.

    Args:
        request: What it loads.
        start_s: Time in which it must be ready.
        folder: Where the folder of its socket is made; None for the temporary folder.

    Raises:
        InputError: There is no such Python, or the policy can't be loaded, or declares what isn't possible.
    """

    def __init__(self, request: HostRequest, start_s: float = START_S, folder: Path | None = None) -> None:
        self.request = request
        self._folder = make_short_folder(folder)
        self._is_closed, self._end = False, ""
        ours, theirs = socket.socketpair()
        watched, self._lifeline = os.pipe()
        try:
            self._process = self._start(watched, theirs.fileno())
        except BaseException:
            self._remove_files()
            ours.close()
            raise
        finally:
            os.close(watched)
            theirs.close()
        assert self._process.stderr is not None  # it is a pipe
        self._output = _LastOutput(self._process.stderr)
        try:
            with ours:
                self.message = self._read_ready(ours, start_s)
            self.address = HostAddress.read(self.message, request)
        except BaseException:
            self.close()
            raise

    def _start(self, watched: int, link: int) -> subprocess.Popen[bytes]:
        python = self.request.python
        environment = {**os.environ, **dict(self.request.environment)}
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

    def _read_ready(self, link: socket.socket, start_s: float) -> dict[str, Any]:
        """Tell the host what to load, and return what it says when it is ready.

        Raises:
            InputError: The policy can't be loaded, or not in time.
        """
        request, path = self.request, str(self._folder / "s")
        where = f"policy '{request.target}'"
        link.settimeout(start_s)
        keys = ("target", "arguments", "device", "dtype")
        try:
            host.send_message(link, {"socket": path, **{key: getattr(request, key) for key in keys}})
            message = host.receive_message(link)
        except TimeoutError:
            raise InputError(f"{where} can't be loaded within {start_s:g} s") from None
        except (EOFError, OSError, ValueError):
            raise InputError(f"{where} can't be loaded: {self._explain_start()}") from None
        if "error" in message:
            raise InputError(f"{where}: {message['error']}")
        return {**message, "socket": path}

    def _explain_start(self) -> str:
        end = self.describe_end()
        if "No module named 'numpy'" in end:
            return f"'{self.request.python or sys.executable}' has no NumPy: install it there"
        return f"its process ended ({end})"

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
        """End the process and all that it started, and remove its files; repeated calls have no effect."""
        if self._is_closed:
            return
        self._is_closed = True
        self._end = self._end or "it was ended"
        self._remove_files()
        try:
            self._process.wait(10.0)  # its other half ends what was started
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._output.close()

    def _remove_files(self) -> None:
        os.close(self._lifeline)
        remove_temporary_folder(self._folder)


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


def make_short_folder(folder: Path | None = None) -> Path:
    """Make a folder for sockets, whose paths must be short, in a folder, or in the temporary one."""
    made = make_temporary_folder("policy-host-", folder)
    if len(os.fsencode(made)) <= LONGEST_SOCKET_PATH:
        return made
    remove_temporary_folder(made)
    return make_temporary_folder("policy-host-", Path("/tmp"))  # noqa: S108  made with a random name
