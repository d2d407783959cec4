"""The console script: each command by its name, the same as its ``python -m`` form."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scenarios.common.errors import InputError
from sim.__main__ import COMMANDS, main

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = "from sim.__main__ import run; run()"


def run_script(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the console script as an installation would, from any folder: ``-P`` keeps the current one off the path."""
    command = [sys.executable, "-P", "-c", SCRIPT, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == main([]) == 0
    printed = capsys.readouterr().out
    assert all(f"  {name} " in printed and f"python -m {module}" in printed for name, (module, _) in COMMANDS.items())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_a_module_that_runs(name: str) -> None:
    module, _ = COMMANDS[name]
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert not spec.submodule_search_locations or importlib.util.find_spec(f"{module}.__main__") is not None


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_prints_its_help_and_the_version(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    for flag, told in (("--help", "usage:"), ("--version", "mobile-vla-sim")):
        with pytest.raises(SystemExit) as left:
            main([name, flag])
        assert left.value.code == 0
        assert told in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("module", sorted({module for module, _ in COMMANDS.values()}))
def test_no_command_passes_the_greeting_of_pybullet_on(module: str) -> None:
    words = [sys.executable, "-m", module, "--no-such-flag"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert done.stdout == ""


def test_the_version_is_the_installed_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.split() == ["mobile-vla-sim", importlib.metadata.version("mobile-vla-sim")]


def test_a_misspelt_command_is_told_with_its_nearest_match() -> None:
    with pytest.raises(InputError, match="unknown command 'evalute': did you mean 'evaluate'"):
        main(["evalute"])


def test_it_runs_in_a_folder_that_has_packages_of_the_same_names(tmp_path: Path) -> None:
    for package in ("sim", "envs", "policies", "scenarios"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("raise RuntimeError('not this one')")
    ran = run_script("scenarios", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert "corridor" in ran.stdout


def test_bad_input_is_one_sentence_and_exit_code_2(tmp_path: Path) -> None:
    ran = run_script("evaluate", "--policy", "hybird", "--scenario", "corridor", cwd=tmp_path)
    assert ran.returncode == 2
    assert ran.stderr.startswith("error: ")
    assert len(ran.stderr.splitlines()) == 1
