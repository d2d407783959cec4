"""Laws of scenario files: what is written is what is drawn, and what is wrong is said with its line."""

from __future__ import annotations

import math
import pickle
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scenarios import registry
from scenarios.common.errors import InputError
from scenarios.families.corridor import CorridorSpec, corridor
from scenarios.files import scenario_file
from scenarios.files.fields import format_field, parse_field
from scenarios.files.scenario_file import format_scenario, load_scenario
from scenarios.files.yaml_nodes import MAX_DEPTH, parse_yaml
from scenarios.lookup import get_scenario
from scenarios.ranges import Choice, IntRange, Range, with_unit
from scenarios.registry import SCENARIOS
from scenarios.scenario import Scenario
from scenarios.world import World


@pytest.fixture
def written(tmp_path: Path) -> Any:
    """Write a file and give its path."""

    def write_file(text: str, name: str = "mine.yaml") -> str:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write_file


@pytest.mark.parametrize("family", SCENARIOS)
def test_what_is_dumped_is_loaded_again(family: str, written: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(scenario_file, "TRIAL_WORLDS", 1)
    scenario = SCENARIOS[family]
    loaded = load_scenario(written(format_scenario(scenario)))
    assert loaded.spec == scenario.spec
    assert (loaded.name, loaded.summary) == ("mine", scenario.summary)
    again = load_scenario(written(format_scenario(loaded), "other.yaml"))
    assert (again.name, again.spec, again.spec_hash) == ("mine", loaded.spec, loaded.spec_hash)


@pytest.mark.parametrize("family", SCENARIOS)
def test_every_field_of_a_family_stands_in_its_file(family: str) -> None:
    lines = [
        line.strip().split(":")[0] for line in format_scenario(SCENARIOS[family]).split("\nranges:\n")[1].splitlines()
    ]
    assert {field.name for field in fields(SCENARIOS[family].spec)} <= set(lines)


def test_the_file_changes_its_ranges_and_leaves_the_others(written: Any) -> None:
    text = """
    family: corridor
    ranges:
      width: [280 cm, 3.2 m]
      length: 8
      boxes: 2
      box_yaw: [-25 deg, 0.1]
      clearance: 15 cm
      floor_look: [floor/tiles, floor/carpet]
      wall_look: wall/brick
      phrases: "roll up to the {target}, slowly"
    """
    assert load_scenario(written(text)).spec == replace(
        CorridorSpec(),
        width=Range(2.8, 3.2),
        length=Range(8.0, 8.0),
        boxes=IntRange(2, 2),
        box_yaw=Range(-math.radians(25), 0.1),
        clearance=0.15,
        floor_look=Choice(("floor/tiles", "floor/carpet")),
        wall_look=Choice(("wall/brick",)),
        phrases=Choice(("roll up to the {target}, slowly",)),
        unseen_phrases=Choice(()),
    )


def test_phrases_of_a_file_s_own_take_the_place_of_all_and_unseen_ones_are_those_that_it_gives(written: Any) -> None:
    own = 'family: corridor\nranges:\n  phrases: ["roll up to the {target}"]\n'
    alone, both = (
        load_scenario(written(own)),
        load_scenario(written(own + '  unseen_phrases: "be at the {target}"', "b.yaml")),
    )
    kept = load_scenario(written("family: corridor\nranges: {boxes: 1}", "c.yaml"))
    assert {alone.world(0, number).phrase for number in range(12)} == {None}
    assert all(alone.world(0, number).instruction.startswith("roll up to the ") for number in range(12))
    begins = {"seen": "roll up to the ", "unseen": "be at the "}
    worlds = [both.world(0, number) for number in range(12)]
    assert {world.phrase for world in worlds} == {"seen", "unseen"}
    assert all(world.instruction.startswith(begins[world.phrase or ""]) for world in worlds)
    assert {kept.world(0, number).phrase for number in range(12)} == {"seen", "unseen"}
    again = load_scenario(written(format_scenario(alone), "d.yaml"))
    assert again.spec == alone.spec


def test_worlds_bear_the_file_s_name_and_are_seeded_by_it(written: Any) -> None:
    scenario = get_scenario(written("family: corridor\nname: long-hall\nranges: {length: 9.5}"))
    elsewhere = get_scenario(written("family: corridor\nname: long-hall\nranges: {length: 950 cm}", "copy.yml"))
    world = scenario.world(3, 4)
    assert world.scenario == scenario.name == "long-hall"
    assert world.bounds_m[2] == 9.5
    assert world == elsewhere.world(3, 4)
    other = get_scenario(written("family: corridor\nranges: {length: 9.5}", "tall-hall.yaml")).world(3, 4)
    assert other.scenario == "tall-hall"
    assert other.start != world.start


def test_a_scenario_of_a_file_goes_to_other_processes(written: Any) -> None:
    scenario = load_scenario(written("family: corridor\nranges: {boxes: 1}"))
    assert pickle.loads(pickle.dumps(scenario)).world(0, 0) == scenario.world(0, 0)


def test_a_file_that_was_changed_is_read_anew(written: Any) -> None:
    before = load_scenario(written("family: corridor\nranges: {boxes: 1}")).spec_hash
    assert load_scenario(written("family: corridor\nranges: {boxes: 2}")).spec_hash != before


RANGES = "family: corridor\nranges:\n  height: 2.5\n  "


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (RANGES + 'unseen_phrases: "head for the {target}"', 3, "'phrases' and in 'unseen_phrases'"),
        (RANGES + 'unseen_phrases: "go there"', 4, "must contain {target}"),
        (RANGES + "widht: 3", 4, "did you mean 'width'"),
        (RANGES + "width: [3.2, 2.4]", 4, "low end 3.2 is above the high end 2.4"),
        (RANGES + "width: [1, 2, 3]", 4, r"\[low, high\] or one number"),
        (RANGES + "width: {low: 1}", 4, r"\[low, high\] or one number"),
        (RANGES + "width: [[1], 2]", 4, "must be one number"),
        (RANGES + "width:", 4, "'' is not a number"),
        (RANGES + "width: wide", 4, "'wide' is not a number"),
        (RANGES + "width: 5 kg", 4, "'5 kg' is not a length in m, cm, mm"),
        (RANGES + "width: [2,\n    25 deg]", 5, "'25 deg' is not a length"),
        (RANGES + "start_yaw: 25 cm", 4, "is not an angle in rad, deg"),
        (RANGES + "tint: 1 m", 4, "is not a plain number"),
        (RANGES + "width: [-1, 2]", 4, "can't be negative"),
        (RANGES + "length: 300", 4, "at most 50 m"),
        (RANGES + "boxes: 1000", 4, "at most 100"),
        (RANGES + "boxes: [1, 2.5]", 4, "a whole number, not '2.5'"),
        (RANGES + "clearance: [0.1, 0.2]", 4, "must be one value"),
        (RANGES + "wall_look: [wall/brick,\n    wall/brik]", 5, "did you mean 'wall/brick'"),
        (RANGES + "wall_look: []", 4, "at least one option"),
        (RANGES + "wall_look: [wall/brick, wall/brick]", 4, "twice"),
        (RANGES + 'phrases: "go to the {goal}"', 4, "unknown placeholder in"),
        (RANGES + 'phrases: "go to the {target!r}"', 4, "unknown placeholder in"),
        (RANGES + 'phrases: "go to the {target"', 4, "braces"),
        (RANGES + 'phrases: "go ahead"', 4, "must contain {target}"),
        (RANGES + "height: 2.4", 4, "'height' appears twice, first on line 3"),
        (RANGES + "width: !!python/object/apply:os.system [id]", 4, "are not supported"),
        (RANGES + "width: [1, 2", 4, "not valid YAML"),
        (RANGES + "a: b: c", 4, "not valid YAML"),
        (RANGES + "width: *wide", 4, "not valid YAML"),
        (RANGES + "? [1]\n  : 2", 4, "keys of 'ranges' must be plain words"),
        (
            RANGES + "width: [0.5, 0.6]",
            4,
            r"can be sampled .*: width doesn't fit .*; the family has width: \[2.4, 3.2\]$",
        ),
        (RANGES + "width: 0.5\n  length: 0.7", 2, "no corridor can be sampled from these ranges: they don't fit each"),
        (RANGES + "targets: 12", 2, "no solvable corridor"),
        ("family: coridor", 1, "did you mean 'corridor'"),
        ("family: [corridor]", 1, "unknown family"),
        ("name: mine", 1, "'family' is missing: known families are"),
        ("family: corridor\nrange: {}", 2, "did you mean 'ranges'"),
        ("family: corridor\nranges: 3", 2, "'ranges' must be lines"),
        ("family: corridor\nname: corridor", 2, "already the name of a scenario"),
        ("family: corridor\nname: all", 2, "already the name of a scenario"),
        ("family: corridor\nname: a/b", 2, "'a/b' is not a valid scenario name"),
        ("family: corridor\nsummary: [a]", 2, "one line"),
        ("family: corridor\n---\nfamily: corridor", 2, "not valid YAML"),
        ("family: corridor\n\0", 2, "a character"),
        ("# nothing", 1, "empty"),
        ("- family", 1, "must be lines"),
        ("[" * 700, 1, "nested too deeply"),
        ("[\n" * 101 + "]" * 101, 101, "nested too deeply: at most 100 levels"),
        ("\n".join("  " * level + "a:" for level in range(200)), 101, "nested too deeply"),
        ("- " * 700, 1, "nested too deeply"),
    ],
)
def test_what_is_wrong_is_one_sentence_with_file_and_line(text: str, line: int, words: str, written: Any) -> None:
    path = written(text)
    with pytest.raises(InputError, match=words) as caught:
        get_scenario(path)
    message = str(caught.value)
    assert message.startswith(f"{path}, line {line}: ")
    assert "\n" not in message


