"""The harness finds each thing that a loader must not do, and goes on after it; inputs repeat by their numbers."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from random import Random

import harness
import pytest
from harness import Target, fuzz, mutate_folder
from mutations import mutate_bytes, mutate_json, mutate_lines, mutate_safetensors, mutate_text

from scenarios.common.errors import InputError

BAD = {2, 5}  # inputs on which a planted loader misbehaves


def number(data: bytes, rng: Random) -> bytes:
    return str(rng.random()).encode()


def plant(misbehave, monkeypatch: pytest.MonkeyPatch) -> Target:
    """A loader that misbehaves on some inputs, and else refuses what it reads."""

    def mutate(target: Target, valid: Path, case: Path, number: int) -> None:
        case.mkdir(parents=True, exist_ok=True)
        (case / "input").write_text(str(number))

    def load(folder: Path) -> None:
        text = (folder / "input").read_text()
        if text != "valid" and int(text) in BAD:
            misbehave()
        elif text != "valid":
            raise InputError(f"'{text}' is no input")

    monkeypatch.setattr(harness, "mutate_folder", mutate)
    monkeypatch.setattr(harness, "LIMIT_S", 0.3)
    return Target("planted", lambda folder: (folder / "input").write_text("valid"), load, {"input": (number,)})


def spin() -> None:
    while True:
        pass


def write_outside() -> None:
    Path(f"/tmp/{os.getpid()}.outside").write_text("x")
    Path(f"/tmp/{os.getpid()}.outside").unlink()


def raise_nothing_said() -> None:
    raise InputError("")


@pytest.mark.parametrize(
    ("misbehave", "kind"),
    [
        (lambda: int("x"), "ValueError"),
        (lambda: sys.exit(0), "SystemExit"),
        (os.abort, "crash"),
        (lambda: os._exit(0), "crash"),
        (spin, "slow"),
        (lambda: bytearray(64 << 30), "MemoryError"),
        (lambda: socket.getaddrinfo("localhost", 1), "outside"),
        (lambda: subprocess.run(["true"], check=True), "outside"),
        (write_outside, "outside"),
        (raise_nothing_said, "no sentence"),
    ],
)
def test_what_a_loader_must_not_do_is_found_at_each_input(misbehave, kind, tmp_path, monkeypatch) -> None:
    report = fuzz(plant(misbehave, monkeypatch), range(8), tmp_path)
    assert [key.split(" in ")[0] for key in report.faults] == [kind]
    (found,) = report.faults.values()
    assert [each.split(":")[0] for each in found] == [f"input {bad}" for bad in sorted(BAD)]
    assert dict(report.counts) == {"inputs": 8, "sentence": 8 - len(BAD), "faults": len(BAD)}


def test_a_loader_that_does_not_return_from_c_is_ended(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(harness, "STUCK_S", 1.0)
    report = fuzz(plant(lambda: time.sleep(600), monkeypatch), range(3), tmp_path)
    assert list(report.faults) == ["hang"]


@pytest.mark.parametrize(
    ("misbehave", "kinds"),
    [(lambda: None, []), (raise_nothing_said, ["no sentence"]), (lambda: int("x"), ["ValueError"])],
)
def test_where_a_loader_crashes_the_one_in_a_process_of_its_own_decides(
    misbehave, kinds, tmp_path, monkeypatch
) -> None:
    target = replace(plant(os.abort, monkeypatch), load_apart=lambda folder: misbehave())
    report = fuzz(target, range(8), tmp_path)
    assert [key.split(" in ")[0] for key in report.faults] == kinds
    assert report.counts["inputs"] == 8


def test_a_target_whose_valid_files_do_not_load_tests_nothing_and_says_so(tmp_path) -> None:
    def load(folder: Path) -> None:
        raise InputError("never")

    target = Target("broken", lambda folder: (folder / "input").write_text("valid"), load, {"input": (number,)})
    assert list(fuzz(target, range(3), tmp_path).faults) == ["valid files don't load"]


def test_an_input_depends_on_its_number_alone(tmp_path) -> None:
    (tmp_path / "valid").mkdir()
    (tmp_path / "valid/a.bin").write_bytes(bytes(range(200)))
    target = Target("any", lambda folder: None, lambda folder: None, {".bin": (mutate_bytes,)})
    seen = []
    for each in (1, 2, 3, 2, 1):
        mutate_folder(target, tmp_path / "valid", tmp_path / "case", each)
        seen.append((tmp_path / "case/a.bin").read_bytes())
    assert seen[0] == seen[4]
    assert seen[1] == seen[3]
    assert len(set(seen)) == 3


@pytest.mark.parametrize("mutate", [mutate_bytes, mutate_text, mutate_json, mutate_lines])
def test_mutations_change_almost_every_input(mutate) -> None:
    valid = b'{"a": [1, 2.5, "text"], "b": {"c": null}}\n{"a": 2}\n'
    changed = {mutate(valid, Random(seed)) for seed in range(200)}
    assert len(changed) > 100


def test_a_changed_header_of_tensors_has_its_own_length() -> None:
    header = b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
    valid = len(header).to_bytes(8, "little") + header + bytes(4)
    whole = [mutate_safetensors(valid, Random(seed)) for seed in range(100)]
    fitting = [each for each in whole if len(each) - 12 == int.from_bytes(each[:8], "little")]
    assert len({*fitting} - {valid}) > 20
