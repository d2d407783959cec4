"""Lines and circles drawn over a map: the driven path, the expert's path, goals, wrong targets and movers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

from scenarios.geometry import Point
from scenarios.world import PassingSide
from sim.drawing.style import DRIVEN_PATH, EXPERT_PATH, GOAL, MOVER, WRONG_TARGET, Rect

if TYPE_CHECKING:
    from envs.camera import View

Circle = tuple[Point, float]  # centre and radius

SUPERSAMPLING = 3  # overlays are drawn this much larger and shrunk, because Pillow draws jagged lines

REACH = 4 * SUPERSAMPLING  # no line is wider


@dataclass(frozen=True)
class MapOverlay:
    """The paths, places and movers to draw on the map, in metres.

    Attributes:
        driven: (k, 2) the robot's path so far.
        reference: (k, 2) the expert's path.
        goal: Centre and radius of the goal at its present place.
        others: Centres and radii of the wrong targets.
        trail: (k, 2) the path of a moving goal so far.
        movers: Centres and radii of everything else that moves, at their present places.
        side: The right and the wrong side to pass.
    """

    driven: np.ndarray
    reference: np.ndarray
    goal: Circle
    others: tuple[Circle, ...]
    trail: np.ndarray
    movers: tuple[Circle, ...] = ()
    side: PassingSide | None = None


def draw_overlay(map_image: np.ndarray, view: View, content: MapOverlay, panel: Rect) -> Image.Image:
    """Draw an overlay on a map (h, w, 3) uint8 of the panel's size that was drawn from this view."""
    picture = Image.fromarray(map_image)
    overlay = new_overlay(panel)
    draw = ImageDraw.Draw(overlay)
    if content.side is not None:
        for segment, colour in ((content.side.asked, GOAL), (content.side.other, WRONG_TARGET)):
            draw.line(overlay_pixels(view, panel, segment), fill=(*colour, 255), width=4 * SUPERSAMPLING)
    circles = [
        (content.goal, GOAL),
        *((other, WRONG_TARGET) for other in content.others),
        *((it, MOVER) for it in content.movers),
    ]
    for (centre, radius_m), colour in circles:
        ring = overlay_pixels(view, panel, centre + radius_m * _ring())
        if any(_near(ring, overlay)):
            draw.polygon(ring, fill=(*colour, 70))
            draw.line(ring, fill=(*colour, 255), width=2 * SUPERSAMPLING)
    for path, colour in ((content.reference, EXPERT_PATH), (content.trail, GOAL)):
        points = overlay_pixels(view, panel, path)
        near = _near(points, overlay)
        for number in range(0, len(points) - 2, 4):
            if near[number] or near[number + 1]:
                draw.line(points[number : number + 3], fill=(*colour, 170), width=SUPERSAMPLING)
    for run in _runs_inside(overlay_pixels(view, panel, content.driven), overlay):
        draw.line(run, fill=(*DRIVEN_PATH, 255), width=3 * SUPERSAMPLING, joint="curve")
    paste_overlay(picture, overlay)
    return picture


def new_overlay(panel: Rect) -> Image.Image:
    """Make a transparent image ``SUPERSAMPLING`` times as large as a panel."""
    return Image.new("RGBA", (panel.width * SUPERSAMPLING, panel.height * SUPERSAMPLING), (0, 0, 0, 0))


def paste_overlay(picture: Image.Image, overlay: Image.Image) -> None:
    """Shrink an overlay to the size of a picture and lay it over it."""
    overlay = overlay.resize(picture.size, Image.Resampling.BOX)
    picture.paste(overlay, (0, 0), overlay)


def _near(points: Sequence[Point], overlay: Image.Image) -> list[bool]:
    """Return for each piece between two points whether it may be seen on an overlay; drawing the others is slow."""
    ends = np.array(points).reshape(-1, 2)
    low, high = np.minimum(ends[:-1], ends[1:]), np.maximum(ends[:-1], ends[1:])
    seen: list[bool] = ((high > -REACH) & (low < np.array(overlay.size) + REACH)).all(axis=1).tolist()
    return seen


def _runs_inside(points: Sequence[Point], overlay: Image.Image) -> Iterator[Sequence[Point]]:
    """Split a path into the stretches that may be seen on an overlay, with a point more at both ends for the joints."""
    near = _near(points, overlay)
    for seen, pieces in groupby(range(len(near)), near.__getitem__):
        if seen:
            run = list(pieces)
            yield points[max(run[0] - 1, 0) : run[-1] + 3]


@cache
def _ring() -> np.ndarray:
    turn = np.linspace(0.0, 2.0 * np.pi, 65)
    return np.stack([np.cos(turn), np.sin(turn)], axis=1)


def overlay_pixels(view: View, panel: Rect, points: np.ndarray | Sequence[Point]) -> list[Point]:
    """Project floor points (k, 2), in m, to pixels of a panel's overlay."""
    placed = project_floor_points(view, panel.aspect, np.asarray(points).reshape(-1, 2))
    scale = np.array([panel.width, panel.height]) * SUPERSAMPLING
    return [(x, y) for x, y in (placed * scale).tolist()]


def project_floor_points(view: View, aspect: float, points: np.ndarray) -> np.ndarray:
    """Project points of the floor to a picture.

    Args:
        view: The camera.
        aspect: Width over height.
        points: (k, 2), m.

    Returns:
        (k, 2) x and y in [0, 1] of the picture's width and height, origin top left.
    """
    matrix = _floor_to_clip(view, aspect)
    clip = points @ matrix[:2] + matrix[2]  # (k, 3)
    return clip[:, :2] / clip[:, 2:] * (0.5, -0.5) + 0.5


@lru_cache(maxsize=16)
def _floor_to_clip(view: View, aspect: float) -> np.ndarray:
    """Return (3, 3) from x, y and 1 on the floor to x, y and w of the clip coordinates, for row vectors."""
    return (view.projection_matrix(aspect) @ view.view_matrix()).T[[0, 1, 3]][:, [0, 1, 3]]
