"""What a run was begun with, kept beside what it makes: to go on with anything else is refused, not mixed in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scenarios.common.errors import InputError
from scenarios.common.files import is_vacant, write_text

PLAN_FILE = "plan.json"


def check_resumable(folder: Path, flag: str, *, resume: bool) -> None:
    """Whether a run may begin in a folder, or go on with what it began there.

    Args:
        flag: Of the command line, that names the folder.

    Raises:
        InputError: Something is there, and it isn't to be gone on with, or no run left it.
    """
    if is_vacant(folder):
        return
    if not resume:
        raise InputError(f"'{folder}' holds an earlier run: go on with it by --resume, or name another {flag}")
    if not (folder / PLAN_FILE).is_file():
        raise InputError(f"'{folder}' holds no run that could be gone on with: name another {flag}")


def save_or_verify_config(folder: Path, config: Mapping[str, Any]) -> None:
    """Write a plan into a folder, made if need be; or see that it is the one that stands there.

    Args:
        plan: Whatever JSON can hold, nested at will.

    Raises:
        InputError: The folder's run was begun with another plan, or that can't be read.
    """
    path, wanted = folder / PLAN_FILE, _flat(json.loads(json.dumps(config, default=str)))
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        write_text(path, json.dumps(wanted, indent=2))
        return
    try:
        kept = dict(json.loads(path.read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise InputError(f"{path} can't be read: it must tell, as JSON, what this run was begun with") from error
    for name in {**wanted, **kept}:
        if kept.get(name) != wanted.get(name):
            raise InputError(
                f"the run in '{folder}' was begun with {name} {kept.get(name)}, not {wanted.get(name)}: "
                "go on as it was begun, or name another folder"
            )


def _flat(plan: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested mappings as one, by dotted names."""
    found: dict[str, Any] = {}
    for name, value in plan.items():
        found.update(_flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value})
    return found
