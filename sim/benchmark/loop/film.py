"""The time of a film, and the least that it can cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.video.frame import PictureType

from envs.simulation.lockstep import Lockstep
from sim.benchmark.loop.bare_pictures import BarePictures
from sim.benchmark.loop.stage_limits import time_cpu
from sim.benchmark.loop.stopwatch import Stopwatch
from sim.drawing.film import write_film
from sim.drawing.film_frame import FRAME_SIZE
from sim.drawing.video import FPS
from sim.evaluate.block import DrivenEpisode

FASTEST = {"preset": "ultrafast", "threads": "1"}  # of x264


@dataclass(frozen=True)
class FilmTimes:
    """CPU seconds for each frame of a film, and its limits.

    Attributes:
        frames: Number of frames of the film.
        steps: Number of observations that it shows.
        total_s: All of it.
        pictures_s: Of which the renderer takes so much.
        bare_pictures_s: One empty target of the film's size for each observation, read back.
        bare_encoding_s: The same frames by the fastest preset of the encoder.
    """

    frames: int
    steps: int
    total_s: float
    pictures_s: float
    bare_pictures_s: float
    bare_encoding_s: float


def time_film(lockstep: Lockstep, episode: DrivenEpisode, folder: Path) -> FilmTimes:
    """Film one episode, and measure its limits."""
    path = folder / "film.mp4"
    path.unlink(missing_ok=True)
    simulation, renderer = lockstep.simulations[0], lockstep.renderer
    world, trace, row = episode.world, episode.trace, episode.row
    with Stopwatch() as clock:
        clock.watch_public("pictures", type(renderer))
        total_s = time_cpu(
            lambda: write_film(simulation, trace, world, row, path, title="benchmark", renderer=renderer)
        )
    frames = _read_frames(path)
    width, height = FRAME_SIZE
    with BarePictures(1, (height, width)) as bare:
        bare.take_empty()
        bare_s = time_cpu(lambda: [bare.take_empty() for _ in range(row.steps)])
    encoding_s = time_cpu(lambda: _encode(frames, folder / "bare.mp4"))
    return FilmTimes(len(frames), row.steps, total_s, clock.seconds["pictures"], bare_s, encoding_s)


def _read_frames(path: Path) -> list[av.VideoFrame]:
    with av.open(path) as film:
        return list(film.decode(video=0))


def _encode(frames: Sequence[av.VideoFrame], path: Path) -> None:
    """Encode frames that are already in the encoder's format."""
    with av.open(path, "w") as film:
        stream = film.add_stream("libx264", rate=FPS, options=dict(FASTEST))
        stream.width, stream.height, stream.pix_fmt = *FRAME_SIZE, "yuv420p"
        for number, frame in enumerate(frames):
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            frame.pict_type = PictureType.NONE  # the encoder's own choice
            film.mux(stream.encode(frame))
        film.mux(stream.encode())
