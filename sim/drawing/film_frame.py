"""One picture of a drive for people: the scene from behind the robot, its own camera, the map, and its instruments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from scenarios.geometry import Bounds, Point
from scenarios.world import PassingSide

if TYPE_CHECKING:
    from envs.camera import View

Colour = tuple[int, int, int]
Circle = tuple[Point, float]  # centre and radius

FRAME_SIZE = (944, 544)  # width, height, pixels; even, as H.264 asks
BACKGROUND: Colour = (17, 21, 28)
PANEL: Colour = (28, 34, 44)
TEXT: Colour = (236, 239, 244)
FAINT: Colour = (140, 150, 166)
DRIVEN_PATH: Colour = (64, 156, 255)
EXPERT_PATH: Colour = (255, 255, 255)
GOAL: Colour = (64, 214, 120)
WRONG_TARGET: Colour = (240, 100, 90)
MOVER: Colour = (250, 190, 70)
RUNNING: Colour = (64, 120, 200)
GOOD: Colour = (38, 160, 84)
BAD: Colour = (206, 62, 54)
MIN_FONT_SIZE = 10  # pixels, of a font
SUPERSAMPLING = 3  # overlays are drawn this much larger and shrunk, because Pillow draws jagged lines


@dataclass(frozen=True)
class Rect:
    """A panel of the picture, in pixels from the top left."""

    x: int
    y: int
    width: int
    height: int

    @property
    def size(self) -> tuple[int, int]:
        return self.width, self.height

    @property
    def aspect(self) -> float:
        return self.width / self.height

    @property
    def corners(self) -> tuple[int, int, int, int]:
        return self.x, self.y, self.x + self.width, self.y + self.height


@dataclass(frozen=True)
class Layout:
    """Where each panel stands."""

    scene: Rect
    camera: Rect
    map: Rect
    instruments: Rect


LONG_LAYOUT = Layout(Rect(12, 56, 656, 324), Rect(680, 56, 252, 252), Rect(12, 392, 656, 140), Rect(680, 320, 252, 212))
SQUARE_LAYOUT = Layout(
    Rect(12, 56, 656, 476), Rect(680, 56, 120, 120), Rect(680, 188, 252, 252), Rect(680, 452, 252, 80)
)


@dataclass(frozen=True)
class MapOverlay:
    """What is drawn on the map, in metres.

    Attributes:
        driven: (k, 2) where the robot was so far.
        reference: (k, 2) the expert's path.
        goal: Centre and radius of the place to reach, where it is now.
        others: The same of the places not to reach.
        trail: (k, 2) where a goal that moves was so far.
        movers: Centre and radius of everything else that moves, where it is now.
        side: The two ways of which one was asked for.
    """

    driven: np.ndarray
    reference: np.ndarray
    goal: Circle
    others: tuple[Circle, ...]
    trail: np.ndarray
    movers: tuple[Circle, ...] = ()
    side: PassingSide | None = None


@dataclass(frozen=True)
class InstrumentReadings:
    """What the instruments show.

    Attributes:
        title: Who drives where.
        instruction: What the robot was told.
        badge: State of the episode, a word or two, and its colour.
        time_s: Since the start.
        to_goal_m: What is left of the shortest path.
        clearance_m: To the nearest thing.
        action: (3,) vx, vy, wz that is executed, in [-1, 1].
        label: (3,) what the expert would have sent.
        verdict: Lines written across the scene at the end; none while it drives.
    """

    title: str
    instruction: str
    badge: tuple[str, Colour]
    time_s: float
    to_goal_m: float
    clearance_m: float
    action: np.ndarray
    label: np.ndarray
    verdict: tuple[str, ...] = ()


def layout_for(bounds_m: Bounds) -> Layout:
    """The layout that suits the shape of a world: a strip below the scene for long ones."""
    return LONG_LAYOUT if bounds_m.length > 1.8 * bounds_m.width else SQUARE_LAYOUT


def compose_frame(
    layout: Layout,
    scene: np.ndarray,
    camera: np.ndarray,
    map_image: np.ndarray,
    view: View,
    overlay: MapOverlay,
    readings: InstrumentReadings,
) -> np.ndarray:
    """Put one frame of a film together.

    Args:
        layout: Where the panels stand.
        scene: (h, w, 3) uint8 of the scene panel's size.
        camera: (224, 224, 3) uint8, what the policy sees.
        map_image: (h, w, 3) uint8 of the map panel's size.
        view: From where the map was drawn.
        plan: What to draw on it.
        readings: What the instruments show.

    Returns:
        (544, 944, 3) uint8.
    """
    picture = Image.new("RGB", FRAME_SIZE, BACKGROUND)
    picture.paste(Image.fromarray(scene), (layout.scene.x, layout.scene.y))
    picture.paste(Image.fromarray(camera).resize(layout.camera.size, Image.Resampling.BICUBIC), layout.camera.corners)
    picture.paste(draw_overlay(map_image, view, overlay, layout.map), (layout.map.x, layout.map.y))
    draw = ImageDraw.Draw(picture)
    _header(draw, readings)
    _caption(draw, layout.camera, "robot's camera")
    _instruments(draw, layout.instruments, readings)
    if readings.verdict:
        _verdict(picture, layout.scene, readings)
    return np.asarray(picture)


def _header(draw: ImageDraw.ImageDraw, readings: InstrumentReadings) -> None:
    word, colour = readings.badge
    width = draw.textlength(word, load_font(17)) + 28
    right = FRAME_SIZE[0] - 12
    draw.rounded_rectangle((right - width, 14, right, 44), 15, fill=colour)
    draw.text((right - width / 2, 29), word, fill=TEXT, font=load_font(17), anchor="mm")
    said = f"“{readings.instruction}”"
    draw.text((12, 20), said, fill=TEXT, font=fit_font(said, right - width - 24, 20), anchor="lm")
    draw.text((12, 42), readings.title, fill=FAINT, font=load_font(13), anchor="lm")


def _caption(draw: ImageDraw.ImageDraw, panel: Rect, text: str) -> None:
    width = draw.textlength(text, load_font(12)) + 12
    draw.rectangle((panel.x, panel.y, panel.x + width, panel.y + 18), fill=BACKGROUND)
    draw.text((panel.x + 6, panel.y + 9), text, fill=FAINT, font=load_font(12), anchor="lm")


def _instruments(draw: ImageDraw.ImageDraw, panel: Rect, readings: InstrumentReadings) -> None:
    draw.rounded_rectangle(panel.corners, 8, fill=PANEL)
    figures = (
        (f"{readings.time_s:.1f} s", "time"),
        (f"{readings.to_goal_m:.1f} m", "to go"),
        (f"{max(readings.clearance_m, 0.0):.2f} m", "clearance"),
    )
    for number, (value, name) in enumerate(figures):
        x = panel.x + panel.width * (2 * number + 1) / 6
        draw.text((x, panel.y + 22), value, fill=TEXT, font=load_font(19), anchor="mm")
        draw.text((x, panel.y + 42), name, fill=FAINT, font=load_font(12), anchor="mm")
    if panel.height < 160:
        return
    bars = zip(("forward", "left", "turn"), readings.action, readings.label, strict=True)
    for number, (name, value, label) in enumerate(bars):
        _bar(draw, panel, panel.y + 74 + 42 * number, name, float(value), float(label))
    y = panel.y + panel.height - 14
    draw.line((panel.x + 16, y - 5, panel.x + 16, y + 5), fill=TEXT, width=2)
    draw.text((panel.x + 24, y), "what the expert would do", fill=FAINT, font=load_font(12), anchor="lm")


def _bar(draw: ImageDraw.ImageDraw, panel: Rect, y: int, name: str, value: float, label: float) -> None:
    """A bar from the middle to ``value``, with a tick at ``label``; 'left' and a left turn point left."""
    middle, half = panel.x + panel.width / 2, panel.width / 2 - 16
    sign = 1.0 if name == "forward" else -1.0
    draw.text((panel.x + 16, y), name, fill=FAINT, font=load_font(12), anchor="lm")
    draw.text((panel.x + panel.width - 16, y), f"{value:+.2f}", fill=TEXT, font=load_font(12), anchor="rm")
    top, bottom = y + 11, y + 21
    draw.rounded_rectangle((middle - half, top, middle + half, bottom), 3, fill=BACKGROUND)
    ends = sorted((middle, middle + sign * value * half))
    if ends[1] - ends[0] >= 1.0:
        draw.rectangle((ends[0], top, ends[1], bottom), fill=DRIVEN_PATH)
    draw.line((middle, top - 1, middle, bottom + 1), fill=FAINT, width=1)
    tick = middle + sign * label * half
    draw.line((tick, top - 3, tick, bottom + 3), fill=TEXT, width=2)


def _verdict(picture: Image.Image, panel: Rect, readings: InstrumentReadings) -> None:
    height = 34 + 26 * len(readings.verdict)
    top = panel.y
    band = Image.new("RGBA", (panel.width, height), (*BACKGROUND, 205))
    picture.paste(band, (panel.x, top), band)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((panel.x, top, panel.x + 5, top + height - 1), fill=readings.badge[1])
    for number, line in enumerate(readings.verdict):
        size, colour = (26, TEXT) if number == 0 else (16, FAINT)
        at = (panel.x + 22, top + 28 + 30 * number)
        draw.text(at, line, fill=colour, font=fit_font(line, panel.width - 36, size), anchor="lm")


def draw_overlay(map_image: np.ndarray, view: View, content: MapOverlay, panel: Rect) -> Image.Image:
    """The map with the goal, what to avoid, the ways to choose from, the expert's path and the driven one."""
    picture = Image.fromarray(map_image)
    overlay = Image.new("RGBA", (panel.width * SUPERSAMPLING, panel.height * SUPERSAMPLING), (0, 0, 0, 0))
    draw = ImageDraw.Draw(overlay)
    if content.side is not None:
        for segment, colour in ((content.side.asked, GOAL), (content.side.other, WRONG_TARGET)):
            draw.line(_pixels(view, panel, np.array(segment)), fill=(*colour, 255), width=4 * SUPERSAMPLING)
    circles = [
        (content.goal, GOAL),
        *((other, WRONG_TARGET) for other in content.others),
        *((it, MOVER) for it in content.movers),
    ]
    for (centre, radius_m), colour in circles:
        ring = centre + radius_m * _ring()
        draw.polygon(_pixels(view, panel, ring), fill=(*colour, 70))
        draw.line(_pixels(view, panel, ring), fill=(*colour, 255), width=2 * SUPERSAMPLING)
    _dashes(draw, _pixels(view, panel, content.reference), EXPERT_PATH)
    _dashes(draw, _pixels(view, panel, content.trail), GOAL)
    if len(content.driven) > 1:
        draw.line(
            _pixels(view, panel, content.driven), fill=(*DRIVEN_PATH, 255), width=3 * SUPERSAMPLING, joint="curve"
        )
    overlay = overlay.resize(panel.size, Image.Resampling.BOX)
    picture.paste(overlay, (0, 0), overlay)
    return picture


