"""The layout of the packages: one direction of imports at every level, small folders, and what importing costs."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib.util import resolve_name
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ALLOWED = {
    "scenarios": {"scenarios"},
    "envs": {"envs", "scenarios"},
    "policies": {"policies", "scenarios"},
    "sim": {"sim", "envs", "policies", "scenarios"},
}
FORBIDDEN = {
    "scenarios": {"torch", "pybullet", "transformers", "gymnasium", "moderngl"},
    "policies/onnx": {"torch", "transformers", "onnxscript", "onnx_ir"},
}
LARGEST_FOLDER = 9  # modules
EQUAL_EVERYWHERE = ("scenarios", "policies/scripted", "envs/simulation")  # equal bits on every processor
STILL_OPEN = "scenarios/navigation"  # its products decide on cells only, far from any tie
ROUNDED_BY_PROCESSOR = {  # functions of NumPy that call a BLAS, or whose kernels round as the instruction set does
    *(
        "linalg",
        "dot",
        "vdot",
        "inner",
        "matmul",
        "tensordot",
        "exp",
        "expm1",
        "log",
        "log1p",
        "log2",
        "log10",
        "power",
    ),
    *("tan", "tanh", "sinh", "cosh", "arctan", "arcsin", "arccos", "arctanh", "arcsinh", "arccosh", "cbrt"),
}
NAMED = re.compile(r"^(?:sim|envs|policies|scenarios)(?:\.\w+)+:\w+$")


@cache
def modules() -> dict[str, Path]:
    """Every module by its dotted name; a package stands for its ``__init__``."""
    files = [file for package in ALLOWED for file in (ROOT / package).rglob("*.py")]
    names = {".".join(file.relative_to(ROOT).with_suffix("").parts): file for file in files}
    return {name.removesuffix(".__init__"): file for name, file in names.items()}


@cache
def parse(file: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(file.read_text())


def name_home(node: ast.ImportFrom, file: Path) -> str:
    """The module that something is imported from, by its full name."""
    package = ".".join(file.parent.relative_to(ROOT).parts)
    return resolve_name("." * node.level + (node.module or ""), package)


@cache
def imported_names(file: Path) -> frozenset[str]:
    """Every module that a file imports, lazily too; names imported from a package count as modules where they are."""
    found: set[str] = set()
    for node in ast.walk(parse(file)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            home = name_home(node, file)
            names = (f"{home}.{alias.name}" for alias in node.names)
            found.update(name if name in modules() else home for name in names)
    return frozenset(found)


def room_of(module: str, level: tuple[str, ...]) -> str | None:
    """The file or folder of a level that a module lies in; None if it lies elsewhere."""
    path = modules()[module].relative_to(ROOT).with_suffix("").parts
    return path[len(level)] if path[: len(level)] == level and len(path) > len(level) else None


@pytest.mark.parametrize("package", ALLOWED)
def test_imports_between_packages_point_one_way(package: str) -> None:
    files = list((ROOT / package).rglob("*.py"))
    assert files
    for path in files:
        crossing = {name.split(".")[0] for name in imported_names(path)} & set(ALLOWED) - ALLOWED[package]
        assert not crossing, f"{path} imports {crossing}"


@pytest.mark.parametrize("folder", FORBIDDEN)
def test_a_light_folder_imports_nothing_heavy(folder: str) -> None:
    for path in (ROOT / folder).rglob("*.py"):
        heavy = {name.split(".")[0] for name in imported_names(path)} & FORBIDDEN[folder]
        assert not heavy, f"{path} imports {heavy}"


def rounded_by_processor(tree: ast.Module) -> set[str]:
    """What a file computes with NumPy that may differ in the last bit between processors."""
    nodes = list(ast.walk(tree))
    products = {"@" for node in nodes if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult)}
    from_numpy = (node for node in nodes if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "np")
    return products | {node.attr for node in from_numpy if node.attr in ROUNDED_BY_PROCESSOR}


@pytest.mark.parametrize("folder", EQUAL_EVERYWHERE)
def test_worlds_labels_and_physics_compute_nothing_that_rounds_as_the_processor_does(folder: str) -> None:
    for path in (ROOT / folder).rglob("*.py"):
        if path.parent != ROOT / STILL_OPEN:
            found = rounded_by_processor(parse(path))
            assert not found, f"{path} uses {found}: take scenarios.geometry.dot, math, or elementary operations"


def test_products_and_functions_that_round_as_the_processor_does_are_found() -> None:
    tree = ast.parse("a @ b; np.linalg.norm(a); np.exp(a); np.sin(a); a * b; math.exp(c); numbers.exp(a)")
    assert rounded_by_processor(tree) == {"@", "linalg", "exp"}


def levels() -> list[tuple[str, ...]]:
    """Every folder with code, as its path's parts; the root first."""
    folders = {file.parent.relative_to(ROOT).parts for file in modules().values()}
    return sorted({(), *folders})