def test_what_is_nested_too_deep_does_not_depend_on_how_deep_python_may_call() -> None:
    deepest = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    allowed = sys.getrecursionlimit()
    for limit in (allowed, 20 * allowed):  # torch's compiler, for one, raises it for its whole process
        sys.setrecursionlimit(limit)
        try:
            assert parse_yaml(deepest, "file").line == 1
            with pytest.raises(InputError, match="nested too deeply"):
                parse_yaml(f"[{deepest}]", "file")
        finally:
            sys.setrecursionlimit(allowed)


@pytest.mark.parametrize("bracket", ["[", "{", "- ", "? ", "[\n", "a: {"])
def test_a_file_of_nothing_but_brackets_is_answered_at_once(bracket: str) -> None:
    began = time.process_time()
    with pytest.raises(InputError, match="nested too deeply"):
        parse_yaml(bracket * 100_000, "file")
    assert time.process_time() - began < 2.0


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("[[2, left], [1, right]]", ((2, "left"), (1, "right"))),
        ("[2, right]", ((2, "right"),)),
    ],
)
def test_options_may_be_lists_themselves(text: str, sides: tuple[tuple[int, str], ...]) -> None:
    assert parse_field("sides", Everything().sides, parse_yaml(text, "file")) == Choice(sides)


