"""Policies of the user's own: ``file.py:NAME`` or ``module:NAME``, a class or a function that makes one."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from policies.names.reference import PolicyReference
from policies.policy import Policy, PolicySpec
from policies.spec_checks import check_spec
from policies.specs.declared import DeclaredPolicy
from policies.specs.spec_file import spec_from_dict
from scenarios.common.errors import InputError, unknown_name
from scenarios.common.user_code import describe_failure, load_object, source_file

DEFINITIONS = ast.ClassDef | ast.FunctionDef
KEYWORD_KINDS = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def check_user_code(reference: PolicyReference) -> None:
    """Check that the file defines the name, or that the module's package is installed; nothing is run.

    What another Python has or understands isn't known here.

    Raises:
        InputError: It doesn't, or isn't.
    """
    target = reference.target
    home, _, name = target.rpartition(":")
    if (path := source_file(target)) is None:
        if reference.python:
            return
        package = home.partition(".")[0]
        if package not in sys.modules and importlib.util.find_spec(package) is None:
            raise InputError(
                f"policy '{target}': there is no module '{package}': install it, add its folder to PYTHONPATH, or "
                f"name a file, {package}.py:{name}"
            )
        return
    if not path.is_file():
        raise InputError(f"policy '{target}': there is no file '{path}'")
    if reference.python:
        return
    defined = _read_definitions(path, target)
    if not defined.may_have_others and name not in defined.all:
        if not defined.offered:
            raise InputError(f"policy '{target}': {path} defines no class and no function: write '{name}' there")
        raise InputError(f"policy '{target}': {unknown_name(f'name in {path}', name, defined.offered)}")


class _Definitions(NamedTuple):
    """The names that a file of Python defines."""

    all: set[str]
    offered: list[str]
    """Its own public classes and functions, which may be meant."""
    may_have_others: bool


def _read_definitions(path: Path, target: str) -> _Definitions:
    """Read which names a file's own statements define.

    Raises:
        InputError: The file isn't Python.
    """
    try:
        tree = ast.parse(path.read_bytes(), str(path))
        nodes = list(ast.walk(tree))
    except SyntaxError as error:
        place = "" if error.lineno is None else f", line {error.lineno}"
        raise InputError(f"policy '{target}': {path}{place}: {error.msg}") from error
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"policy '{target}': {path} can't be read as Python: {error}") from error
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, DEFINITIONS):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition(".")[0])
    offered = [node.name for node in tree.body if isinstance(node, DEFINITIONS) and not node.name.startswith("_")]
    return _Definitions(found, offered, "*" in found or "__getattr__" in found)


def make_user_policy(reference: PolicyReference) -> Policy:
    """Make a policy by its class or function, with the arguments as keywords.

    Raises:
        InputError: The name isn't there, the arguments don't fit, making it fails, or it isn't a policy.
    """
    target = reference.target
    maker = load_object(target, "policy")
    if not callable(maker):
        raise InputError(f"policy '{target}' is a {type(maker).__name__}: name a class, or a function that makes one")
    arguments = {} if reference.arguments is None else reference.arguments.node.plain()
    check_keywords(maker, arguments, target)
    try:
        policy: Policy = maker(**arguments)
    except InputError:
        raise
    except Exception as error:  # a user's code may raise anything; it is reported with its location
        raise InputError(f"policy '{target}' can't be made: {describe_failure(error)}") from error
    return read_declared_policy(policy, target, target.rpartition(":")[2])


def check_keywords(maker: Callable[..., Any], arguments: Mapping[str, Any], target: str) -> None:
    """Check that a class or function takes these keywords, and needs no others.

    Raises:
        InputError: It doesn't, or does.
    """
    try:
        parameters = inspect.signature(maker).parameters
    except (TypeError, ValueError):  # some classes of C have no signature
        return
    known = [name for name, each in parameters.items() if each.kind in KEYWORD_KINDS]
    if not any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters.values()):
        for name in arguments:
            if name not in known:
                if not known:
                    raise InputError(f"policy '{target}' takes no arguments, and --policy-args gives '{name}'")
                raise InputError(f"policy '{target}': {unknown_name('argument', name, known)}")
    needed = [name for name in known if parameters[name].default is inspect.Parameter.empty and name not in arguments]
    if needed:
        example = json.dumps({**arguments, **dict.fromkeys(needed, "…")}, ensure_ascii=False)
        raise InputError(f"policy '{target}' needs the argument '{needed[0]}': give it by --policy-args '{example}'")


def read_declared_policy(policy: Policy, target: str, usual_name: str) -> Policy:
    """Return a policy whose spec is checked; its own may be a dictionary.

    Args:
        policy: Somebody's policy.
        target: What it is called in errors.
        usual_name: Its name if a dictionary doesn't say one.

    Raises:
        InputError: It isn't a policy, its spec isn't one, or a value is wrong.
    """
    try:
        missing = [part for part in ("spec", "reset", "act") if not hasattr(policy, part)]
        declared: object = getattr(policy, "spec", None)
    except Exception as error:  # a user's code may raise anything
        raise InputError(f"policy '{target}': its spec can't be read: {describe_failure(error)}") from error
    if missing:
        raise InputError(
            f"policy '{target}' is a {type(policy).__name__} without {', '.join(missing)}: see policies.policy.Policy"
        )
    if isinstance(declared, Mapping):
        return DeclaredPolicy(policy, spec_from_dict(declared, None if "name" in declared else usual_name))
    if not isinstance(declared, PolicySpec):
        raise InputError(
            f"policy '{target}': its spec is a {type(declared).__name__}, not a policies.policy.PolicySpec or a "
            "dictionary of its values"
        )
    check_spec(declared)
    return policy


def declare_spec(policy: Policy, spec: PolicySpec, target: str) -> None:
    """Let a policy declare another spec.

    Raises:
        InputError: It doesn't let its spec be set.
    """
    if policy.spec is spec:
        return
    try:
        policy.spec = spec  # type: ignore[misc]
    except (AttributeError, TypeError) as error:
        raise InputError(
            f"policy '{target}': its spec must be set to {type(spec).__name__}(…), and {type(policy).__name__} doesn't "
            "let it be set: declare it there"
        ) from error
