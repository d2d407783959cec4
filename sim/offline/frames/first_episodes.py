"""A part of a data set: its first episodes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from policies.dataset.demonstration import Demonstration
from policies.dataset.episodes import EpisodeDataset


class _FirstEpisodes:
    """A data set that has fewer episodes than it holds; all else is that of the whole one."""

    def __init__(self, recording: EpisodeDataset, count: int) -> None:
        self._recording = recording
        self._count = min(count, len(recording))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._recording, name)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Demonstration]:
        return (self._recording.demonstration(number) for number in range(self._count))


def take_first_episodes(recording: EpisodeDataset, count: int | None) -> EpisodeDataset:
    """Return a data set of the first ``count`` episodes; the whole one for None, or if it has no more."""
    if count is None or count >= len(recording):
        return recording
    return cast(EpisodeDataset, _FirstEpisodes(recording, count))
