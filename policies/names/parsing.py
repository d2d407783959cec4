"""Parsing of what is typed after ``--policy``: labels, globs and names that stand for several policies."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from policies.names.kinds import check_reference, find_kind
from policies.names.reference import PolicyArguments, PolicyReference, TypedArguments
from policies.names.shipped import ALL_PUBLISHED, POLICIES
from policies.systems.table import PUBLISHED
from scenarios.common.errors import InputError, unknown_name

LABEL = re.compile(r"[A-Za-z0-9_][\w.+-]{0,99}")
WILDCARDS = re.compile(r"[*?\[]")
LARGEST_GLOB = 1000  # policies


def parse_policies(
    texts: Sequence[str],
    arguments: Iterable[str | TypedArguments] = (),
    replan: int | None = None,
    trust_pickle: bool = False,
    python: str = "",
) -> tuple[PolicyReference, ...]:
    """Parse and check what is typed; nothing is imported, loaded or contacted.

    Args:
        texts: What is typed after ``--policy``, split at commas.
        arguments: What is typed after each ``--policy-args``.
        replan: What is typed after ``--replan``.
        trust_pickle: Whether ``--trust-pickle`` is given.
        python: What is typed after ``--policy-python``.

    Raises:
        InputError: Something is wrong with one of them, or two policies have the same label.
    """
    found = dict.fromkeys(reference for text in texts for reference in _parse_entry(text))  # each once
    references = tuple(found)
    _check_labels(references)
    given = _distribute(arguments, references)
    references = tuple(
        replace(each, arguments=given.get(each.label), replan=replan, trust_pickle=trust_pickle) for each in references
    )
    if python:
        references = _set_python(references, python)
    for each in references:
        check_reference(each)
    if trust_pickle and not any(find_kind(each.target).may_hold_pickles for each in references):
        raise InputError("--trust-pickle is for a zip of Stable-Baselines3, and none is named: omit it")
    return references


def _set_python(references: Iterable[PolicyReference], python: str) -> tuple[PolicyReference, ...]:
    """Let policies that aren't this package's run in another Python.

    Raises:
        InputError: There are none.
    """
    made = tuple(replace(each, python=python) if find_kind(each.target).is_hosted else each for each in references)
    if not any(each.python for each in made):
        raise InputError(
            "--policy-python is for a class or function of your own, file.py:NAME or module:NAME, and for lerobot: "
            "omit it, or name one"
        )
    return made


def parse_policy(text: str) -> PolicyReference:
    """Parse and check a text that names one policy.

    Raises:
        InputError: Something is wrong with it, or it names several.
    """
    if text == ALL_PUBLISHED:
        find_kind(text)  # raises
    references = parse_policies((text,))
    if len(references) != 1:
        raise InputError(f"'{text}' names {len(references)} policies: name one, such as '{references[0].target}'")
    return references[0]


def select_arguments(
    typed: Iterable[TypedArguments], references: Sequence[PolicyReference]
) -> tuple[TypedArguments, ...]:
    """Return the arguments that are for one of these policies: by its label, or for all that take arguments."""
    labels = [each.label for each in references]
    takes_any = any(find_kind(each.target).takes_arguments for each in references)
    wanted = {*labels, *([None] if takes_any else [])}
    return tuple(each for each in typed if _read_label(each.text, labels) in wanted)


def pin_policies(references: Iterable[PolicyReference]) -> tuple[PolicyReference, ...]:
    """Replace what can change during a run, such as a branch of a repository, by what it is now.

    Raises:
        InputError: It can't be found out.
    """
    return tuple(find_kind(each.target).pin(each) for each in references)


def _parse_entry(text: str) -> list[PolicyReference]:
    label, target = _split_label(text)
    if target == ALL_PUBLISHED:
        if label is not None:
            raise InputError(f"'{text}': '{ALL_PUBLISHED}' means several policies, which can't have one label")
        return [PolicyReference(name, name) for name in PUBLISHED]
    if WILDCARDS.search(target) is None or Path(target).exists():
        return [PolicyReference(label or target, target, is_labelled=label is not None)]
    return [
        PolicyReference(path if label is None else f"{label}/{varying}", path, is_labelled=label is not None)
        for path, varying in _expand(target)
    ]


def _split_label(text: str) -> tuple[str | None, str]:
    """Split ``label=target``; an existing path whose name contains '=' has no label."""
    label, equals, target = text.partition("=")
    if not equals or "/" in label or ":" in label or Path(text).exists():
        return None, text
    if LABEL.fullmatch(label) is None:
        raise InputError(f"'{text}': a label consists of letters, digits, '_', '.', '+' and '-', and '{label}' doesn't")
    if label in (*POLICIES, ALL_PUBLISHED):
        raise InputError(f"'{text}': '{label}' is the name of a shipped policy: choose another label")
    if not target:
        raise InputError(f"'{text}' names no policy after '{label}='")
    return label, target


def _expand(pattern: str) -> list[tuple[str, str]]:
    """Return the paths that a pattern matches in natural order, each with the part that the pattern leaves open.

    Raises:
        InputError: There are none, or too many.
    """
    paths = sorted(glob.glob(pattern, recursive=True), key=_natural_order)
    if not paths:
        raise InputError(f"no file or folder matches '{pattern}': put it in quotes, and check it with 'ls {pattern}'")
    if len(paths) > LARGEST_GLOB:
        raise InputError(f"'{pattern}' matches {len(paths)} files and folders: at most {LARGEST_GLOB} are allowed")
    parts = Path(pattern).parts
    fixed = next(place for place, part in enumerate(parts) if WILDCARDS.search(part))
    return [(path, os.sep.join(Path(path).parts[fixed:])) for path in paths]


def _natural_order(path: str) -> list[tuple[int, str]]:
    """Return a key by which checkpoint-2 comes before checkpoint-10."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", path)]


