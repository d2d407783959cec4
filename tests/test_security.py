"""No data file runs code: the packages contain no call that would, but for the one that the user asks for."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("scenarios", "envs", "policies", "sim", "examples", "docs", ".ci")
CODE_IN_DATA = {"pickle", "_pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve", "jsonpickle"}
RUNS_TEXT = {"eval", "exec", "compile"}
YAML_WITH_OBJECTS = ("yaml.load", "yaml.full_load", "yaml.unsafe_load", "yaml.load_all", "yaml.full_load_all")
UNPICKLING = ("load_from_zip_file", "pandas.read_pickle", "pd.read_pickle")
# What --trust-pickle, typed by the user, turns on.
OPT_IN = {("policies/sb3/loading.py", "load_from_zip_file")}


def code_from_data(tree: ast.Module) -> set[str]:
    """What a file imports or calls that could run code which a data file brings."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.split(".")[0] in CODE_IN_DATA}
        elif isinstance(node, ast.ImportFrom) and (module := node.module or "").split(".")[0] in CODE_IN_DATA:
            found |= {module for alias in node.names if not alias.name.endswith("Error")}  # its errors are only caught
        elif isinstance(node, ast.Call):
            found |= unsafe_call(node)
    return found


def unsafe_call(call: ast.Call) -> set[str]:
    """The name of a call that could run code from data, if it could."""
    name = ast.unparse(call.func)
    arguments = {f"{each.arg}={ast.unparse(each.value)}" for each in call.keywords}
    if name in RUNS_TEXT or name.endswith(YAML_WITH_OBJECTS) or name.split(".")[-1] in UNPICKLING:
        return {name}
    if any(each.startswith(("trust_remote_code=", "allow_pickle=")) and "=False" not in each for each in arguments):
        return {name}
    return {name} if f".{name}".endswith(".torch.load") and "weights_only=True" not in arguments else set()


def python_files() -> list[Path]:
    return sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))


def test_nothing_runs_code_from_data_but_what_the_user_asks_for_by_trust_pickle() -> None:
    files = python_files()
    assert len(files) > 100
    found = {
        (str(path.relative_to(ROOT)), name) for path in files for name in code_from_data(ast.parse(path.read_text()))
    }
    assert found == OPT_IN


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from joblib import load",
        "import dill as d",
        "torch.load(path)",
        "torch.load(path, weights_only=False)",
        "np.load(path, allow_pickle=True)",
        "np.load(path, allow_pickle=flag)",
        "yaml.load(text, Loader=yaml.Loader)",
        "yaml.unsafe_load(text)",
        "eval(text)",
        "exec(text)",
        "AutoModel.from_pretrained(name, trust_remote_code=True)",
        "h.load_from_zip_file(path)",
    ],
)
def test_each_way_to_run_code_from_data_is_found(code: str) -> None:
    assert code_from_data(ast.parse(code))


@pytest.mark.parametrize(
    "code",
    [
        "network.eval()",
        "torch.load(path, weights_only=True)",
        "np.load(path, allow_pickle=False)",
        "yaml.safe_load(text)",
        "np.load(path)",
        "from pickle import UnpicklingError",
        "json.load(stream)",
        "onnx.load(path)",
        "re.compile(text)",
        "torch.compile(network)",
    ],
)
def test_what_runs_none_is_not(code: str) -> None:
    assert not code_from_data(ast.parse(code))
