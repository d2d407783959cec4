"""Laws of what is said about a merged run that isn't complete."""

from __future__ import annotations

from dataclasses import replace

from parts_of_a_run import COMMAND, PLAN, RUN

from sim.evaluate.shards.shard import CLAIM, Shard
from sim.merge.missing import list_remedies, merged_command


def part(shard: str | None, command=(*COMMAND, "--out", "parts", "--shard", "auto")):
    return replace(RUN, shard=shard, command=command)


def keys_of(*shards: Shard):
    return {key for shard in shards for block in shard.select(PLAN.blocks) for key in block.keys}


def test_a_shard_without_a_folder_has_the_command_of_the_others(tmp_path):
    lines = list_remedies(PLAN, keys_of(Shard(1, 2)), [part("1/2")], tmp_path)
    assert len(lines) == 2
    assert lines[0].startswith("shard 2/2: 28 of 28 episodes missing; finish with: python -m sim.evaluate")
    assert lines[0].endswith("--out parts --shard 2/2")


def test_of_many_shards_the_first_are_named(tmp_path):
    lines = list_remedies(PLAN, set(), [part("1/8")], tmp_path)
    assert [line[:9] for line in lines[:5]] == [f"shard {number}/8" for number in range(1, 6)]
    assert lines[5] == "and 3 more shards"


def test_claims_go_on_with_the_same_command(tmp_path):
    lines = list_remedies(PLAN, set(), [part(CLAIM, (*COMMAND, "--out", "x", "--shard", "claim"))], tmp_path)
    assert lines[0].endswith("--out x --shard claim")


def test_the_whole_command_has_a_folder(tmp_path):
    assert merged_command(part(None, COMMAND), tmp_path)[-2:] == ["--out", str(tmp_path)]
    assert merged_command(part("1/2"), tmp_path) == [*COMMAND, "--out", str(tmp_path)]
