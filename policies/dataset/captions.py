"""Captions of an episode as one line of JSON: ``{"episode": 3, "frames": [{"frame": 0, "objects": [...]}]}``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from policies.dataset.demonstration import FrameCaption, SeenObject
from scenarios.common.errors import InputError


def format_caption_line(episode: int, captions: Sequence[FrameCaption]) -> str:
    """Format the captions of one episode as a line with its newline; numbers are read back bit-equal."""
    frames = [
        {"frame": c.frame, "objects": [{"phrase": o.phrase, "box": [float(v) for v in o.box]} for o in c.objects]}
        for c in captions
    ]
    return json.dumps({"episode": episode, "frames": frames}, separators=(",", ":"), allow_nan=False) + "\n"


def parse_captions(line: str) -> tuple[FrameCaption, ...]:
    """Parse the captions in one line.

    Raises:
        ValueError, KeyError, TypeError: The line isn't in the form that ``format_caption_line`` writes.
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
    """The captions of a data set, kept as text and parsed one episode at a time; none if the file is missing.

    Raises:
        InputError: The file can't be read.
    """

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
                f"{path} is not readable: {error}; expected one JSON object with 'episode' per line"
            ) from error

    def for_episode(self, episode: int) -> tuple[FrameCaption, ...]:
        """Return the captions of one episode; empty if it has none.

        Raises:
            InputError: They can't be parsed.
        """
        if episode not in self._lines:
            return ()
        try:
            return parse_captions(self._lines[episode])
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"captions of episode {episode} in {self._path} are not readable: {error!r}") from error
