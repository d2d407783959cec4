"""Captions of an episode as one line of json: ``{"episode": 3, "frames": [{"frame": 0, "objects": [...]}]}``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from policies.dataset.demonstration import FrameCaption, SeenObject
from scenarios.common.errors import InputError


def format_caption_line(episode: int, captions: Sequence[FrameCaption]) -> str:
    """The line of one episode, with its line end; numbers come back bit-equal."""
    frames = [
        {"frame": c.frame, "objects": [{"phrase": o.phrase, "box": [float(v) for v in o.box]} for o in c.objects]}
        for c in captions
    ]
    return json.dumps({"episode": episode, "frames": frames}, separators=(",", ":"), allow_nan=False) + "\n"


def parse_captions(line: str) -> tuple[FrameCaption, ...]:
    """The captions in one line.

    Raises:
        ValueError, KeyError, TypeError: If the line isn't what ``format_caption_line`` writes.
    """
    return tuple(
        FrameCaption(
            frame=int(frame["frame"]),
            objects=tuple(SeenObject(str(seen["phrase"]), _box(seen["box"])) for seen in frame["objects"]),
        )
        for frame in json.loads(line)["frames"]
    )


def _box(values: Sequence[float]) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = (float(value) for value in values)
    return x0, y0, x1, y1


class CaptionFile:
    """The captions of a data set, kept as text and parsed an episode at a time. A missing file holds none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines: dict[int, str] = {}
        if not path.exists():
            return
        try:
            for line in path.read_text(encoding="utf-8").splitlines():
                self._lines[int(json.loads(line)["episode"])] = line
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{path} is not readable: {error}; expected one json object with 'episode' a line"
            ) from error

    def for_episode(self, episode: int) -> tuple[FrameCaption, ...]:
        """The captions of one episode, empty where it has none."""
        if episode not in self._lines:
            return ()
        try:
            return parse_captions(self._lines[episode])
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"captions of episode {episode} in {self._path} are not readable: {error!r}") from error
