"""Running an ONNX file needs nothing that only making one needs."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
ONLY_FOR_MAKING = {"torch", "transformers", "safetensors", "onnxscript", "onnx_ir"}
OURS = {"policies", "scenarios"}


def _find_file(module: str) -> Path | None:
    path = ROOT.joinpath(*module.split("."))
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)


def _imported_names(file: Path) -> set[str]:
    """Everything that a file imports anywhere, and the packages on the way there."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name.rsplit(".", k)[0] for name in names for k in range(name.count(".") + 1)}


def _reach(files: list[Path]) -> dict[Path, set[str]]:
    """The imports of these files, and of all files of ours that they lead to."""
    found: dict[Path, set[str]] = {}
    while files:
        file = files.pop()
        if file in found:
            continue
        found[file] = _imported_names(file)
        ours = (name for name in found[file] if name.split(".")[0] in OURS)
        files += [there for name in ours if (there := _find_file(name)) is not None]
    return found


def test_nothing_in_this_folder_leads_to_what_only_making_a_file_needs() -> None:
    reached = _reach(sorted((ROOT / "policies" / "onnx").glob("*.py")))
    assert ROOT / "policies" / "policy.py" in reached
    assert ROOT / "policies" / "export" / "__init__.py" not in reached
    heavy = {file: names & ONLY_FOR_MAKING for file, names in reached.items() if names & ONLY_FOR_MAKING}
    assert heavy == {}


def test_a_fresh_interpreter_imports_all_of_this_folder_without_what_only_making_a_file_needs() -> None:
    modules = [f"policies.onnx.{file.stem}" for file in (ROOT / "policies" / "onnx").glob("[!_]*.py")]
    code = f"import sys, {', '.join(modules)}; print(*sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert "policies.onnx.policy" in answer.stdout.split()
    assert not {name.split(".")[0] for name in answer.stdout.split()} & ONLY_FOR_MAKING
