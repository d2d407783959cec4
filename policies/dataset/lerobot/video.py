"""Encoding and decoding of mp4 files: one video contains many episodes, read in order or by seeking.

With PyAV itself: imageio doesn't set x264's options or force a key frame at the start of an episode, converts colours
with swscale's default (darker) arithmetic, and reads frames by number instead of by time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
import av.container
import av.error
import av.video
import numpy as np
from av.video.frame import PictureType
from av.video.reformatter import VideoReformatter

from policies.dataset.lerobot.layout import VIDEO_PATH, FileIndex, file_path
from scenarios.common.errors import InputError

# A key frame every two frames, as LeRobot does, so that random access decodes at most one frame more. No B frames:
# they would shift the first time stamp. Chroma samples lie in the middle of their four pixels, and are tagged so.
_ENCODER = {
    "preset": "ultrafast",
    "crf": "18",
    "g": "2",
    "bf": "0",
    "forced-idr": "1",
    "x264-params": "chromaloc=1:colormatrix=smpte170m:range=tv",
}
# swscale's default arithmetic darkens a round trip by 1.0 to 1.4 levels of 255; accurate rounding by 0.02.
# Flags by value from libswscale/swscale.h: PyAV has names for them only since release 17.
_AREA, _POINT, _ACCURATE_RND, _FULL_CHR_H_INT = 0x20, 0x10, 0x40000, 0x2000
_TO_YUV = _AREA | _ACCURATE_RND
_TO_RGB = _POINT | _ACCURATE_RND | _FULL_CHR_H_INT

_DEPTH_FORMAT = re.compile(r"gray(?:9|1\d|f)")
_TOLERANCE = 0.25  # of a frame period: largest distance of a frame from the requested time
_SEEK_BEYOND = 8  # frame periods: frames less far ahead are reached by decoding


class VideoSegment(NamedTuple):
    """The location of an episode's frames: the file, and their start and end times in it, in seconds."""

    place: FileIndex
    from_s: float
    to_s: float


class RollingVideo:
    """Encoder of consecutive episodes to as many mp4 files as their size needs."""

    def __init__(self, root: Path, *, fps: Fraction, limit_mb: int, chunk_files: int) -> None:
        self._root = root
        self._fps = fps
        self._limit_bytes = limit_mb << 20
        self._chunk_files = chunk_files
        self._place = FileIndex(0, 0)
        self._container: av.container.OutputContainer | None = None
        self._stream: av.video.VideoStream | None = None
        self._converter = VideoReformatter()  # reused: a frame's own converter would be set up for each frame
        self._frames = 0
        self._bytes = 0

    def add(self, pixels: np.ndarray) -> VideoSegment:
        """Encode (t, H, W, 3) uint8 frames; H and W are even and the same in every call."""
        expected = self._bytes + self._bytes * len(pixels) // max(self._frames, 1)
        if self._frames and expected > self._limit_bytes:
            self.close()
            self._place = self._place.next_file(self._chunk_files)
        if self._container is None:
            self._open(*pixels.shape[1:3])
        first = self._frames
        for offset, rgb in enumerate(pixels):
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
            frame = self._converter.reformat(picture, format="yuv420p", interpolation=_TO_YUV)
            frame.pts = self._frames
            frame.time_base = 1 / self._fps
            if offset == 0:
                frame.pict_type = PictureType.I
            self._encode(frame)
            self._frames += 1
        return VideoSegment(self._place, float(first / self._fps), float(self._frames / self._fps))

    def close(self) -> None:
        """Finish the current file."""
        if self._container is None:
            return
        self._encode(None)
        self._container.close()
        self._container = self._stream = None
        self._frames = self._bytes = 0

    def abandon(self) -> None:
        """Close the current file without finishing it; it can't be played and will be deleted."""
        if self._container is not None:
            self._container.close()
        self._container = self._stream = None

    def _open(self, height: int, width: int) -> None:
        path = file_path(self._root, VIDEO_PATH, self._place)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._container = av.open(str(path), "w")
        stream = self._container.add_stream("libx264", rate=self._fps, options=_ENCODER)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.thread_count = 1  # the same bytes for any number of cores
        self._stream = stream

    def _encode(self, frame: av.VideoFrame | None) -> None:
        assert self._container is not None
        assert self._stream is not None
        for packet in self._stream.encode(frame):
            self._bytes += packet.size
            self._container.mux(packet)


