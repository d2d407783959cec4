"""What SECURITY.md says: no code from data, no network that nobody named, no file outside, and its limits."""

from __future__ import annotations

import ast
import ipaddress
import json
import os
import pkgutil
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

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


WALL_CLOCKS = {"time.time", "time.localtime", "time.gmtime", "time.ctime"}  # datetime only stamps results


def wall_clock_calls(tree: ast.Module) -> set[str]:
    """The calls in a file that read a clock which an administrator or a time server may set."""
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    taken = {
        f"time.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "time"
        for alias in node.names
    }
    return (calls | taken) & WALL_CLOCKS


def test_no_limit_of_time_is_counted_by_a_clock_that_can_jump() -> None:
    found = {str(path.relative_to(ROOT)) for path in python_files() if wall_clock_calls(ast.parse(path.read_text()))}
    assert not found


@pytest.mark.parametrize("code", ["deadline = time.time() + 5", "from time import time", "time.localtime()"])
def test_each_such_clock_is_found(code: str) -> None:
    assert wall_clock_calls(ast.parse(code))


LIMIT = re.compile(r"^\| .* \| ([\d,]+)(?: ([KMG]iB))? \| `([\w.]+:\w+)` \|$", re.MULTILINE)
UNITS = {"": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
READS_WHAT_OTHERS_MADE = (
    *("policies/remote", "policies/serve", "policies/host/standalone", "policies/onnx", "policies/sb3/archive.py"),
    "policies/host/parsers",
    *("policies/names", "policies/specs", "policies/formats", "policies/dataset", "policies/spec_checks.py"),
    *("scenarios/files", "scenarios/common/errors.py"),
)
A_LIMIT = re.compile(r"^_?(?:LARGEST|LONGEST|MOST|MAX)_\w+")


def test_every_limit_that_is_stated_is_the_one_in_the_code() -> None:
    stated = LIMIT.findall((ROOT / "SECURITY.md").read_text())
    assert len(stated) > 20
    for number, unit, name in stated:
        assert pkgutil.resolve_name(name) == int(number.replace(",", "")) * UNITS[unit], name


def test_every_limit_on_what_others_made_is_stated() -> None:
    stated = {name for _, _, name in LIMIT.findall((ROOT / "SECURITY.md").read_text())}
    files = [
        path
        for name in READS_WHAT_OTHERS_MADE
        for path in ([ROOT / name] if ".py" in name else (ROOT / name).rglob("*.py"))
    ]
    for path in files:
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for node in ast.parse(path.read_text()).body:
            names = [ast.unparse(target) for target in node.targets] if isinstance(node, ast.Assign) else []
            missing = {f"{module}:{name}" for name in names if A_LIMIT.match(name)} - stated
            assert not missing, f"SECURITY.md doesn't state {missing}"


WATCH = """\
import json, os, sys
log = open(os.environ["WATCH_LOG"] + f"/{os.getpid()}.jsonl", "a", buffering=1)
EVENTS = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.connect", "socket.bind",
          "socket.sendto", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.rename", "os.mkdir"}
print(json.dumps(["process", sys.orig_argv]), file=log)
def watch(event, arguments):
    if event == "open":
        path, mode, flags = arguments
        if isinstance(path, str) and isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            print(json.dumps(["write", os.path.realpath(path)]), file=log)
    elif event in EVENTS:
        print(json.dumps([event, [str(each) for each in arguments]]), file=log)
sys.addaudithook(watch)
"""
POLICIES = ("straight", "hybrid", str(ROOT / "policies/checkpoints/hybrid-onnx/hybrid.onnx"))
NOT_OURS = ("/dev/", "/proc/")


class Watched:
    """What the main command did, in all its processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("home", "tmp", "cache", "log", "site", "work"):
            (folder / name).mkdir()
        (folder / "site/sitecustomize.py").write_text(WATCH)
        variables = {
            **{
                name: str(folder / place) for name, place in (("HOME", "home"), ("TMPDIR", "tmp"), ("WATCH_LOG", "log"))
            },
            "MOBILE_VLA_CACHE": str(folder / "cache"),
            "PYTHONPATH": os.pathsep.join((str(folder / "site"), str(ROOT))),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PATH": os.environ["PATH"],
        }
        command = [sys.executable, "-m", "sim.evaluate", "--policy", ",".join(POLICIES), "--scenario", "corridor"]
        command += ["--episodes", "1", "--seed", "9975", "--out", str(folder / "work/run"), "--video", "all"]
        tracer = shutil.which("strace")
        self.trace = folder / "trace.txt" if tracer else None
        network = [
            "strace",
            "-f",
            "-qq",
            "--seccomp-bpf",
            "-e",
            "trace=connect,sendto,sendmsg,bind",
            "-o",
            str(self.trace),
        ]
        self.ran = subprocess.run(
            [*(network if tracer else ()), *command],
            cwd=folder / "work",
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )
        lines = [line for path in (folder / "log").iterdir() for line in path.read_text().splitlines()]
        self.events: list[tuple[str, Any]] = [tuple(json.loads(line)) for line in lines]

    def arguments(self, *names: str) -> list[Any]:
        return [arguments for name, arguments in self.events if name in names]


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Watched:
    found = Watched(tmp_path_factory.mktemp("watched"))
    assert found.ran.returncode == 0, found.ran.stderr
    return found


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_main_command_looks_up_no_host_and_connects_to_none(watched: Watched) -> None:
    assert watched.arguments("process")  # the hook was there
    assert not watched.arguments("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")
    for name in ("socket.connect", "socket.bind", "socket.sendto"):
        assert not [each for each in watched.arguments(name) if "AF_INET" in each[0]]


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_nor_does_code_below_python_as_the_system_sees_it(watched: Watched) -> None:
    if watched.trace is None:
        pytest.skip("strace isn't installed")
    addresses = re.findall(
        r'sin6?_port=htons\((\d+)\).*?inet_(?:addr|pton)\((?:AF_INET6, )?"([^"]+)"', watched.trace.read_text()
    )
    assert not [address for _, address in addresses if not ipaddress.ip_address(address).is_loopback]


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_it_writes_nothing_outside_of_its_run_the_cache_and_the_temporary_folder(watched: Watched) -> None:
    inside = tuple(str(watched.folder / name) for name in ("work/run", "tmp", "cache"))
    written = [path for path in watched.arguments("write") if not path.startswith((*inside, *NOT_OURS))]
    assert not written
    assert any(path.startswith(inside[0]) for path in watched.arguments("write"))
    assert not list((watched.folder / "home").rglob("*"))
    assert sorted(path.name for path in (watched.folder / "work").iterdir()) == ["run"]
    assert not [path for path in (watched.folder / "tmp").rglob("*") if path.is_file()]


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_it_starts_no_program_but_git_and_what_tells_of_the_system(watched: Watched) -> None:
    started = {
        Path(arguments[0].strip("'")).name for arguments in watched.arguments("subprocess.Popen", "os.posix_spawn")
    }
    assert started <= {
        "git",
        "uname",
        "ldconfig",
        Path(sys.executable).name,
    }  # platform and ctypes.util ask the last two
    assert not watched.arguments("os.system", "os.exec")
