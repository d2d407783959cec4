"""Laws of what must be equal in all parts of a run."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rows import MANIFEST

from scenarios.common.errors import InputError
from sim.evaluate.shards.identity import check_same_evaluation, hash_evaluation


def test_time_machine_command_and_shard_may_differ(tmp_path):
    other = replace(
        MANIFEST,
        command=("x",),
        started="later",
        machine=replace(MANIFEST.machine, cores=64),
        shard="1/2",
        resumed=("later",),
    )
    assert hash_evaluation(other) == hash_evaluation(MANIFEST)
    check_same_evaluation(MANIFEST, tmp_path / "a", other, tmp_path / "b")


def test_many_differences_are_counted(tmp_path):
    names = ("a", "b", "c", "d", "e")
    other = replace(MANIFEST, packages={"numpy": "2.0", **dict.fromkeys(names, "1")}, python="3.13")
    with pytest.raises(InputError) as raised:
        check_same_evaluation(MANIFEST, tmp_path / "a", other, tmp_path / "b")
    assert str(raised.value).endswith('packages.b is "1" there and null here; 3 more')
