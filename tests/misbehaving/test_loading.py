"""A policy that can't be loaded is one sentence, and leaves nothing behind."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from policies.host.process import HostProcess, HostRequest
from scenarios.common.errors import InputError

from .runs import MARK, STRANGERS, find_processes, import_strangers, wait_until

START_S = 20.0  # of a policy that can be loaded, on a machine that does much else
SHORT_S = 2.0
LOADING = import_strangers(STRANGERS / "loading.py")
POLICIES = {name: kind for name, kind in vars(LOADING).items() if hasattr(kind, "told") and name != "Unloadable"}
FILES = {
    "import no_such_package_here": r"importing .* failed: ModuleNotFoundError: No module named 'no_such_package_here'",
    "def broken(:": r"importing .* failed: SyntaxError: ",
    "import sys; sys.exit('no licence')": r"importing .* failed: SystemExit: no licence \(stranger.py:1\)",
    "import os; os._exit(3)": r"can't be loaded: its process ended \(exit code 3\)",
    "raise KeyboardInterrupt": r"importing .* failed: KeyboardInterrupt \(stranger.py:1\)",
    "\0": r"importing .* failed: (SyntaxError|ValueError): source code",
    "import ctypes; ctypes.string_at(0)": r"can't be loaded: its process ended \(killed by SIGSEGV",
    "x = 1": r"there is no 'Policy' in .*stranger.py: it has x",
    "Policy = 5": r"'Policy' in .*stranger.py is a int: name a class, or a function that makes one",
    "import sys; del sys.modules['sys']; sys.modules.clear()": r"importing|can't be loaded|there is no 'Policy'",
}


@pytest.fixture(autouse=True)
def _mark(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv(MARK, str(tmp_path))


def load(target: str, folder: Path, start_s: float) -> None:
    """Load a policy, and end it."""
    HostProcess(HostRequest(target, "stranger"), start_s=start_s, folder=folder).close()


def check_sentence(caught: pytest.ExceptionInfo[InputError], told: str, folder: Path) -> None:
    sentence = str(caught.value)
    assert re.search(told, sentence), sentence
    assert sentence.isprintable()
    assert len(sentence) < 3000
    wait_until(lambda: not find_processes(str(folder)), seconds=60.0)
    assert find_processes(str(folder)) == []
    assert [path for path in folder.iterdir() if path.name.startswith("policy-host-")] == []


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
@pytest.mark.parametrize("name", [name for name, kind in POLICIES.items() if kind.told is not None])
def test_a_policy_that_can_not_be_loaded_is_one_sentence(name, tmp_path, capfd) -> None:
    told = POLICIES[name].told
    with pytest.raises(InputError) as caught:
        load(f"{STRANGERS}/loading.py:{name}", tmp_path, SHORT_S if "within" in told else START_S)
    check_sentence(caught, told, tmp_path)
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
@pytest.mark.parametrize("code", FILES, ids=[*map(repr, FILES)])
def test_a_file_that_can_not_be_imported_is_one_sentence(code, tmp_path, capfd) -> None:
    (tmp_path / "stranger.py").write_text(code)
    with pytest.raises(InputError) as caught:
        load(f"{tmp_path}/stranger.py:Policy", tmp_path, START_S)
    check_sentence(caught, FILES[code], tmp_path)
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
@pytest.mark.parametrize("name", [name for name, kind in POLICIES.items() if kind.told is None])
def test_what_can_be_loaded_after_all_is_loaded(name, tmp_path) -> None:
    load(f"{STRANGERS}/loading.py:{name}", tmp_path, START_S)
    assert find_processes(str(tmp_path)) == []
