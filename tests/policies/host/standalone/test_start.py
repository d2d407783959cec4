"""The script of a host and the modules beside it, on whichever Python, and apart from a policy's own modules."""

from __future__ import annotations

import ast
import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from policies.host.process import HostProcess
from policies.host.standalone import start as script

from ..hosts import POLICIES, observe, open_policy, request, start

FILES = sorted(Path(script.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_host_needs_the_standard_library_and_numpy_alone(file: Path) -> None:
    nodes = list(ast.walk(ast.parse(file.read_text())))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    assert {name.partition(".")[0] for name in names} <= {*sys.stdlib_module_names, "numpy"}
    beside = {(node.level, node.module) for node in nodes if isinstance(node, ast.ImportFrom) and node.level}
    assert beside <= {(1, other.stem) for other in FILES}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_host_is_python_3_9(file: Path) -> None:
    ast.parse(file.read_text(), feature_version=(3, 9))


@pytest.mark.parametrize("name", ["start", "supervision"])
def test_nothing_is_imported_before_the_fork_that_does_not_survive_it(name: str) -> None:
    tree = ast.parse(Path(script.__file__).with_name(f"{name}.py").read_text())
    names = {alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names}
    assert names <= {"contextlib", "importlib", "os", "signal", "sys", "threading", "types"}
    assert [node.module for node in tree.body if isinstance(node, ast.ImportFrom)] == ["__future__"]


def test_a_policy_s_modules_may_have_the_names_of_the_host_s(tmp_path, monkeypatch) -> None:
    names = [file.stem for file in FILES if file.stem != "__init__"]
    for name in names:
        (tmp_path / f"{name}.py").write_text(f"OWN = {name!r}")
    checks = f"import {', '.join(names)}\nassert [each.OWN for each in ({', '.join(names)})] == {names}\n"
    (tmp_path / "mine.py").write_text(checks + POLICIES.read_text())
    monkeypatch.chdir(tmp_path)
    for target in ("mine.py:Base", "mine:Base"):
        HostProcess(replace(request("Base"), target=target)).close()


@pytest.mark.parametrize("is_linked", [False, True])
def test_the_script_s_own_folder_is_not_on_the_path(is_linked, tmp_path, monkeypatch) -> None:
    if is_linked:
        (tmp_path / "linked").symlink_to(Path(script.__file__).parent)
        monkeypatch.setattr(script, "__file__", str(tmp_path / "linked" / "start.py"))
    policy = open_policy("Says")
    start(policy)
    with pytest.raises(RuntimeError, match=f"{os.getcwd()} {sys.version_info[1]} ") as caught:
        policy.act(observe())
    policy.close()
    assert "policies/host/standalone" not in str(caught.value)


def test_a_policy_sends_what_it_sees_to_a_process_that_it_spawns() -> None:
    policy = open_policy("Spawns")
    start(policy)
    assert policy.act(observe())[:, 1] == pytest.approx(np.full(2, 0.2))
    policy.close()
