"""The one direction of imports, and what importing costs."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ALLOWED = {
    "scenarios": {"scenarios"},
    "envs": {"envs", "scenarios"},
    "policies": {"policies", "scenarios"},
    "sim": {"sim", "envs", "policies", "scenarios"},
}
FORBIDDEN_BELOW = {"scenarios": {"torch", "pybullet", "transformers", "gymnasium", "moderngl"}}


def _imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("package", ALLOWED)
def test_imports_point_one_way(package: str) -> None:
    files = list((ROOT / package).rglob("*.py"))
    assert files
    for path in files:
        crossing = _imports(path) & set(ALLOWED) - ALLOWED[package]
        assert not crossing, f"{path} imports {crossing}"
        heavy = _imports(path) & FORBIDDEN_BELOW.get(package, set())
        assert not heavy, f"{path} imports {heavy}"


@pytest.mark.parametrize("package", ["scenarios", "envs", "policies"])
def test_no_string_names_a_module_that_lies_above(package: str) -> None:
    """A command or an attribute by its name would be an import that no one sees; sentences for people may name one."""
    above = "|".join(sorted(set(ALLOWED) - ALLOWED[package]))
    for path in (ROOT / package).rglob("*.py"):
        strings = {
            node.value
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        crossing = {text for text in strings if re.fullmatch(rf"({above})\.\w+(\.\w+)*(:\w+)?", text)}
        assert not crossing, f"{path} names {crossing}"


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("policies.registry", {"torch", "transformers", "pybullet"}),
        ("scenarios.registry", {"torch", "pybullet"}),
        ("sim.evaluate", {"torch", "transformers", "pybullet", "moderngl"}),
    ],
)
def test_listing_names_loads_nothing_heavy(module: str, unwanted: set[str]) -> None:
    code = f"import sys, {module}; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert not unwanted & set(loaded.split())
