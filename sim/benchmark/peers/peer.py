"""Another simulator, or this one, that is stepped in a process of its own."""

from __future__ import annotations

import ctypes.util
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from sim.benchmark.peers.environment import install_environment, last_line, peers_folder
from sim.workers.threads import SINGLE_THREAD_ENV

SCRIPTS = Path(__file__).parent / "scripts"
ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Peer:
    """What to run, and where.

    Attributes:
        name: For messages.
        script: A file in ``scripts``, without its suffix.
        settings: Arguments of its ``open_scene``.
        requirements: What is installed for it; None: it runs in the environment of this process.
        library: A system library without which it is not even installed.
    """

    name: str
    script: str
    settings: dict[str, Any]
    requirements: tuple[str, ...] | None = None
    library: str | None = None


class RunningPeer:
    """A peer whose scene is open.

    Raises:
        RuntimeError: It can't be installed or doesn't run; says why in one line.
    """

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        path = {"PYTHONPATH": os.pathsep.join(sys.path)}
        python, environment = Path(sys.executable), path
        if peer.requirements is not None:
            python, environment = _install(peer), {"PYTHONPATH": "", "PYTHONNOUSERSITE": "1"}
        script = SCRIPTS / f"{peer.script}.py"
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115  closed with the process
        self._process = subprocess.Popen(
            [str(python), str(SCRIPTS / "serve.py"), str(script), json.dumps(peer.settings)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env={**os.environ, **SINGLE_THREAD_ENV, **environment},
        )
        self.description = self._receive()

    def take_turn(self, seconds: float) -> float:
        """Step for some seconds of CPU time, and return the steps for each of them."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{seconds}\n")
        self._process.stdin.flush()
        turn = self._receive()
        return float(turn["steps"] / turn["cpu_s"])

    def _receive(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            self._errors.seek(0)
            reason = last_line(self._errors.read())
            raise RuntimeError(f"{self.peer.name} did not run: {reason or f'exit code {self._process.returncode}'}")
        received: dict[str, Any] = json.loads(line)
        return received

    def close(self) -> None:
        """End its process."""
        self._process.kill()
        self._process.communicate()
        self._errors.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _install(peer: Peer) -> Path:
    if peer.library is not None and ctypes.util.find_library(peer.library) is None:
        raise RuntimeError(f"{peer.name} is not installed: it needs the system library {peer.library}")
    try:
        return install_environment(peer.requirements or (), peers_folder())
    except (RuntimeError, OSError) as error:
        raise RuntimeError(f"{peer.name} did not install: {error}") from None
