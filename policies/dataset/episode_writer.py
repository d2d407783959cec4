"""The base of data set writers: the folder appears once the data set is complete, or not at all."""

from __future__ import annotations

import contextlib
import shutil
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import Self

from policies.dataset import scene_files
from policies.dataset.demonstration import Demonstration
from scenarios.common.errors import InputError
from scenarios.common.files import check_new_folder, temporary_path


class EpisodeWriter(ABC):
    """Writer of demonstrations to a hidden folder beside ``root``, which is renamed to ``root`` once it is complete.

    Use it as a context manager: an exception inside the ``with`` block removes what was written, so ``root`` never
    contains half a data set.

    Args:
        root: The folder to create. It must not exist, or be empty.

    Raises:
        InputError: ``root`` is a file, or a folder that is not empty.
    """

    def __init__(self, root: Path) -> None:
        self.root = Path(root)
        check_new_folder(self.root, "data set")
        parent = self.root.absolute().parent
        self._made_parents = [folder for folder in (parent, *parent.parents) if not folder.exists()]
        parent.mkdir(parents=True, exist_ok=True)
        self._folder = temporary_path(self.root)
        self._folder.mkdir()
        self._episode_count = 0
        self._open = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()

    def add(self, demonstration: Demonstration) -> None:
        """Append one episode.

        Raises:
            InputError: The writer is closed, or the episode can't be part of this data set; then nothing of it is
                written.
            OSError: Writing failed, for example because the disk is full; then the whole data set is discarded.
        """
        if not self._open:
            raise InputError(f"{self.root} is closed; add episodes before closing it")
        self._check(demonstration)
        try:
            self._append(demonstration)
        except BaseException:  # half an episode can't be removed
            self.discard()
            raise
        self._episode_count += 1

    def keep_scenario(self, name: str, text: str) -> None:
        """Save the file of a user's own scenario, which scenes name."""
        scene_files.save_scenario_file(self._folder, name, text)

    def close(self) -> None:
        """Finish the files and give the folder its name.

        Raises:
            InputError: No episode was added, or ``root`` was filled in the meantime.
        """
        if not self._open:
            return
        try:
            if self._episode_count == 0:
                raise InputError(f"no episode was recorded for {self.root}; a data set needs at least one")
            self._finish()
            check_new_folder(self.root, "data set")
            self._folder.rename(self.root)  # replaces an empty folder, too
        except BaseException:
            self.discard()
            raise
        self._open = False

    def discard(self) -> None:
        """Delete everything that was written; a closed data set stays."""
        if not self._open:
            return
        self._open = False
        self._abandon()
        shutil.rmtree(self._folder, ignore_errors=True)
        for folder in self._made_parents:
            with contextlib.suppress(OSError):  # no longer empty
                folder.rmdir()

    def _check(self, demonstration: Demonstration) -> None:  # noqa: B027 - a hook that not every layout needs
        """Raise ``InputError`` if an episode can't be written; by default every episode can."""

    @abstractmethod
    def _append(self, demonstration: Demonstration) -> None:
        """Write a checked episode; ``_episode_count`` is its number."""

    def _finish(self) -> None:  # noqa: B027 - a hook that not every layout needs
        """Complete the files in ``_folder``."""

    def _abandon(self) -> None:  # noqa: B027 - a hook that not every layout needs
        """Close files that are still open."""
