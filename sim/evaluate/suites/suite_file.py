"""Suite files in YAML: what a run evaluates, one key for each flag."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from policies.names.parsing import parse_policies
from policies.names.reference import TypedArguments
from policies.specs.spec_file import read_text_file
from scenarios.common.cli import Parser
from scenarios.common.errors import InputError, unknown_name
from scenarios.common.user_code import is_code_reference
from scenarios.files.yaml_nodes import YamlNode, parse_yaml
from scenarios.lookup import check_scenario
from scenarios.registry import SCENARIOS
from sim.evaluate.run.perturbations import parse_perturbations
from sim.evaluate.run.request import ALL, scenario_name
from sim.evaluate.suites.suite_keys import SUITE_KEYS, SuiteKey
from sim.results.run_files import SUITE_FILE

SHIPPED = Path(__file__).parent / "shipped"
SUFFIXES = (".yaml", ".yml")
NAME, SUMMARY = "name", "summary"
POLICIES, ARGUMENTS = "policies", "policy_args"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_PLAIN = re.compile(r"[A-Za-z0-9./_-][A-Za-z0-9./_=+-]*")
SWITCH = ("true", "false")


@dataclass(frozen=True)
class Suite:
    """A suite as read from its file.

    Attributes:
        name: Its name, in every result: as its file says, else the file's; "" for what a run wrote of itself.
        entries: The values of each key, as text.
        options: The same as parsed options, by the attributes of their flags.
        arguments: Of its policies, with their lines; they stand in ``options``, too.
        summary: What it is for, in a line; "" for nothing.
    """

    name: str
    entries: Mapping[str, tuple[str, ...]]
    options: Mapping[str, object]
    arguments: tuple[TypedArguments, ...] = ()
    summary: str = ""


def shipped_suites() -> tuple[str, ...]:
    """Return the names of the suites in this package."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.yaml")))


def load_suite(text: str, parser: Parser, *, trust_code: bool = False) -> Suite:
    """Load a suite: one of this package by its name, any other by its file.

    Args:
        text: As typed after ``--suite``.
        parser: Parser of the flags that the keys stand for.
        trust_code: True if Python code that the suite names may be run.

    Raises:
        InputError: There is no such suite, or it has a mistake; names the file and the line.
    """
    if not text.lower().endswith(SUFFIXES):
        if text not in shipped_suites():
            raise InputError(f"--suite: {unknown_name('suite', text, shipped_suites())}; or give a .yaml file")
        path = SHIPPED / f"{text}.yaml"
    else:
        path = Path(text)
        if not path.is_file():
            raise InputError(f"--suite '{text}': there is no such file; this package has {', '.join(shipped_suites())}")
    return read_suite(read_text_file(path), str(path), parser, trust_code=trust_code)


def read_suite(text: str, file: str, parser: Parser, *, trust_code: bool = False) -> Suite:
    """Read a suite from the text of its file.

    Raises:
        InputError: It has a mistake; names the file and the line.
    """
    root = parse_yaml(text, file, "'scenarios: …'")
    nodes = root.entries("a suite file")
    for key, (place, _) in nodes.items():
        if key not in (NAME, SUMMARY, *SUITE_KEYS):
            raise place.error(str(unknown_name("key", key, (NAME, SUMMARY, *SUITE_KEYS))))
    if "scenarios" not in nodes:
        raise root.error(
            "'scenarios' is missing: a suite says which scenarios it drives; policies may come from --policy"
        )
    entries: dict[str, tuple[str, ...]] = {}
    options: dict[str, object] = {}
    arguments: list[TypedArguments] = []
    for suite_key in (SUITE_KEYS[name] for name in nodes if name in SUITE_KEYS):
        node = nodes[suite_key.name][1]
        items = _items(suite_key, node)
        _check_items(suite_key, items, trust_code)
        entries[suite_key.name] = tuple(item.text or "" for item in items)
        options[suite_key.dest] = _parse(suite_key, entries[suite_key.name], node, parser)
        if suite_key.name == ARGUMENTS:
            arguments = [TypedArguments(item.text or "", f"{file}, line {item.line}: {ARGUMENTS}") for item in items]
            options[suite_key.dest] = arguments
    if POLICIES in entries:
        _check_policies(nodes[POLICIES][1], entries[POLICIES], arguments)
    summary = nodes[SUMMARY][1].text if SUMMARY in nodes else ""
    if SUMMARY in nodes and not summary:
        raise nodes[SUMMARY][1].error(f"'{SUMMARY}' must be one line")
    return Suite(_name(file, nodes.get(NAME, (root, None))), entries, options, tuple(arguments), summary or "")


