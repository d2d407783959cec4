"""Reading and writing of videos and animated pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import av
import imageio.v3 as iio
import numpy as np
from av.error import FFmpegError
from av.video.reformatter import VideoReformatter
from PIL import Image

from scenarios.common.errors import InputError
from scenarios.common.files import replace_file
from scenarios.robot import CONTROL_PERIOD_S

FPS = round(1.0 / CONTROL_PERIOD_S)  # real time
MP4_OPTIONS = {"movflags": "faststart"}  # the index comes first, so that a browser plays before it has everything
H264_OPTIONS = {  # looks like "medium", at two fifths more bytes and a quarter of the time
    "preset": "veryfast",
    "crf": "23",
    "x264-params": "bframes=0:cabac=0:me=dia:partitions=none:rc-lookahead=5:ref=1:subme=1:trellis=0:weightp=0",
}
GIF_COLOURS = 128
ANIMATED_OPTIONS: Mapping[str, Mapping[str, Any]] = {
    ".gif": {"optimize": True},
    ".webp": {"quality": 60, "method": 4, "minimize_size": False},
}


def write_mp4(pictures: Iterable[np.ndarray], path: Path, fps: int = FPS) -> Path:
    """Write frames (h, w, 3) uint8 of one even size as H.264; the file has a temporary name until it is complete.

    A frame that is the same array as the one before it costs next to nothing.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with replace_file(path) as part, av.open(str(part), "w", format="mp4", options=MP4_OPTIONS) as file:
        stream = file.add_stream("libx264", rate=fps, options=H264_OPTIONS)
        stream.pix_fmt = "yuv420p"
        stream.codec_context.thread_count = 1  # so that a film's bytes don't depend on the machine
        for frame in _video_frames(pictures):
            if frame.pts == 0:
                stream.width, stream.height = frame.width, frame.height
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return path


def _video_frames(pictures: Iterable[np.ndarray]) -> Iterator[av.VideoFrame]:
    """Convert pictures to numbered frames as H.264 stores them."""
    reformatter = VideoReformatter()
    last: np.ndarray | None = None
    for number, picture in enumerate(pictures):
        if picture is not last:
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame = reformatter.reformat(frame, format="yuv420p", interpolation="AREA")
            last = picture
        frame.pts = number
        yield frame


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
    suffix = path.suffix.lower()
    if suffix not in ANIMATED_OPTIONS:
        raise InputError(f"'{path}' is not an animated picture: choose a .gif or a .webp file")
    pictures = [picture for video in videos for picture in _load_shrunk_frames(video, width, every)]
    if suffix == ".gif":
        palette = _montage(pictures[:: max(1, len(pictures) // 8)]).quantize(GIF_COLOURS)
        pictures = [picture.quantize(palette=palette, dither=Image.Dither.NONE).convert("RGB") for picture in pictures]
    frames = [np.asarray(picture) for picture in pictures]
    duration_ms = round(1000 * every / FPS)
    iio.imwrite(path, frames, plugin="pillow", duration=duration_ms, loop=0, **ANIMATED_OPTIONS[suffix])
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
