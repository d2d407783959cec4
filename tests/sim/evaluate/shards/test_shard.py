"""Laws of fixed shards."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.common.errors import InputError
from sim.evaluate.shards.shard import Shard, find_shard, parse_shard


@given(st.integers(0, 60), st.integers(1, 17))
def test_each_item_belongs_to_one_shard_and_shards_are_equally_long(items, count):
    parts = [Shard(number, count).select(range(items)) for number in range(1, count + 1)]
    assert sorted(item for part in parts for item in part) == list(range(items))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_folders_sort_as_their_numbers():
    names = [Shard(number, 120).folder for number in (1, 20, 100)]
    assert names == ["shard-001-of-120", "shard-020-of-120", "shard-100-of-120"]


def test_a_shard_is_what_is_written():
    assert parse_shard("3/16") == Shard(3, 16)
    assert str(parse_shard("3/16")) == "3/16"


@pytest.mark.parametrize("text", ["0/4", "5/4", "1/0", "4", "1/4/2", "-1/4", "one/two", "", "1/100001", "\u0661/4"])
def test_what_is_no_shard_is_named(text):
    with pytest.raises(InputError, match="shard"):
        parse_shard(text)


SLURM = {"SLURM_ARRAY_TASK_ID": "7", "SLURM_ARRAY_TASK_COUNT": "4", "SLURM_ARRAY_TASK_MIN": "5"}
KUBERNETES = {"JOB_COMPLETION_INDEX": "0", "JOB_COMPLETIONS": "8"}


@pytest.mark.parametrize(
    ("environment", "shard"),
    [
        (SLURM, Shard(3, 4)),
        (SLURM | {"SLURM_ARRAY_TASK_MIN": "7"}, Shard(1, 4)),
        ({"SLURM_ARRAY_TASK_ID": "0", "SLURM_ARRAY_TASK_COUNT": "1"}, Shard(1, 1)),
        (SLURM | {"SLURM_ARRAY_TASK_ID": "9", "SLURM_ARRAY_TASK_STEP": "2"}, Shard(3, 4)),
        (KUBERNETES, Shard(1, 8)),
        (KUBERNETES | {"JOB_COMPLETION_INDEX": "7"}, Shard(8, 8)),
    ],
)
def test_slurm_and_kubernetes_tell_the_shard(environment, shard):
    assert parse_shard("auto", environment) == shard


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({}, "SLURM_ARRAY_TASK_ID"),
        ({"SLURM_ARRAY_TASK_ID": "1"}, "SLURM_ARRAY_TASK_COUNT"),
        (SLURM | {"SLURM_ARRAY_TASK_ID": "9"}, "--array=1-N"),
        (SLURM | {"SLURM_ARRAY_TASK_ID": "6", "SLURM_ARRAY_TASK_STEP": "2"}, "--array=1-N"),
        ({"JOB_COMPLETION_INDEX": "3"}, "JOB_COMPLETIONS is not set; set it to the Job's number of completions"),
        (KUBERNETES | {"JOB_COMPLETION_INDEX": "8"}, "9/8"),
        (KUBERNETES | {"JOB_COMPLETIONS": "many"}, "'many'"),
    ],
)
def test_an_environment_that_tells_no_shard_is_explained(environment, named):
    with pytest.raises(InputError, match=named):
        find_shard(environment)
