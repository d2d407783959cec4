"""Every code block of the documentation does what its page says: Python and commands are run, files are written.

A page's blocks run one after the other in one empty folder, and its Python blocks in one namespace. A block whose
first line is a comment with a file's name (``# my_policy.py``) becomes that file. A block that must not run has a
comment above it that says why: ``<!-- skip: next "reason" -->``.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sybil import Document, Example, Sybil
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.myst import CodeBlockParser, SkipParser

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(
    (
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md")),
        *(path for path in (ROOT / "docs").rglob("*.md") if not {"_build", "_generated"} & set(path.parts)),
    )
)
LANGUAGES = {"python", "bash", "yaml", "text", "json", "toml", "slurm"}  # the first three are run or written
INSTALLS = re.compile(r"^\s*(python3[.\d]* -m venv|pip install|git clone|apt-get|sudo )", re.MULTILINE)
FILE_NAME = re.compile(r"#\s*([\w.-]+\.(?:py|ya?ml))\s*\n")
run_python = PythonEvaluator()


def write_file(example: Example) -> bool:
    """Write a block that names its file in its first line."""
    named = FILE_NAME.match(str(example.parsed))
    if named is not None:
        (example.namespace["_folder"] / named[1]).write_text(str(example.parsed))
    return named is not None


def evaluate_python(example: Example) -> str | None:
    """Write the block to its file, or run it."""
    return None if write_file(example) else run_python(example)


def evaluate_yaml(example: Example) -> None:
    """Write the block to its file."""
    assert write_file(example), f"{example.path}:{example.line}: a YAML block's first line names its file: # name.yaml"


def evaluate_commands(example: Example) -> str | None:
    """Run the commands in the page's folder; installing is left to .ci/run, which pastes the README's commands."""
    commands = str(example.parsed)
    if INSTALLS.search(commands):
        return None
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=example.namespace["_folder"],
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, f"{commands}\n-> exit code {ran.returncode}\n{ran.stdout[-1500:]}\n{ran.stderr[-1500:]}"
    return None


SYBIL = Sybil(
    parsers=[
        SkipParser(),
        CodeBlockParser("python", evaluate_python),
        CodeBlockParser("bash", evaluate_commands),
        CodeBlockParser("yaml", evaluate_yaml),
    ],
    patterns=["*.md"],
)


def parse_page(path: Path, folder: Path) -> Document:
    """Parse a page whose blocks will run in a folder."""
    document = SYBIL.parse(path)
    document.namespace.update(_folder=folder, __name__="docs")
    return document


@pytest.mark.slow
@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_block_of_a_page_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    for example in parse_page(path, tmp_path).examples():
        example.evaluate()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_block_names_a_language_that_is_known_here(path: Path) -> None:
    fences = re.findall(r"^(?:```|:::)(\S*)[^\n]*\n.*?^(?:```|:::)\s*$", path.read_text(), re.MULTILINE | re.DOTALL)
    unknown = {language for language in fences if language not in LANGUAGES and not language.startswith("{")}
    assert not unknown, f"{path}: code blocks in {unknown}"


@pytest.mark.slow
def test_the_site_builds_without_warnings(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-W",
        "--keep-going",
        "-q",
        "-b",
        "html",
        str(ROOT / "docs"),
        str(tmp_path),
    ]
    ran = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr[-4000:]
    assert (tmp_path / "index.html").is_file()
