"""Reading and writing of videos and animated pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import imageio.v3 as iio
import numpy as np
from av.error import FFmpegError
from imageio.plugins.pyav import PyAVPlugin
from PIL import Image

from scenarios.common.errors import InputError
from scenarios.common.files import replace_file
from scenarios.robot import CONTROL_PERIOD_S

FPS = round(1.0 / CONTROL_PERIOD_S)  # real time
GIF_COLOURS = 128
ANIMATED_OPTIONS: Mapping[str, Mapping[str, Any]] = {
    ".gif": {"optimize": True},
    ".webp": {"quality": 60, "method": 4, "minimize_size": False},
}


def write_mp4(pictures: Iterator[np.ndarray], path: Path, fps: int = FPS) -> Path:
    """Write frames (h, w, 3) uint8 of one even size as H.264; the file has a temporary name until it is complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    faststart = {"movflags": "faststart"}  # the index comes first, so that a browser plays before it has everything
    with (
        replace_file(path) as part,
        iio.imopen(part, "w", plugin=PyAVPlugin, extension=".mp4", container="mp4", options=faststart) as file,
    ):
        file.init_video_stream("libx264", fps=fps, pixel_format="yuv420p")
        for picture in pictures:
            file.write_frame(picture)
    return path


def read_middle_frame(video: Path) -> np.ndarray | None:
    """Read the frame (h, w, 3) uint8 in the middle of a video; None if there is no such file or no frame in it."""
    try:
        with iio.imopen(video, "r", plugin="pyav") as file:
            frames = file.properties().n_images or 0
            middle: np.ndarray = file.read(index=frames // 2)
    except (OSError, IndexError, StopIteration, FFmpegError):
        return None
    return middle


def write_animated_picture(videos: Sequence[Path], path: Path, *, width: int = 640, every: int = 2) -> Path:
    """Join films to one looping animated picture, e.g. for a README.

    Args:
        videos: The mp4 files, in order.
        path: A .webp or .gif file; all frames of a .gif share one palette, which keeps it small.
        width: Width in pixels.
        every: Keep every n-th frame; the picture still plays in real time.

    Raises:
        InputError: The file has another suffix.
    """
    if path.suffix not in ANIMATED_OPTIONS:
        raise InputError(f"'{path}' is not an animated picture: choose a .gif or a .webp file")
    pictures = [picture for video in videos for picture in _load_shrunk_frames(video, width, every)]
    if path.suffix == ".gif":
        palette = _montage(pictures[:: max(1, len(pictures) // 8)]).quantize(GIF_COLOURS)
        pictures = [picture.quantize(palette=palette, dither=Image.Dither.NONE).convert("RGB") for picture in pictures]
    frames = [np.asarray(picture) for picture in pictures]
    duration_ms = round(1000 * every / FPS)
    iio.imwrite(path, frames, plugin="pillow", duration=duration_ms, loop=0, **ANIMATED_OPTIONS[path.suffix])
    return path


def _montage(pictures: Sequence[Image.Image]) -> Image.Image:
    """Put pictures of one size side by side, so that one palette fits them all."""
    width, height = pictures[0].size
    row = Image.new("RGB", (width * len(pictures), height))
    for number, picture in enumerate(pictures):
        row.paste(picture, (width * number, 0))
    return row


def _load_shrunk_frames(video: Path, width: int, every: int) -> Iterator[Image.Image]:
    for pixels in islice(iio.imiter(video, plugin="pyav"), 0, None, every):
        picture = Image.fromarray(pixels)
        yield picture.resize((width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS)