def _check_policies(node: YamlNode, texts: tuple[str, ...], arguments: Sequence[TypedArguments]) -> None:
    """Check all policies of a suite together, and then that their arguments, which have lines of their own, fit."""
    try:
        parse_policies(texts)
    except InputError as error:
        raise node.error(str(error)) from error
    parse_policies(texts, arguments)


def _name(file: str, entry: tuple[YamlNode, YamlNode | None]) -> str:
    place, node = entry
    if node is None and Path(file).name == SUITE_FILE:
        return ""
    name = Path(file).stem if node is None else node.text or ""
    if not _NAME.fullmatch(name):
        hint = " (set 'name: …' to use another name than the file's)" if node is None else ""
        raise place.error(f"'{name}' is not a valid suite name: use only letters, digits, '-', '_' and '.'{hint}")
    return name


def _items(key: SuiteKey, node: YamlNode) -> tuple[YamlNode, ...]:
    """Return the values of a key, each a text."""
    is_list = key.kind in ("names", "texts")
    items = node.items if is_list and node.items is not None else (node,)
    if not items:
        raise node.error(f"'{key.name}' is an empty list: name at least one, or leave the key out")
    for item in items:
        if not item.text:
            wanted = "a list of words" if is_list else "one value"
            raise item.error(f"'{key.name}' must be {wanted}, such as '{key.name}: {_example(key)}'")
    if key.kind == "switch" and items[0].text not in SWITCH:
        raise node.error(f"'{key.name}' must be true or false, not '{items[0].text}'")
    return items


def _example(key: SuiteKey) -> str:
    examples = {"policies": "[hybrid, expert]", "scenarios": "[corridor]", "perturbations": "[lighting=2]"}
    return examples.get(key.name, "[my.py:NAME]" if key.kind == "names" else "…")


def names_code(key: SuiteKey, text: str) -> bool:
    """Whether a value of a key is Python code, which a suite may name only where that is trusted."""
    return key.kind == "names" and is_code_reference(text.rpartition("=")[2])


def _check_items(key: SuiteKey, items: tuple[YamlNode, ...], trust_code: bool) -> None:
    """Check that what is named exists, so that a mistake is reported with its line."""
    for item in items:
        text = item.text or ""
        if names_code(key, text) and not trust_code:
            raise item.error(f"'{text}' is Python code, which runs when it is loaded: read it, then add --trust-code")
        check = _CHECKS.get(key.name)
        try:
            if check is not None:
                check(text)
        except InputError as error:
            raise item.error(str(error)) from error


def _check_scenario(text: str) -> None:
    if text != ALL:
        check_scenario(scenario_name(text), (ALL,))


_CHECKS: dict[str, Callable[[str], object]] = {
    "policies": lambda text: parse_policies((text,)),
    "scenarios": _check_scenario,
    "perturbations": lambda text: parse_perturbations([text], False, tuple(SCENARIOS)),
}


def _parse(key: SuiteKey, texts: tuple[str, ...], node: YamlNode, parser: Parser) -> object:
    """Parse values as their flag does."""
    try:
        parsed: argparse.Namespace = parser.parse_args(key.words(texts))
    except InputError as error:
        reason = str(error).removesuffix(f" (see {parser.prog} --help)")
        raise node.error(f"'{key.name}': {re.sub(r'^argument [^:]+: ', '', reason)}") from error
    return getattr(parsed, key.dest)


def format_suite(name: str, entries: Mapping[str, tuple[str, ...]], comment: str, summary: str = "") -> str:
    """Format a suite as a file that ``read_suite`` reads back.

    Args:
        name: The suite's name; "" for none.
        entries: The values of each key.
        comment: Lines for its head.
        summary: What it is for; "" for nothing.
    """
    lines = [f"# {line}".rstrip() for line in comment.splitlines()]
    lines += [f"{NAME}: {name}"] if name else []
    lines += [f"{SUMMARY}: {_format_text(summary)}"] if summary else []
    for key, texts in entries.items():
        if SUITE_KEYS[key].kind in ("names", "texts"):
            lines += [f"{key}:", *(f"  - {_format_text(text)}" for text in texts)]
        else:
            lines.append(f"{key}: {_format_text(texts[0])}")
    return "\n".join((*lines, ""))


def _format_text(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)
