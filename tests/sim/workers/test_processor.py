"""Laws of reading the processor."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from sim.workers.processor import Processor, read_processor, select_distinct

READ = (
    "import json, sys; {}; from dataclasses import asdict; from sim.workers.processor import read_processor as read; \
print(json.dumps(asdict(read())))"
)


def read_under(before: str = "pass", **variables: str) -> dict:
    """Read the processor in a process with these environment variables."""
    done = subprocess.run(
        [sys.executable, "-c", READ.format(before)],
        env={**os.environ, **variables},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_a_processor_has_a_name_and_is_json():
    found = json.loads(json.dumps(asdict(read_processor())))
    assert found["cpu"]


def test_what_libraries_apply_follows_the_variables_that_limit_them():
    usual = read_under()
    if usual["blas"] is None or not usual["numpy"]:
        pytest.skip("NumPy has another BLAS, or the processor has no instructions beyond the baseline")
    limits = {"OPENBLAS_CORETYPE": "Nehalem", "NPY_DISABLE_CPU_FEATURES": " ".join(usual["numpy"])}
    limited = read_under(**limits)
    assert (limited["blas"], limited["numpy"]) == ("Nehalem", [])
    assert {f"{name}={value}" for name, value in limits.items()} <= set(limited["variables"])


def test_torch_is_named_only_where_it_is_loaded():
    assert read_under(ATEN_CPU_CAPABILITY="default")["torch"] is None
    assert read_under("import torch", ATEN_CPU_CAPABILITY="default")["torch"] == "DEFAULT"


def test_a_processor_is_described_in_one_line():
    found = Processor("a processor", (), None, "AVX2", ("OPENBLAS_CORETYPE=Haswell",))
    assert str(found) == "a processor, NumPy baseline, PyTorch AVX2, OPENBLAS_CORETYPE=Haswell"


def test_a_worker_without_torch_is_no_other_processor():
    bare, loaded = Processor("one", (), None, None), Processor("one", (), None, "AVX2")
    assert select_distinct([bare, loaded, loaded]) == (loaded,)
    assert select_distinct([bare, bare]) == (bare,)
    assert select_distinct([loaded, Processor("two", (), None, None)]) == (loaded, Processor("two", (), None, None))