class VideoReader:
    """Decoder of one mp4 file's frames by time. Reading in order decodes each frame once; other orders seek.

    Opening reads the file's header only, so that its size can be checked before a frame is decoded.

    Raises:
        InputError: The file isn't a readable video.
    """

    def __init__(self, path: Path, fps: float) -> None:
        self.path = path
        self._period_s = 1.0 / fps
        try:
            self._container = av.open(str(path), metadata_errors="ignore")  # titles and names aren't needed
        except (av.error.FFmpegError, OSError) as error:
            raise InputError(f"{path} is not a readable video ({error}); the file may be truncated") from error
        if not self._container.streams.video:
            self._container.close()
            raise InputError(f"{path} contains no video")
        self._stream = self._container.streams.video[0]
        if self._stream.codec_context is None:
            self._container.close()
            raise InputError(f"{path} contains video of an unknown codec; the file may be damaged")
        self._stream.thread_type = "NONE"
        self._converter = VideoReformatter()
        self._decoded: Iterator[av.VideoFrame] = self._container.decode(self._stream)
        self._reached_s = -self._period_s

    @property
    def frames(self) -> int:
        """The number of frames that the file states; 0 if it doesn't state any."""
        return int(self._stream.frames)

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) in pixels."""
        return int(self._stream.height), int(self._stream.width)

    @property
    def is_depth(self) -> bool:
        """Whether its pixels are single numbers of more than 8 bits."""
        return bool(_DEPTH_FORMAT.match(self._stream.codec_context.pix_fmt or ""))

    def read(self, times_s: np.ndarray) -> Iterator[np.ndarray]:
        """Decode the frames at ascending times (t,), one after the other, (H, W, 3) uint8 RGB each.

        Raises:
            InputError: There is no frame within a quarter of a frame period of one of the times, or it is damaged.
        """
        if not len(times_s):
            return
        ahead_s = float(times_s[0]) - self._reached_s
        if not 0.0 < ahead_s < _SEEK_BEYOND * self._period_s:
            self._seek(float(times_s[0]))
        slack_s = _TOLERANCE * self._period_s
        for time_s in times_s:
            try:
                frame = self._frame_at(float(time_s), slack_s)
                pixels = self._converter.reformat(frame, format="rgb24", interpolation=_TO_RGB).to_ndarray()
            except (av.error.FFmpegError, StopIteration) as error:
                self._reached_s = np.inf  # the decoder's state is no longer usable
                raise InputError(f"{self.path} is damaged or truncated: no frame at {float(time_s):.3f} s") from error
            yield pixels

    def close(self) -> None:
        """Close the file."""
        self._container.close()

    def _seek(self, time_s: float) -> None:
        target = max(0.0, time_s - 0.5 * self._period_s)
        assert self._stream.time_base is not None  # every mp4 stream has one
        try:
            self._container.seek(int(target / self._stream.time_base), stream=self._stream, backward=True)
        except av.error.FFmpegError as error:
            raise InputError(f"{self.path} is damaged or truncated: can't seek to {time_s:.3f} s") from error
        self._decoded = self._container.decode(self._stream)
        self._reached_s = -np.inf

    def _frame_at(self, time_s: float, slack_s: float) -> av.VideoFrame:
        while True:
            frame = next(self._decoded)
            if frame.time is None or frame.is_corrupt:
                raise InputError(f"{self.path} is damaged near {time_s:.3f} s")
            if (frame.height, frame.width) != self.size:
                raise InputError(f"{self.path} has frames of another size near {time_s:.3f} s")
            self._reached_s = frame.time
            if frame.time > time_s + slack_s:
                raise InputError(f"{self.path} has no frame at {time_s:.3f} s; the next one is at {frame.time:.3f} s")
            if frame.time >= time_s - slack_s:
                return frame
