"""Every example runs as its own first lines say, from an empty folder."""

from __future__ import annotations

import ast
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


def read_command(path: Path) -> list[str]:
    """The command in an example's docstring, on the line that begins with ``Run:``."""
    docstring = ast.get_docstring(ast.parse(path.read_text())) or ""
    line = next(line for line in docstring.splitlines() if line.startswith("Run: "))
    return shlex.split(line.removeprefix("Run: ").strip("`"))


@pytest.mark.slow
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_runs_as_it_says(path: Path, tmp_path: Path) -> None:
    python, *arguments = read_command(path)
    assert python == "python"
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        [sys.executable, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, f"{ran.stdout[-2000:]}\n{ran.stderr[-3000:]}"