def _dashes(draw: ImageDraw.ImageDraw, points: Sequence[Point], colour: Colour) -> None:
    for number in range(0, len(points) - 2, 4):
        draw.line(points[number : number + 3], fill=(*colour, 170), width=SUPERSAMPLING)


@cache
def _ring() -> np.ndarray:
    turn = np.linspace(0.0, 2.0 * np.pi, 65)
    return np.stack([np.cos(turn), np.sin(turn)], axis=1)


def _pixels(view: View, panel: Rect, points: np.ndarray) -> list[Point]:
    """Where points (k, 2) of the floor stand on the overlay of a panel drawn from this view."""
    placed = project_floor_points(view, panel.aspect, points)
    scale = np.array([panel.width, panel.height]) * SUPERSAMPLING
    return [(float(x), float(y)) for x, y in placed * scale]


def project_floor_points(view: View, aspect: float, points: np.ndarray) -> np.ndarray:
    """Where points of the floor appear in a picture.

    Args:
        view: The camera.
        aspect: Width over height.
        points: (k, 2) m.

    Returns:
        (k, 2) x and y in [0, 1] of the picture's width and height, origin top left.
    """
    count = len(points)
    homogeneous = np.concatenate([points, np.zeros((count, 1)), np.ones((count, 1))], axis=1)
    clip = homogeneous @ (view.projection_matrix(aspect) @ view.view_matrix()).T  # (k, 4)
    ndc = clip[:, :2] / clip[:, 3:]
    return np.stack([(1.0 + ndc[:, 0]) / 2.0, (1.0 - ndc[:, 1]) / 2.0], axis=1)


@cache
def load_font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font, so that pictures look the same on every machine."""
    return ImageFont.load_default(size)


def fit_font(text: str, width: float, largest: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The largest font, from ``largest`` down to ``MIN_FONT_SIZE``, in which a text is no wider than so many pixels."""
    sizes = range(largest, MIN_FONT_SIZE, -1)
    return next(
        (load_font(size) for size in sizes if load_font(size).getlength(text) <= width), load_font(MIN_FONT_SIZE)
    )
