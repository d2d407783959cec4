"""A supervised process: how it ended is told, and nothing of it is left."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import pytest

from policies.host.standalone.messages import receive_message, send_message
from policies.host.supervised import SupervisedProcess
from scenarios.common.errors import InputError

from .hosts import wait_until

MODULE = """
import os, socket, sys
def main(link, message):
    from policies.host.standalone.messages import send_message
    send_message(link, {"pid": os.getpid(), "said": message["word"]})
    link.recv(1)
    print("goodbye", file=sys.stderr)
    os._exit(6)
"""


@pytest.fixture
def process(tmp_path):
    (tmp_path / "own_module.py").write_text(MODULE)
    made = SupervisedProcess()
    send_message(made.link, {"run": "own_module", "path": [str(tmp_path), *sys.path], "word": "hello"})
    yield made
    made.close()


def test_it_runs_a_module_of_this_project_and_tells_how_it_ended(process) -> None:
    assert receive_message(process.link)["said"] == "hello"
    assert process.is_running
    process.link.sendall(b"x")
    assert process.describe_end() == "exit code 6: goodbye"
    assert not process.is_running


def test_closing_it_ends_it_and_may_be_repeated(process) -> None:
    receive_message(process.link)
    process.close()
    process.close()
    assert not process.is_running
    assert process.describe_end() == "it was ended"


def run_module(folder: Path, code: str) -> SupervisedProcess:
    """A process that runs this code, as a module of this project."""
    (folder / "own_module.py").write_text(f"import os, signal, subprocess, sys, time\ndef main(link, message):\n{code}")
    made = SupervisedProcess()
    send_message(made.link, {"run": "own_module", "path": [str(folder), *sys.path]})
    return made


def test_a_signal_without_a_name_is_told_by_its_number(tmp_path) -> None:
    made = run_module(tmp_path, "    os.kill(os.getpid(), 40)")
    assert made.describe_end(60.0) == "killed by signal 40"
    made.close()


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
@pytest.mark.parametrize("also", ["", "; import ctypes; ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)"])
def test_who_loses_the_supervisor_is_ended_all_the_same(also, tmp_path, monkeypatch) -> None:
    """The second one undoes that it is killed with its parent."""
    monkeypatch.setenv("OF_THIS_TEST", str(tmp_path))
    child = "subprocess.Popen(['sleep', '1000'], start_new_session=True)"
    made = run_module(tmp_path, f"    {child}{also}; os.kill(os.getppid(), signal.SIGKILL); time.sleep(1000)")
    assert made.describe_end(60.0) == "killed by SIGKILL"
    made.close()
    assert wait_until(lambda: not list_marked(f"OF_THIS_TEST={tmp_path}"))


def list_marked(variable: str) -> list[str]:
    """The processes with this in their environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if variable.encode() in (folder / "environ").read_bytes():
                found.append(folder.name)
    return found


def test_more_output_than_anybody_reads_is_not_passed_on(tmp_path, capfd) -> None:
    made = run_module(tmp_path, "    sys.stderr.write('word ' * 2_000_000 + '\\nthe end\\n')\n    os._exit(5)")
    assert made.describe_end(60.0) == "exit code 5: the end"
    made.close()
    said = capfd.readouterr().err
    assert said.count("more of this output isn't shown") >= 1
    assert len(said) < 8_000_000


def test_a_python_that_cannot_be_run_is_bad_input() -> None:
    with pytest.raises(InputError, match="'nowhere/python' can't be run"):
        SupervisedProcess("nowhere/python")
