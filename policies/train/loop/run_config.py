"""Configuration of a run, saved in its folder: a run can only be resumed with the same configuration."""

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
    """Check that a run can start in a folder, or resume the run in it.

    Args:
        flag: Command-line flag that sets the folder.

    Raises:
        InputError: The folder isn't empty, and either ``resume`` is False or it doesn't contain a run.
    """
    if is_vacant(folder) or is_failed_start(folder):
        return
    if not resume:
        raise InputError(f"'{folder}' contains an earlier run: resume it with --resume, or choose another {flag}")
    if not (folder / PLAN_FILE).is_file():
        raise InputError(f"'{folder}' does not contain a run that can be resumed: choose another {flag}")


def is_failed_start(folder: Path) -> bool:
    """Return whether a run started in a folder but has written nothing except logs."""
    return {path for path in _find_files(folder) if path.suffix != ".log"} == {folder / PLAN_FILE}


def save_or_verify_config(folder: Path, config: Mapping[str, object]) -> None:
    """Save the configuration of a new run in its folder, or check that the run in the folder has the same one.

    Args:
        config: Any mapping that can be written as JSON; can be nested.

    Raises:
        InputError: The folder's run has another configuration, or its plan file can't be read.
    """
    path, wanted = folder / PLAN_FILE, _flat(json.loads(json.dumps(config, default=str)))
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        write_text(path, json.dumps(wanted, indent=2))
        return
    try:
        kept = dict(json.loads(path.read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise InputError(f"cannot read {path}: it must contain the settings of this run as JSON") from error
    for name in {**wanted, **kept}:
        if kept.get(name) != wanted.get(name):
            raise InputError(
                f"the run in '{folder}' was started with {name} {kept.get(name)}, not {wanted.get(name)}: "
                "resume it with the same settings, or choose another folder"
            )


@contextmanager
def begun_run(folder: Path, config: Mapping[str, object]) -> Iterator[None]:
    """Start or resume a run in a folder.

    A run that fails before it has produced anything leaves no folder, or only logs, and another run can start there.

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
    """Flatten nested mappings into one with dotted names."""
    found: dict[str, object] = {}
    for name, value in config.items():
        found.update(_flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value})
    return found
