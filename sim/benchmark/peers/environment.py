"""The environment of its own that other simulators are installed into, below the cache folder."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from sim.offline.held_out import default_cache_dir

INSTALL_TIMEOUT_S = 900.0


def peers_folder() -> Path:
    """Return the folder of the environment, which may not exist yet."""
    return default_cache_dir() / f"peers-{sys.version_info.major}.{sys.version_info.minor}"


def install_environment(requirements: Sequence[str], folder: Path) -> Path:
    """Install packages into an environment, which is created if need be, and return its interpreter.

    Raises:
        RuntimeError: A package can't be installed; says why in one line.
    """
    python = folder / "bin" / "python"
    if not python.is_file():
        _run([sys.executable, "-m", "venv", str(folder)])
    marker = folder / f"{'-'.join(sorted(requirements)).replace('/', '-')}.installed"
    if requirements and not marker.is_file():
        _run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements])
        marker.touch()
    return python


def _run(command: Sequence[str]) -> None:
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"installing took longer than {INSTALL_TIMEOUT_S:g} s") from None
    if ran.returncode:
        raise RuntimeError(last_line(ran.stderr) or f"exit code {ran.returncode}")


def last_line(text: str) -> str:
    """Return the last line that says something; of pip's output, the last that names an error."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines or [""])[-1]
