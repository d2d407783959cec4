"""Scenario files with ``family:``, optional ``name:`` and ``summary:``, and ``ranges:`` of the family's spec."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from inspect import get_annotations
from pathlib import Path
from typing import Any

import numpy as np

from scenarios.common.errors import InputError, unknown_name
from scenarios.files.fields import format_field, format_value, parse_field
from scenarios.files.yaml_nodes import YamlNode, parse_yaml
from scenarios.ranges import Choice
from scenarios.registry import SCENARIOS
from scenarios.scenario import Scenario
from scenarios.world import World

KEYS = ("family", "name", "summary", "ranges")
RESERVED = ("all",)  # words with a meaning of their own in '--scenario'
TRIAL_SEED, TRIAL_WORLDS = 0, 20  # sampled when a file is loaded, so that unsolvable ranges fail early

HEADER = """\
# Task: {summary}.
#
# Copy this file, edit it, and run it:
#   python -m sim.evaluate --policy hybrid --scenario my.yaml
#   python -m sim.scenarios my.yaml --episode 0 --out scene.png
#
# [low, high] is sampled uniformly, a single number is fixed, and the options of a list are equally likely.
# The comment after a number gives its unit; you can also write another one: 80 cm, 25 deg.
# Entries that you leave out keep the family's value.
"""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class RenamedFamily:
    """A family's build function that gives its worlds another scenario's name."""

    name: str
    family: Scenario

    def __call__(self, spec: Any, rng: np.random.Generator) -> World:
        return replace(self.family.build(spec, rng), scenario=self.name)


def load_scenario(path: str | Path) -> Scenario:
    """Load the scenario that a file describes.

    The scenario's name is the file's ``name:`` or else the file name without its suffix. It seeds the episodes, so
    equal names and ranges give equal worlds, wherever the file is.

    Raises:
        InputError: The file can't be read or is invalid; names file and line.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: a scenario file must be UTF-8 text") from error
    except OSError as error:
        raise InputError(f"{path}: can't be read as a scenario file: {error.strerror}") from error
    return _scenario(str(path), text)


@lru_cache(maxsize=64)  # by contents: every episode looks its scenario up, and sampling the trial worlds takes time
def _scenario(file: str, text: str) -> Scenario:
    root = parse_yaml(text, file)
    entries = root.entries("a scenario file")
    for key, (place, _) in entries.items():
        if key not in KEYS:
            raise place.error(str(unknown_name("key", key, KEYS)))
    if "family" not in entries:
        raise root.error(f"'family' is missing: known families are {', '.join(SCENARIOS)}")
    family_node = entries["family"][1]
    if family_node.text not in SCENARIOS:
        raise family_node.error(str(unknown_name("family", family_node.text or "", SCENARIOS)))
    family = SCENARIOS[family_node.text]
    name = _name(file, entries.get("name", (root, None)))
    summary = _summary(family, entries["summary"][1]) if "summary" in entries else family.summary
    place, ranges = entries.get("ranges", (root, None))
    spec = family.spec if ranges is None else _spec(family, ranges)
    scenario = Scenario(name, summary, spec, RenamedFamily(name, family))
    _try(scenario, family, place, ranges)
    return scenario


def _name(file: str, entry: tuple[YamlNode, YamlNode | None]) -> str:
    place, node = entry
    name = Path(file).stem if node is None else node.text or ""
    hint = " (set 'name: …' to use another name than the file's)" if node is None else ""
    if not _NAME.fullmatch(name):
        raise place.error(f"'{name}' is not a valid scenario name: use only letters, digits, '-', '_' and '.'{hint}")
    if name in SCENARIOS or name in RESERVED:
        raise place.error(f"'{name}' is already the name of a scenario: choose another name{hint}")
    return name


def _summary(family: Scenario, node: YamlNode) -> str:
    if not node.text:
        raise node.error(f"'summary' must be one line, e.g. '{family.summary}'")
    return " ".join(node.text.split())


def _spec(family: Scenario, ranges: YamlNode) -> Any:
    known = {field.name: field for field in fields(family.spec)}
    changes: dict[str, object] = {}
    for key, (place, node) in ranges.entries("'ranges'").items():
        if key not in known:
            raise place.error(str(unknown_name(f"range of {family.name}", key, known)))
        changes[key] = parse_field(key, getattr(family.spec, key), node, known[key].metadata.get("unit"))
    if "phrases" in changes:
        changes.setdefault("unseen_phrases", Choice(()))  # the family's may say something else
    spec = replace(family.spec, **changes)
    both = set(spec.phrases.options) & set(spec.unseen_phrases.options)
    if both:
        raise ranges.error(f"{format_value(min(both))} is in 'phrases' and in 'unseen_phrases': leave it out of one")
    return spec


def _try(scenario: Scenario, family: Scenario, place: YamlNode, ranges: YamlNode | None) -> None:
    """Sample some worlds to check the ranges.

    Raises:
        InputError: The family finds no solvable world, or its code fails on values that its own ranges never have,
            such as a count of 0.
    """
    failure = _sample_trials(scenario)
    if isinstance(failure, RuntimeError):  # there is none
        raise place.error(str(failure)) from failure
    if failure is None:
        return
    problem = f"no {family.name} can be sampled from these ranges"
    entries = {} if ranges is None else ranges.entries("'ranges'")
    for key, (line, _) in entries.items():
        own = getattr(family.spec, key)
        if _sample_trials(replace(scenario, spec=replace(scenario.spec, **{key: own}))) is None:
            usual = " ".join(format_field(key, own, "").split())
            raise line.error(f"{problem}: {key} doesn't fit the others; the family has {usual}") from failure
    raise place.error(f"{problem}: they don't fit each other") from failure


def _sample_trials(scenario: Scenario) -> Exception | None:
    """Sample some worlds; return what a family raises if that isn't possible."""
    try:
        for episode in range(TRIAL_WORLDS):
            scenario.world(TRIAL_SEED, episode)
    except (RuntimeError, ValueError, ArithmeticError, LookupError) as error:
        return error
    return None


def format_scenario(scenario: Scenario) -> str:
    """Format a scenario as a complete scenario file, as a template to edit."""
    if isinstance(scenario.build, RenamedFamily):
        family = scenario.build.family.name
        names = [f"name: {scenario.name}", f"summary: {format_value(scenario.summary)}"]
    else:
        family = scenario.name
        names = [f"# name: my-{family}  # default: the file name; seeds the episodes"]
    own = tuple(get_annotations(type(scenario.spec)))  # the family's own fields come first
    known = {field.name: field for field in fields(scenario.spec)}
    order = dict.fromkeys((*(name for name in own if name in known), *known))
    given = ((name, getattr(scenario.spec, name)) for name in order)
    lines = [
        format_field(name, value, known[name].metadata.get("unit")) for name, value in given if value != Choice(())
    ]
    return "\n".join((HEADER.format(summary=scenario.summary), f"family: {family}", *names, "", "ranges:", *lines, ""))
