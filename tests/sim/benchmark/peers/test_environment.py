"""Laws of the peers' environment."""

import subprocess
import sys

import pytest

from sim.benchmark.peers import environment
from sim.benchmark.peers.environment import install_environment, last_line, peers_folder


def test_packages_are_installed_once(monkeypatch, tmp_path):
    commands = []

    def run(command, **_):
        commands.append(command)
        if "venv" in command:
            (tmp_path / "bin").mkdir()
            (tmp_path / "bin" / "python").touch()
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(environment.subprocess, "run", run)
    assert install_environment(("one<2", "two"), tmp_path) == tmp_path / "bin" / "python"
    install_environment(("two", "one<2"), tmp_path)
    assert [command[0] for command in commands] == [sys.executable, str(tmp_path / "bin" / "python")]
    assert commands[1][-2:] == ["one<2", "two"]


def test_a_failed_installation_says_why_in_one_line(monkeypatch, tmp_path):
    said = "a warning\nERROR: No matching distribution found for nonesuch\n[notice] a new pip\n"
    monkeypatch.setattr(
        environment.subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 1, "", said)
    )
    with pytest.raises(RuntimeError, match=r"^ERROR: No matching distribution found for nonesuch$"):
        install_environment(("nonesuch",), tmp_path)


def test_the_last_line_is_an_error_if_there_is_one():
    assert last_line("first\n\nlast\n\n") == "last"
    assert last_line("ERROR: this\nthat\n") == "ERROR: this"
    assert last_line("") == ""


def test_the_environment_lies_in_the_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("MOBILE_VLA_CACHE", str(tmp_path))
    assert peers_folder().parent == tmp_path
