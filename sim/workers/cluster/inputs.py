"""The files that a run's names stand for, sent to a cluster: once to each node, however many workers it has."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def find_inputs(names: Iterable[str]) -> list[Path]:
    """Find the files and folders that names stand for: those below the current folder, typed as relative paths.

    With a file of Python come the others beside it, which it may import.

    Args:
        names: Names, paths, ``file.py:NAME``, ``prefix:path`` or addresses.
    """
    found: dict[Path, None] = {}
    for name in names:
        head, _, tail = name.rpartition(":")
        paths = (Path(text) for text in dict.fromkeys((name, head, tail)) if text)
        for path in filter(_is_input, paths):
            found.update(dict.fromkeys(sorted(path.parent.glob("*.py")) if path.suffix == ".py" else [path]))
    return list(found)


def _is_input(path: Path) -> bool:
    return not path.is_absolute() and path != Path() and ".." not in path.parts and path.exists()


def link_inputs(paths: Iterable[Path], folder: Path) -> None:
    """Give relative paths the same place in another folder, by links."""
    for path in sorted(paths, key=lambda path: len(path.parts)):
        target = folder / path
        if not target.exists():  # it may be part of a folder that is linked
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(path.resolve())
