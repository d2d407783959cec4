"""What a run was begun with, kept beside what it makes: resuming with anything else is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from scenarios.common.errors import InputError
from scenarios.common.files import is_vacant, write_text

PLAN_FILE = "plan.json"


def check_resumable(folder: Path, flag: str, *, resume: bool) -> None:
    """Check that a run may begin in a folder, or go on with what it began there.

    Args:
        flag: Of the command line, that names the folder.

    Raises:
        InputError: It contains something, and that isn't to be resumed or no run left it.
    """
    if is_vacant(folder) or is_failed_start(folder):
        return
    if not resume:
        raise InputError(f"'{folder}' contains an earlier run: resume it with --resume, or name another {flag}")
    if not (folder / PLAN_FILE).is_file():
        raise InputError(f"'{folder}' contains no run that could be resumed: name another {flag}")


def is_failed_start(folder: Path) -> bool:
    """Whether a run was begun in a folder and has made nothing there but logs."""
    return {path for path in _find_files(folder) if path.suffix != ".log"} == {folder / PLAN_FILE}


def save_or_verify_config(folder: Path, config: Mapping[str, object]) -> None:
    """Write what a run begins with into its folder, made if need be; or check that the folder's run began with it.

    Args:
        config: Anything that JSON can express, nested at will.

    Raises:
        InputError: The folder's run began with something else, or its plan can't be read.
    """
    path, wanted = folder / PLAN_FILE, _flat(json.loads(json.dumps(config, default=str)))
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        write_text(path, json.dumps(wanted, indent=2))
        return
    try:
        kept = dict(json.loads(path.read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise InputError(f"{path} can't be read: it must say, as JSON, what this run was begun with") from error
    for name in {**wanted, **kept}:
        if kept.get(name) != wanted.get(name):
            raise InputError(
                f"the run in '{folder}' was begun with {name} {kept.get(name)}, not {wanted.get(name)}: "
                "resume it as it was begun, or name another folder"
            )


@contextmanager
def begun_run(folder: Path, config: Mapping[str, object]) -> Iterator[None]:
    """Begin or resume a run in a folder.

    A run that fails before it has made anything leaves no folder, or one with its logs where the next may begin.

    Raises:
        InputError: As ``save_or_verify_config``.
    """
    if is_failed_start(folder):
        (folder / PLAN_FILE).unlink()
    save_or_verify_config(folder, config)
    try:
        yield
    except BaseException:
        if _find_files(folder) == {folder / PLAN_FILE}:
            shutil.rmtree(folder)
        raise


def _find_files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def _flat(config: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """Nested mappings as one, by dotted names."""
    found: dict[str, object] = {}
    for name, value in config.items():
        found.update(_flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value})
    return found
