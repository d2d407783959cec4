"""The hashed requirements of CI are the pinned versions, all but PyTorch, whose builds differ."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
PIN = re.compile(r"^([\w.-]+)==(\S+)$", re.MULTILINE)
ELSEWHERE = {"psutil"}  # limited, too, for machines that install it
HASHED = re.compile(r"^([\w.-]+)==(\S+) --hash=sha256:[0-9a-f]{64}$")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hash_requirements", ROOT / ".ci/hash_requirements.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_pinned_version_but_those_left_out_has_a_hash(script: ModuleType) -> None:
    pins = {
        script.normalise_name(name): version for name, version in PIN.findall((ROOT / "constraints.txt").read_text())
    }
    lines = [line for line in (ROOT / "requirements-ci.txt").read_text().splitlines() if not line.startswith("#")]
    matches = [HASHED.match(line) for line in lines]
    assert all(matches)
    hashed = {match[1]: match[2] for match in matches if match}
    assert hashed == {name: pins[name] for name in hashed}
    assert set(pins) - set(hashed) <= {*script.LEFT_OUT, *ELSEWHERE}


def test_what_the_index_does_not_offer_and_torch_are_left_out(script: ModuleType) -> None:
    def item(name: str, url: str) -> dict:
        info = {"url": url, "archive_info": {"hashes": {"sha256": "ab" * 32}}}
        return {"metadata": {"name": name, "version": "1.0"}, "download_info": info}

    wheel = script.INDEX + "packages/a.whl"
    report = {"install": [item("Types_PyYAML", wheel), item("torch", wheel), item("mobile-vla-sim", "file:///here")]}
    text = script.format_requirements(report)
    assert [line for line in text.splitlines() if not line.startswith("#")] == [
        "types-pyyaml==1.0 --hash=sha256:" + "ab" * 32
    ]