def test_a_file_called_as_a_family_needs_a_name_of_its_own(written: Any) -> None:
    with pytest.raises(InputError, match="'corridor' is already the name"):
        load_scenario(written("family: corridor", "corridor.yaml"))
    assert load_scenario(written("family: corridor\nname: mine", "corridor.yaml")).name == "mine"


def test_what_is_no_readable_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\xfa")
    for name, words in [("none.yaml", "No such file"), ("", "a directory"), ("bytes.yaml", "UTF-8")]:
        with pytest.raises(InputError, match=words):
            load_scenario(tmp_path / name)


def test_an_error_of_the_family_itself_is_not_dressed_up_as_bad_input(monkeypatch: Any, written: Any) -> None:
    def broken(spec: CorridorSpec, rng: np.random.Generator) -> World:
        raise AttributeError("ours")

    monkeypatch.setitem(registry.SCENARIOS, "broken", Scenario("broken", "does not work", CorridorSpec(), broken))
    with pytest.raises(AttributeError):
        load_scenario(written("family: broken"))


@dataclass(frozen=True)
class Everything:
    """A spec with every kind of field."""

    width: Range = Range(1.0, 2.0)
    turn_yaw: Range = Range(-1.0, 1.0)
    people: IntRange = IntRange(0, 3)
    hold_s: float = 2.0
    rows: int = 3
    closed: bool = False
    colour: str = "red"
    sizes: tuple[float, float] = (1.0, 2.0)
    gap: Choice[float] = Choice((0.3, 0.5))
    sides: Choice[tuple[int, str]] = Choice(((1, "left"), (2, "right")))
    mirrored: Choice[bool] = Choice((False, True))
    phrases: Choice[str] = Choice(("go {side} to the {target}", "the {target}, {side} of it"))