@pytest.mark.parametrize("level", levels(), ids="/".join)
def test_files_and_folders_of_a_level_import_in_one_direction(level: tuple[str, ...]) -> None:
    arrows: dict[str, set[str]] = {}
    for module, file in modules().items():
        if (room := room_of(module, level)) is None:
            continue
        targets = {room_of(name, level) for name in imported_names(file) if name in modules()}
        arrows.setdefault(room, set()).update(target for target in targets if target not in (None, room))
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        raise AssertionError(f"imports go round in {'/'.join(level) or '.'}: {' <- '.join(error.args[1])}") from None


@pytest.mark.parametrize("level", [level for level in levels() if level], ids="/".join)
def test_a_folder_is_one_concern_of_few_files(level: tuple[str, ...]) -> None:
    files = [file for file in (ROOT / Path(*level)).glob("*.py") if file.name != "__init__.py"]
    assert len(files) <= LARGEST_FOLDER, f"{'/'.join(level)} contains {len(files)} modules"


def test_only_commands_import_what_belongs_to_a_command_line() -> None:
    for module, file in modules().items():
        commands = {name for name in imported_names(file) if name.endswith(".__main__")}
        assert not commands, f"{module} imports {commands}: a __main__ is run, not imported"


def named_objects() -> list[str]:
    """Every string of the form "module:attribute" in the code and the package's metadata."""
    trees = [parse(file) for file in modules().values()]
    strings = {node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    written = {text for text in strings if isinstance(text, str) and NAMED.match(text)}
    return sorted(written | set(re.findall(r'"((?:sim|envs|policies|scenarios)[\w.]*:\w+)"', pyproject())))


def pyproject() -> str:
    return (ROOT / "pyproject.toml").read_text()


@pytest.mark.parametrize("name", named_objects())
def test_every_module_attribute_string_resolves(name: str) -> None:
    module, _, attribute = name.partition(":")
    assert hasattr(importlib.import_module(module), attribute)


@pytest.mark.parametrize("package", ["scenarios", "envs", "policies"])
def test_no_string_names_a_module_that_lies_above(package: str) -> None:
    """A command or an attribute by its name would be an import that no one sees; sentences for people may name one."""
    above = "|".join(sorted(set(ALLOWED) - ALLOWED[package]))
    for path in (ROOT / package).rglob("*.py"):
        strings = {
            node.value
            for node in ast.walk(parse(path))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        crossing = {text for text in strings if re.fullmatch(rf"({above})\.\w+(\.\w+)*(:\w+)?", text)}
        assert not crossing, f"{path} names {crossing}"


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("policies.registry", {"torch", "transformers", "pybullet"}),
        ("scenarios.registry", {"torch", "pybullet"}),
        ("sim.evaluate.__main__", {"torch", "transformers", "pybullet", "moderngl"}),
        ("sim.results", {"torch", "pybullet", "rich", "jinja2"}),
    ],
)
def test_importing_loads_nothing_heavy(module: str, unwanted: set[str]) -> None:
    code = f"import sys, {module}; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert not unwanted & set(loaded.split())
