"""Laws of the stages: what must be equal to the bit on every processor, and that a difference would be seen."""

from __future__ import annotations

from functools import cache

import pytest

from sim.benchmark.processors import stages
from sim.benchmark.processors.instruction_sets import make_instruction_sets, run_under
from sim.benchmark.processors.stages import SCRIPTED, hash_stages, make_stages
from sim.workers.processor import read_processor

BEFORE_NETWORKS = tuple(name for name in make_stages(1) if not name.startswith(("rows", "actions")))
ROWS = tuple(f"rows of {policy}" for policy in SCRIPTED)


@cache
def hashes_under(variables: frozenset[tuple[str, str]], names: tuple[str, ...]) -> dict[str, list[str]]:
    """The hashes of stages in a process with these environment variables."""
    return run_under(dict(variables), hash_stages, 1, names)


def limits(*names: str) -> frozenset[tuple[str, str]]:
    """The variables of these sets together."""
    found = {each.name: each.variables for each in make_instruction_sets(read_processor().numpy)}
    if missing := [name for name in names if name not in found]:
        pytest.skip(f"this processor has no more than {missing}")
    return frozenset(pair for name in names for pair in found[name].items())


def test_worlds_labels_physics_pictures_and_inputs_are_equal_whatever_instructions_numpy_and_its_blas_apply():
    limited = hashes_under(limits("NumPy, SSE4", "OpenBLAS, Nehalem"), BEFORE_NETWORKS)
    assert limited == hashes_under(frozenset(), BEFORE_NETWORKS)


@pytest.mark.slow
@pytest.mark.parametrize(
    "names",
    [
        ("NumPy, AVX2", "OpenBLAS, Haswell", "llvmpipe, 128 bits"),
        ("NumPy, SSE4", "OpenBLAS, Nehalem", "llvmpipe, 512 bits"),
        ("ATen, SSE2", "oneDNN, SSE4", "MKL, compatible"),
    ],
)
def test_rows_and_digests_of_policies_without_a_network_are_equal_on_every_processor(names):
    assert hashes_under(limits(*names), (*BEFORE_NETWORKS, *ROWS)) == hashes_under(
        frozenset(), (*BEFORE_NETWORKS, *ROWS)
    )


@pytest.mark.parametrize("stage", [name for name in BEFORE_NETWORKS if "TinyRenderer" not in name])
def test_a_stage_hashes_what_it_computes(stage, monkeypatch):
    first = hash_stages(1, [stage])[stage]
    monkeypatch.setattr(stages, "SEED", stages.SEED + 1)
    monkeypatch.setattr(stages, "POSES", 2)
    assert len(set(first)) > 1
    if stage not in ("image faults", "preprocessing"):  # their frames of noise don't depend on the suite
        assert set(hash_stages(1, [stage])[stage]).isdisjoint(first)
