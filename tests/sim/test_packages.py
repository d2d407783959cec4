"""Laws of the four packages together: they come from one folder, and the command line starts light."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def python(*arguments: str, path: Path | None = None, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    folders = [str(path), str(ROOT)] if path else [str(ROOT)]  # this checkout's, whatever is installed
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(folders)}
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=environment, timeout=60)


@pytest.mark.parametrize("package", ["envs", "policies", "scenarios"])
def test_another_projects_package_on_the_path_is_a_sentence_with_both_paths(tmp_path, package):
    (tmp_path / package).mkdir()
    (tmp_path / package / "__init__.py").write_text("")
    ran = python("-m", "sim.evaluate", "--help", path=tmp_path, cwd=tmp_path)
    assert ran.returncode == 2
    assert ran.stderr.count("\n") == 1
    assert str(tmp_path / package) in ran.stderr
    assert str(ROOT / "sim") in ran.stderr
    imported = python("-c", "import sim", path=tmp_path, cwd=tmp_path)
    assert "ImportError" in imported.stderr
    assert str(tmp_path / package) in imported.stderr


def test_the_parent_process_of_an_evaluation_imports_neither_torch_nor_pybullet():
    code = "import sys, sim.evaluate; print(sorted({'torch', 'pybullet', 'transformers'} & set(sys.modules)))"
    ran = python("-c", code)
    assert ran.stdout.strip() == "[]", ran.stderr
