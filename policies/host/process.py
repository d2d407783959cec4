"""The process of a policy host, as its parent sees it: what it loads, and what it says when it is ready."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policies.host.standalone.failures import escape_text
from policies.host.standalone.messages import receive_message, send_message
from policies.host.supervised import SupervisedProcess
from policies.policy import PolicySpec
from policies.specs.spec_file import spec_from_dict
from scenarios.common.errors import InputError
from scenarios.common.locks import make_temporary_folder, remove_temporary_folder

START_S = 600.0  # to import everything and load the weights
RELOAD_FACTOR, LEAST_RELOAD_S = 10.0, 30.0  # a policy that was loaded before may take as many times as long
PROJECT = Path(__file__).parents[2]  # where this package is imported from
LONGEST_SOCKET_PATH = 90  # bytes; the system allows 107
NO_DESCRIPTION = "its process sent what isn't a description of it: did it write to a connection that isn't its own?"


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
        kinds = {"spec": dict, "weights": str | None, "infers": bool, "python": str, "shares": bool}
        if not all(isinstance(message.get(key), kind) for key, kind in kinds.items()):
            raise InputError(f"policy '{request.target}': {NO_DESCRIPTION}")
        spec = spec_from_dict(message["spec"], message["spec"].get("name") or request.label)
        if message["infers"]:
            spec.observation.check_named(request.target)
        told = (message["weights"], message["infers"], message["python"], message["shares"])
        return cls(message["socket"], spec, *told)


class HostProcess(SupervisedProcess):
    """A running host. It ends with this process, or when it is closed.

    Attributes:
        request: What it loads.
        message: What it said when it was ready, and its socket.
        address: The same, checked.
        load_s: Time in which it was ready.

    Args:
        request: What it loads.
        start_s: Time in which it must be ready.
        folder: Where the folder of its socket is made; None for the temporary folder.

    Raises:
        InputError: There is no such Python, or the policy can't be loaded, or declares what isn't possible.
    """

    def __init__(self, request: HostRequest, start_s: float = START_S, folder: Path | None = None) -> None:
        self.request = request
        began = time.monotonic()
        self._folder = make_short_folder(folder)
        try:
            super().__init__(request.python, request.environment)
        except BaseException:
            remove_temporary_folder(self._folder)
            raise
        try:
            with self.link:
                self.message = self._read_ready(self.link, start_s)
            self.address = HostAddress.read(self.message, request)
            self.load_s = time.monotonic() - began
        except BaseException:
            self.close()
            raise

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
            options = {key: getattr(request, key) for key in keys}
            send_message(link, {"socket": path, "project": str(PROJECT), **options})
            message = receive_message(link)
        except TimeoutError:
            raise InputError(f"{where} can't be loaded within {start_s:g} s") from None
        except (EOFError, OSError):
            raise InputError(f"{where} can't be loaded: {self._explain_start()}") from None
        except ValueError:
            raise InputError(f"{where}: {NO_DESCRIPTION}") from None
        if "error" in message:
            raise InputError(f"{where}: {escape_text(str(message['error']))}")
        return {**message, "socket": path}

    def check_same(self, before: HostAddress) -> None:
        """Check that the policy declares what it did when it was loaded before; end the process otherwise.

        Raises:
            InputError: It doesn't.
        """
        parts = ("spec", "weights_sha256", "infers", "shares")
        changed = [part for part in parts if getattr(self.address, part) != getattr(before, part)]
        if changed:
            self.close()
            what = "has other weights" if changed == ["weights_sha256"] else "declares something else"
            raise InputError(f"policy '{self.request.target}' {what} than when it was loaded before")

    def _explain_start(self) -> str:
        end = self.describe_end()
        if "No module named 'numpy'" in end:
            return f"'{self.request.python or sys.executable}' has no NumPy: install it there"
        return f"its process ended ({end})"

    def close(self) -> None:
        """End the process and all that it started, and remove its files; repeated calls have no effect."""
        if not self._is_closed:
            remove_temporary_folder(self._folder)
        super().close()


def limit_reload(load_s: float, least_s: float) -> float:
    """Return the time in which a policy must be ready that was ready in ``load_s`` before."""
    return min(START_S, max(LEAST_RELOAD_S, least_s, RELOAD_FACTOR * load_s))


def make_short_folder(folder: Path | None = None) -> Path:
    """Make a folder for sockets, whose paths must be short, in a folder, or in the temporary one."""
    made = make_temporary_folder("policy-host-", folder)
    if len(os.fsencode(made)) <= LONGEST_SOCKET_PATH:
        return made
    remove_temporary_folder(made)
    return make_temporary_folder("policy-host-", Path("/tmp"))  # noqa: S108  made with a random name
