"""Loading of objects from the user's own Python code: ``file.py:NAME`` or ``module:NAME``.

This runs the code. References must come from the user's command line, never from a data file.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any

from scenarios.common.errors import InputError, unknown_name


def is_code_reference(text: str) -> bool:
    """Return whether a text has the form ``file.py:NAME`` or ``module:NAME``."""
    home, colon, name = text.rpartition(":")
    is_module = all(part.isidentifier() for part in home.split("."))
    return bool(colon) and name.isidentifier() and (home.endswith(".py") or is_module)


def source_file(reference: str) -> Path | None:
    """Return the file of ``file.py:NAME``; None for anything else, such as ``module:NAME``."""
    home, colon, _ = reference.rpartition(":")
    return Path(home) if colon and home.endswith(".py") else None


def load_object(reference: str, what: str) -> Any:
    """Import the object that a reference names.

    Args:
        reference: Text in the form that ``is_code_reference`` accepts.
        what: The kind of object, for errors, e.g. "policy".

    Raises:
        InputError: The file, the module or the name doesn't exist, or importing fails; names the place.
    """
    home, _, name = reference.rpartition(":")
    try:
        module = _load_file(Path(home)) if home.endswith(".py") else importlib.import_module(home)
    except FileNotFoundError:
        raise InputError(f"{what} '{reference}': there is no file '{home}'") from None
    except (Exception, SystemExit) as error:  # the user's code can raise anything: the error is reported with its place
        raise InputError(f"{what} '{reference}': importing {home} failed: {describe_failure(error)}") from error
    if not hasattr(module, name):
        defined = [each for each in vars(module) if not each.startswith("_")]
        raise InputError(f"{what} '{reference}': {unknown_name(f'name in {home}', name, defined)}")
    return getattr(module, name)


def describe_failure(error: BaseException) -> str:
    """Describe an error of a user's code in one line: its type, its message, and the file and line that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    message = " ".join(str(error).split())
    place = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    if isinstance(error, SyntaxError):
        place = ""  # its message contains the place
    return f"{type(error).__name__}: {message}{place}" if message else f"{type(error).__name__}{place}"


def _load_file(path: Path) -> ModuleType:
    """Import a file once, under a name that no package has; it can import modules beside it, too."""
    full = path.resolve(strict=True)
    name = f"user_code_{full.stem}_{hashlib.sha256(str(full).encode()).hexdigest()[:8]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, full)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} can't be imported")
    if str(full.parent) not in sys.path:
        sys.path.append(str(full.parent))  # last: a folder of the same name must not hide a package
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