def _check_labels(references: Sequence[PolicyReference]) -> None:
    """Check that no two policies have the same label.

    Raises:
        InputError: Two have.
    """
    seen: dict[str, str] = {}
    for each in references:
        if each.label in seen:
            raise InputError(
                f"two policies have the label '{each.label}', '{seen[each.label]}' and '{each.target}': give each its "
                "own, as in a=runs/1/best,b=runs/2/best"
            )
        seen[each.label] = each.target


def _distribute(
    arguments: Iterable[str | TypedArguments], references: Sequence[PolicyReference]
) -> dict[str, PolicyArguments]:
    """Return the arguments of each policy that has some, by its label.

    Raises:
        InputError: A label is unknown, none takes arguments, or one is given arguments twice.
    """
    labels = [each.label for each in references]
    own: dict[str, PolicyArguments] = {}
    common: PolicyArguments | None = None
    for each in arguments:
        typed = TypedArguments(each) if isinstance(each, str) else each
        text, given = typed.text, typed.given
        label = _read_label(text, labels)
        if label is not None and label not in labels:
            raise InputError(f"{given} '{text}': {unknown_name('label', label, labels)}")
        values = PolicyArguments.parse(text if label is None else text[len(label) + 1 :], given)
        if label is None and common is not None:
            raise InputError(f"{given} is given twice for all policies: put a policy's label before each, LABEL=…")
        if label in own:
            raise InputError(f"{given} is given twice for '{label}': give it once")
        if label is None:
            common = values
        else:
            own[label] = values
    if common is None:
        return own
    takers = [each.label for each in references if find_kind(each.target).takes_arguments]
    if not takers:
        raise InputError(
            f"{common.given} is for classes of your own and ONNX files, and none is named: {', '.join(labels)}"
        )
    return {**dict.fromkeys(takers, common), **own}


def _read_label(text: str, labels: Sequence[str]) -> str | None:
    """Return the label at the beginning of ``LABEL=…``, which a policy may not have; None if there is none."""
    found = [label for label in labels if text.startswith(f"{label}=")]
    if found:
        return max(found, key=len)
    label, equals, _ = text.partition("=")
    return label if equals and "{" not in label and not Path(text).exists() else None