LENGTHS = st.floats(0.0, 50.0)
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="{}\ufeff\ufffe\uffff")
)
SPECS = st.builds(
    Everything,
    width=st.tuples(LENGTHS, LENGTHS).map(lambda ends: Range(*sorted(ends))),
    turn_yaw=st.tuples(st.floats(-4, 4), st.floats(-4, 4)).map(lambda ends: Range(*sorted(ends))),
    people=st.tuples(st.integers(0, 100), st.integers(0, 100)).map(lambda ends: IntRange(*sorted(ends))),
    hold_s=st.floats(0, 1e6),
    rows=st.integers(0, 100),
    closed=st.booleans(),
    colour=st.sampled_from(["red", "blue", "grey"]),
    sizes=st.tuples(LENGTHS, LENGTHS),
    gap=st.lists(LENGTHS, min_size=1, max_size=4, unique=True).map(lambda options: Choice(tuple(options))),
    sides=st.just(Choice(((2, "left"),))),
    mirrored=st.sampled_from([Choice((True,)), Choice((True, False))]),
    phrases=TEXTS.map(lambda text: Choice((f"{text} {{side}} {{target}}",))),
)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(SPECS)
def test_every_kind_of_field_is_read_as_it_was_written(spec: Everything) -> None:
    text = "\n".join(("ranges:", *(format_field(field.name, getattr(spec, field.name)) for field in fields(spec))))
    entries = parse_yaml(text, "file").entries("file")["ranges"][1].entries("ranges")
    found = {name: parse_field(name, getattr(Everything(), name), node) for name, (_, node) in entries.items()}
    assert Everything(**found) == replace(spec, phrases=Choice(tuple(p.strip() for p in spec.phrases.options)))  # type: ignore[arg-type]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text("family: corridor\n rangesxw[]{}&*!|>'\"%#,-?0123.\t", max_size=60))
def test_no_text_leads_to_anything_but_a_scenario_or_a_sentence(text: str) -> None:
    with suppress(InputError):
        scenario_file._scenario("file", f"family: corridor\n{text}")


@dataclass(frozen=True)
class Paced(CorridorSpec):
    """A corridor with numbers whose names don't tell their units."""

    pace: Range = with_unit(Range(0.3, 0.5), "m/s")
    run_up: float = with_unit(1.5, "m")
    zest: float = 0.5


def test_a_declared_unit_is_written_and_read(monkeypatch: Any, written: Any) -> None:
    monkeypatch.setitem(registry.SCENARIOS, "paced", Scenario("paced", "hurries", Paced(), corridor))
    lines = format_scenario(registry.SCENARIOS["paced"]).split("\nranges:\n")[1].splitlines()
    assert [" ".join(line.split()) for line in lines[:3]] == ["pace: [0.3, 0.5] # m/s", "run_up: 1.5 # m", "zest: 0.5"]
    spec = load_scenario(written("family: paced\nranges: {pace: [36 cm/s, 3.6 km/h], run_up: 80 cm, zest: 40 %}")).spec
    assert spec == Paced(pace=Range(0.36, 1.0), run_up=0.8, zest=0.4)
    with pytest.raises(InputError, match="'3 m' is not a speed"):
        load_scenario(written("family: paced\nranges: {pace: 3 m}"))


def test_a_family_s_own_ranges_stand_before_those_that_all_have() -> None:
    lines = [
        line.split(":")[0].strip()
        for line in format_scenario(SCENARIOS["corridor"]).split("\nranges:\n")[1].splitlines()
    ]
    assert lines[:2] == ["length", "width"]
    assert lines.index("phrases") < lines.index("start_yaw") < lines.index("tint")


def test_equal_ranges_of_a_family_and_a_file_are_drawn_by_the_same_function(written: Any) -> None:
    scenario = load_scenario(written("family: corridor"))
    drawn = scenario.build(scenario.spec, np.random.default_rng(5))
    assert replace(drawn, scenario="corridor") == corridor(CorridorSpec(), np.random.default_rng(5))
