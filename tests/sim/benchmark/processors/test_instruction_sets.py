"""Laws of playing several instruction sets on one processor."""

from __future__ import annotations

import os

import pytest

from sim.benchmark.processors.instruction_sets import ALL_AVX2, ALL_SSE4, make_instruction_sets, run_under
from sim.workers.processor import read_processor

WIDE = ("X86_V3", "X86_V4", "AVX512_ICL")


def test_every_set_turns_something_off_and_all_of_them_are_different():
    sets = make_instruction_sets(WIDE)
    assert all(each.variables and all(each.variables.values()) for each in sets)
    assert len({tuple(sorted(each.variables.items())) for each in sets}) == len(sets)
    assert {ALL_AVX2, ALL_SSE4} < {each.name for each in sets}


@pytest.mark.parametrize(
    ("features", "avx2", "sse4"),
    [
        (WIDE, "X86_V4 AVX512_ICL", "X86_V3 X86_V4 AVX512_ICL"),
        (("AVX2", "FMA3", "AVX512F"), "AVX512F", "AVX2 FMA3 AVX512F"),  # NumPy's names before version 2.4
        (("X86_V3",), None, "X86_V3"),  # a processor without AVX-512 can't play one that has only AVX2
    ],
)
def test_what_numpy_has_beyond_a_set_is_turned_off(features, avx2, sse4):
    off = {each.name: each.variables.get("NPY_DISABLE_CPU_FEATURES") for each in make_instruction_sets(features)}
    assert (off.get("NumPy, AVX2"), off["NumPy, SSE4"]) == (avx2, sse4)


def test_a_limit_applies_to_the_new_process_alone(monkeypatch):
    monkeypatch.delenv("OPENBLAS_CORETYPE", raising=False)
    before = dict(os.environ)
    found = run_under({"OPENBLAS_CORETYPE": "Nehalem"}, read_processor)
    assert "OPENBLAS_CORETYPE=Nehalem" in found.variables
    assert dict(os.environ) == before
