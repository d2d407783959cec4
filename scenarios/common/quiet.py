"""Keeps greetings that C code prints while it is imported, such as PyBullet's, out of the output of commands."""

from __future__ import annotations

import contextlib
import importlib.machinery
import os
import sys
from collections.abc import Iterator, Sequence
from importlib.abc import MetaPathFinder
from types import ModuleType

GREETING_MODULES = ("pybullet",)


@contextlib.contextmanager
def quiet_stderr() -> Iterator[None]:
    """Discard what C code prints to stderr in this context."""
    try:
        kept = os.dup(2)
    except OSError:  # stderr is closed, so nothing is printed
        yield
        return
    if sys.stderr is not None:
        sys.stderr.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


class _QuietLoader(importlib.machinery.ExtensionFileLoader):
    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        with quiet_stderr():
            return super().create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        with quiet_stderr():
            super().exec_module(module)


class _QuietFinder(MetaPathFinder):
    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name not in GREETING_MODULES:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and isinstance(spec.loader, importlib.machinery.ExtensionFileLoader):
            spec.loader = _QuietLoader(spec.loader.name, spec.loader.path)
        return spec


def silence_greetings() -> None:
    """Let this process import the modules that greet without their greeting; repeated calls have no effect."""
    if not any(isinstance(finder, _QuietFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _QuietFinder())
