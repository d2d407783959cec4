"""Laws of the plan."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.common.errors import InputError
from scenarios.lookup import get_scenario
from sim.results.codec import from_json, to_json
from sim.results.plan import BLOCK_EPISODES, SWAPPED_INSTRUCTION, Block, Cell, PlanRecord, RunPlan


@given(episodes=st.integers(1, 300), policies=st.integers(1, 3), scenarios=st.integers(1, 3))
def test_the_blocks_contain_every_episode_of_every_cell_once(episodes, policies, scenarios):
    plan = RunPlan(tuple("abc"[:policies]), tuple("xyz"[:scenarios]), episodes, 7)
    held = [(block.cell, episode.number) for block in plan.blocks for episode in block.episodes]
    assert sorted(held, key=repr) == sorted(((c, n) for c in plan.cells for n in range(episodes)), key=repr)
    assert len(held) == len(set(held))
    assert all(block.count <= BLOCK_EPISODES for block in plan.blocks)
    assert len({block.name for block in plan.blocks}) == len(plan.blocks)


@given(few=st.integers(1, 100), more=st.integers(0, 100))
def test_an_episode_has_the_same_position_in_its_block_however_many_are_requested(few, more):
    def places(episodes):
        blocks = RunPlan(("a",), ("x",), episodes, 0).blocks
        return {e.number: (block.first, slot) for block in blocks for slot, e in enumerate(block.episodes)}

    long, short = places(few + more), places(few)
    assert {number: long[number] for number in short} == short


def test_every_episode_of_a_block_carries_the_suite_seed_and_the_scenario():
    (block,) = RunPlan(("a",), ("x",), 3, 41).blocks
    assert [(e.scenario, e.suite_seed, e.number, e.perturbation) for e in block.episodes] == [
        ("x", 41, number, "none") for number in range(3)
    ]


def test_a_scenario_file_that_was_changed_after_the_plan_is_an_error(tmp_path):
    file = tmp_path / "mine.yaml"
    text = "family: corridor\nranges: {length: 7.0}\n"
    file.write_text(text)
    (block,) = RunPlan(("a",), (str(file),), 3, 41).blocks
    sent = json.loads(json.dumps(asdict(block)))  # as a worker gets it
    there = Block(**{**sent, "cell": Cell(**sent["cell"])})
    assert there == block
    file.write_text(f"# a remark\n{text}")
    assert there.scenario.name == "mine"
    file.write_text(text.replace("7.0", "8.0"))
    with pytest.raises(InputError, match=r"mine\.yaml changed during the run"):
        _ = there.scenario
    assert RunPlan(("a",), ("corridor",), 3, 41).blocks[0].scenario is get_scenario("corridor")


def test_every_perturbation_is_driven_on_the_same_episodes_as_the_unperturbed_cell():
    plan = RunPlan(("a",), ("x", "y"), 13, 5, ("none", "lighting=2", "latency=1+control-rate=3"))
    driven = {}
    for block in plan.blocks:
        for episode in block.episodes:
            drawn = (episode.scenario, episode.suite_seed, episode.number)
            driven.setdefault(block.cell.perturbation, set()).add(drawn)
            assert episode.perturbation == block.cell.perturbation
    assert list(driven) == list(plan.perturbations)
    assert driven["none"] == driven["lighting=2"] == driven["latency=1+control-rate=3"]
    assert len(driven["none"]) == 26


def test_a_perturbation_is_left_out_only_where_a_scenario_has_nothing_to_perturb():
    plan = RunPlan(("a", "b"), ("x", "y"), 3, 5, ("none", SWAPPED_INSTRUCTION), left_out=(("y", SWAPPED_INSTRUCTION),))
    assert plan.cells == (
        *(Cell("a", "x"), Cell("a", "x", SWAPPED_INSTRUCTION), Cell("a", "y")),
        *(Cell("b", "x"), Cell("b", "x", SWAPPED_INSTRUCTION), Cell("b", "y")),
    )


@pytest.mark.parametrize("perturbations", [(), ("lighting=2",), ("none", "lighting=2", "lighting=2")])
def test_perturbations_begin_with_none_and_contain_no_duplicates(perturbations):
    with pytest.raises(ValueError, match="none"):
        RunPlan(("a",), ("x",), 3, 5, perturbations)


def test_the_plan_survives_the_way_through_json():
    plan = RunPlan(
        ("a",), ("x",), 3, 5, ("none", SWAPPED_INSTRUCTION), left_out=(("x", SWAPPED_INSTRUCTION),), latency="measured"
    )
    record = plan.record()
    value = json.loads(json.dumps(to_json(record)))
    assert from_json(PlanRecord, value, "here") == record
    assert (value["latency"], value["perturbations"]) == ("measured", ["none", SWAPPED_INSTRUCTION])
    assert (value["left_out"], value["block_episodes"]) == ([["x", SWAPPED_INSTRUCTION]], 10)
    others = (RunPlan(("a",), ("x",), 3, 5), RunPlan(("a",), ("x",), 3, 5, latency=0.25))
    assert len({other.record() for other in (plan, *others)}) == 3
