"""Checkpoint folders that refer to others beside them by name."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from policies.names.folders import CONFIG, check_folder, load_folder
from policies.policy import Policy
from scenarios.common.errors import InputError

NAME = re.compile(r"[\w-][\w.=-]*")  # a folder's name alone: what a config names stays beside it
DEEPEST = 4  # folders that refer to one another, one below the other


def write_config(folder: Path, model_type: str, entries: Mapping[str, Any]) -> None:
    """Write the config.json of a folder, which is made if needed."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CONFIG).write_text(json.dumps({**entries, "model_type": model_type}, indent=1) + "\n")


def read_config(folder: Path) -> dict[str, Any]:
    """Read a config.json that ``policies.names.folders.check_folder`` has accepted."""
    config: dict[str, Any] = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    return config


def load_sibling(folder: Path, name: Any) -> Policy:
    """Load the checkpoint of a name beside a folder.

    Raises:
        InputError: It isn't the name of a folder, isn't there, can't be read, or refers to others without an end.
    """
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise InputError(f"{folder / CONFIG} refers to '{name}': give the name of a checkpoint folder beside it")
    beside = folder.resolve().parent / name
    _check_depth(beside, DEEPEST)
    return load_folder(beside, name)


def _check_depth(folder: Path, left: int) -> None:
    check_folder(folder)
    config = read_config(folder)
    members = config.get("members")
    named = [config.get("of"), *(members if isinstance(members, list) else ())]
    inner = [name for name in named if isinstance(name, str) and NAME.fullmatch(name)]
    if inner and left == 0:
        raise InputError(f"{folder / CONFIG} refers to folders that refer to others without an end: name trained ones")
    for name in inner:
        _check_depth(folder.resolve().parent / name, left - 1)
