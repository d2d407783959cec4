"""Laws of the scripts of simulators that are not installed here: they import nothing of ours."""

import ast
import importlib.util
from pathlib import Path

import pytest

from sim.benchmark.peers.comparison import COMPARISONS
from sim.benchmark.peers.peer import SCRIPTS

ELSEWHERE = sorted({peer.script for _, others in COMPARISONS for peer in others if peer.requirements is not None})


@pytest.mark.parametrize("script", [*ELSEWHERE, "serve"])
def test_a_script_for_another_environment_imports_nothing_of_this_package(script):
    tree = ast.parse((SCRIPTS / f"{script}.py").read_text())
    named = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    named |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    packages = {name.split(".")[0] for name in named if name}
    assert not packages & {"sim", "envs", "policies", "scenarios"}


def test_every_script_belongs_to_a_peer():
    used = {peer.script for ours, others in COMPARISONS for peer in (ours, *others)}
    assert {path.stem for path in Path(SCRIPTS).glob("*.py")} == {*used, "serve", "__init__"}
    assert importlib.util.find_spec("sim.benchmark.peers.scripts") is not None
