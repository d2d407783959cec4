"""A package that is missing is one sentence with the command that installs it."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scenarios.common.errors import InputError
from scenarios.common.requirements import CURES, check_installed

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("package", CURES)
def test_an_installed_package_passes_and_a_missing_one_is_told(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    check_installed(package)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=f"'{package}' is not installed: pip install {package}"):
        check_installed(package)


@pytest.mark.parametrize(
    ("package", "command"),
    [
        ("pybullet", "evaluate --policy zero --scenario corridor --episodes 1 --no-offline --out OUT"),
        ("pybullet", "scenarios corridor --out OUT.png"),
        ("torch", "export hybrid --out OUT.onnx"),
    ],
)
def test_a_command_without_a_package_that_it_needs_says_so(package: str, command: str, tmp_path: Path) -> None:
    """The package is hidden from the command, as if it were not installed."""
    code = (
        "import importlib.util, sys\n"
        f"sys.modules[{package!r}] = None\n"
        "find = importlib.util.find_spec\n"
        f"importlib.util.find_spec = lambda name, *rest: None if name == {package!r} else find(name, *rest)\n"
        "from sim.__main__ import run; run()"
    )
    words = command.replace("OUT", str(tmp_path / "out")).split()
    (tmp_path / "out").mkdir()
    ran = subprocess.run(
        [sys.executable, "-c", code, *words],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2, ran.stderr
    assert ran.stderr.startswith(f"error: the package '{package}' is not installed: pip install"), ran.stderr
    assert len(ran.stderr.splitlines()) == 1
