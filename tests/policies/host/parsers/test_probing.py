"""ONNX files are loaded in a process of their own first: what kills, hangs or fills that is one sentence."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from policies.host.parsers import probing
from policies.host.parsers.parser_process import ParserProcess
from policies.names.reference import PolicyReference
from scenarios.common.errors import InputError
from sim.evaluate.api.arguments import name_policies
from sim.offline import __main__ as offline

from ...onnx.foreign.onnx_files import save_camera_policy

EVIL = """
import os, signal, time
import numpy as np
from policies.onnx import probe

def crash(*_):
    os.kill(os.getpid(), signal.SIGSEGV)

def hang(*_):
    time.sleep(600)

def eat(*_):
    eaten = []
    while True:
        eaten.append(np.empty(2**28, np.uint8))

probe.create_session = {deed}
main = probe.main
"""
SENTENCES = {
    "crash": "it ended the process that reads it (killed by SIGSEGV",
    "hang": "no answer within 1 s",
    "eat": "can't be read in 4 GiB of memory",
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return Path(save_camera_policy(tmp_path / "policy.onnx"))


@pytest.fixture
def deed(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the parser does from now on."""
    (tmp_path / "evil_probe.py").write_text(EVIL.format(deed=request.param))
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.setattr(probing, "ONNX_PROBE", "evil_probe")
    if request.param == "hang":
        ask = ParserProcess.ask
        monkeypatch.setattr(ParserProcess, "ask", lambda self, message, _=None: ask(self, message, 1.0))
    return str(request.param)


@pytest.mark.parametrize("deed", ["crash", "hang", "eat"], indirect=True)
def test_a_file_that_crashes_hangs_or_fills_its_parser_is_one_sentence(file: Path, deed: str) -> None:
    with pytest.raises(InputError) as raised:
        probing.probe_files([PolicyReference("policy", str(file))])
    assert f"the ONNX file '{file}'" in str(raised.value)
    assert SENTENCES[deed] in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("deed", ["crash"], indirect=True)
def test_commands_end_with_that_sentence(file: Path, deed: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="killed by SIGSEGV"):
        name_policies(str(file))
    with pytest.raises(InputError, match="killed by SIGSEGV"):
        offline.main(["--policy", str(file), "--dataset", str(tmp_path)])


def test_a_file_that_can_be_loaded_and_other_policies_pass(file: Path) -> None:
    probing.probe_files([PolicyReference("policy", str(file)), PolicyReference("zero", "zero")])


def test_a_file_that_is_no_model_is_told_as_without_a_probe(tmp_path: Path) -> None:
    (tmp_path / "policy.onnx").write_bytes(b"no model")
    with pytest.raises(InputError, match="is not an ONNX policy"):
        probing.probe_files([PolicyReference("policy", str(tmp_path / "policy.onnx"))])
