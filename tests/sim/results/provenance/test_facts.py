"""Laws of what is read about the code and the machine."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from policies.inference.runtime import count_cores
from sim.results.provenance import facts
from sim.results.provenance.facts import CodeVersion, code_version, package_versions, read_machine


def make_sources(folder: Path) -> Path:
    for package in facts.SOURCES:
        (folder / package).mkdir(parents=True)
        (folder / package / "module.py").write_text("one = 1\n")
    (folder / facts.ASSETS).mkdir()
    (folder / facts.ASSETS / "box.obj").write_text("v 0 0 0\n")
    return folder


@pytest.mark.parametrize("edited", ["sim/module.py", "envs/assets/box.obj", "policies/new.py"])
def test_an_edit_of_any_source_is_other_code_even_if_nobody_commits_it(tmp_path, edited):
    first = facts._hash_sources(make_sources(tmp_path / "a"))
    assert facts._hash_sources(make_sources(tmp_path / "b")) == first
    folder = make_sources(tmp_path / "c")
    (folder / edited).write_text("two = 2\n")
    assert facts._hash_sources(folder) != first


def test_what_is_no_source_makes_no_other_code(tmp_path):
    first = facts._hash_sources(make_sources(tmp_path / "a"))
    folder = make_sources(tmp_path / "b")
    (folder / "sim/notes.txt").write_text("x")
    (folder / "README.md").write_text("x")
    assert facts._hash_sources(folder) == first


def test_code_is_the_same_by_its_sources_and_in_older_runs_by_its_version():
    assert CodeVersion("1", "a", "x").identity == CodeVersion("2", "b-dirty", "x").identity
    assert CodeVersion("1", "a", "x").identity != CodeVersion("1", "a", "y").identity
    assert CodeVersion("1", "a").identity != CodeVersion("1", "b").identity
    assert str(CodeVersion(None, None)) == "unknown"


def test_reading_the_version_takes_no_lock_of_the_user_s_repository(tmp_path, monkeypatch):
    git = tmp_path / "git"
    git.write_text('#!/bin/sh\necho "$*"\n')
    git.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr("pathlib.Path.exists", lambda self: True)
    assert code_version().git.startswith("--no-optional-locks ")


@pytest.mark.parametrize("failure", [OSError("no git"), subprocess.TimeoutExpired("git", 5)])
def test_without_git_the_version_is_still_known(monkeypatch, failure):
    def fail(*_, **__):
        raise failure

    monkeypatch.setattr(subprocess, "run", fail)
    assert code_version().git is None
    assert code_version().version


def test_packages_and_machine_are_named():
    assert {"numpy", "pybullet"} <= package_versions().keys()
    machine = read_machine()
    assert machine.system
    assert machine.cpu
    assert machine.cores == count_cores() >= 1
