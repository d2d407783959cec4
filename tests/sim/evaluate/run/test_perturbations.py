"""Laws of what --perturb and --probe come to."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from scenarios.common.errors import InputError
from scenarios.perturbations import AXES
from scenarios.registry import SCENARIOS
from sim.evaluate.run.perturbations import parse_perturbations
from sim.results.plan import SWAPPED_INSTRUCTION


@dataclass(frozen=True)
class Lonely:
    """A family whose worlds have one target."""

    name: str = "lonely"

    def world(self, suite_seed: int, episode: int):
        world = SCENARIOS["corridor"].world(suite_seed, episode)
        return replace(world, task=replace(world.task, others=()))


@pytest.fixture(autouse=True)
def lonely(monkeypatch):
    monkeypatch.setitem(SCENARIOS, "lonely", Lonely())


def choose(*texts, probe=False, scenarios=("corridor",)):
    return parse_perturbations(texts, probe, scenarios)


def test_without_perturbations_no_world_is_drawn(monkeypatch):
    monkeypatch.setitem(SCENARIOS, "lonely", None)
    assert choose(scenarios=("lonely",)).perturbations == ("none",)


def test_each_use_is_one_more_cell_and_none_comes_first():
    found = choose("latency=1,lighting=2", "lighting=2", "lighting=2", "latency=1, lighting=2")
    assert found.perturbations == ("none", "lighting=2+latency=1", "lighting=2")


def test_all_is_every_axis_on_its_own():
    found = choose("all=2", "lighting=2")
    assert found.perturbations == ("none", *(f"{axis}=2" for axis in AXES))
    assert found.left_out == {}


def test_the_probe_is_one_more_cell_where_there_is_a_choice():
    found = choose(probe=True, scenarios=("corridor", "lonely"))
    assert found.perturbations == ("none", SWAPPED_INSTRUCTION)
    assert list(found.left_out) == [("lonely", SWAPPED_INSTRUCTION)]


@pytest.mark.parametrize(
    ("texts", "probe", "words"),
    [
        ((SWAPPED_INSTRUCTION,), False, "'lonely' can't have instruction=3"),
        ((), True, "'lonely' can't have instruction=3"),
    ],
)
def test_what_no_scenario_can_have_is_refused_where_it_was_asked_for_by_name(texts, probe, words):
    with pytest.raises(InputError, match=words):
        choose(*texts, probe=probe, scenarios=("lonely",))
    assert ("lonely", SWAPPED_INSTRUCTION) in choose("all=3", scenarios=("lonely",)).left_out


@pytest.mark.parametrize(
    ("text", "words"), [("lightning=2", "did you mean 'lighting'"), ("lighting=0", "level 0"), ("all=0", "level 0")]
)
def test_a_wrong_one_is_refused(text, words):
    with pytest.raises(InputError, match=words):
        choose(text)
