"""One frame of a film: the scene from behind the robot, the robot's camera, the map, and the instruments."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from scenarios.geometry import Bounds
from sim.drawing.style import BACKGROUND, DRIVEN_PATH, FAINT, PANEL, TEXT, Colour, Rect, fit_font, load_font

FRAME_SIZE = (944, 544)  # width, height in pixels; even, as H.264 requires
HEADER_HEIGHT = 56
ROOM_FOR_BARS = 160  # least height of instruments that show the actions
BARS_Y, BARS_STEP = 74, 42


@dataclass(frozen=True)
class Layout:
    """The rectangle of each panel."""

    scene: Rect
    camera: Rect
    map: Rect
    instruments: Rect


LONG_LAYOUT = Layout(Rect(12, 56, 684, 324), Rect(708, 56, 224, 224), Rect(12, 392, 684, 140), Rect(708, 292, 224, 240))
SQUARE_LAYOUT = Layout(
    Rect(12, 56, 656, 476), Rect(680, 56, 120, 120), Rect(680, 188, 252, 252), Rect(680, 452, 252, 80)
)


@dataclass(frozen=True)
class InstrumentReadings:
    """The values that the instruments show.

    Attributes:
        title: Policy, scenario and episode.
        instruction: The robot's instruction.
        badge: State of the episode in a word or two, and its colour.
        time_s: Time since the start.
        to_goal_m: Length of the shortest path that remains.
        clearance_m: Distance to the nearest obstacle.
        action: (3,) vx, vy, wz that is executed, in [-1, 1].
        label: (3,) the expert's action in this state.
        verdict: Lines written across the scene at the end; empty before.
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


class PanelImages(NamedTuple):
    """The images that fill the panels of a frame."""

    scene: np.ndarray  # (h, w, 3) uint8 of the scene panel's size
    camera: np.ndarray  # (224, 224, 3) uint8, what the policy sees
    map: np.ndarray  # (h, w, 3) uint8 of the map panel's size, with its overlay


def layout_for(bounds_m: Bounds) -> Layout:
    """Return the layout for the shape of a world: long worlds get a map strip below the scene."""
    return LONG_LAYOUT if bounds_m.length > 1.8 * bounds_m.width else SQUARE_LAYOUT


class FrameCanvas:
    """A frame that is drawn again and again as a film goes on, each time only where something changes.

    Args:
        layout: The panels.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._pixels = np.tile(np.array(BACKGROUND, np.uint8), (FRAME_SIZE[1], FRAME_SIZE[0], 1))
        self._caption = _caption("robot camera")
        self._dial = _blank_instruments(layout.instruments)
        self._header: tuple[object, ...] = ()

    def draw(self, images: PanelImages, readings: InstrumentReadings) -> np.ndarray:
        """Draw a frame.

        Args:
            images: What fills the panels.
            readings: The instruments' values.

        Returns:
            (544, 944, 3) uint8, a new array.
        """
        layout = self._layout
        header = readings.title, readings.instruction, readings.badge
        if header != self._header:
            self._header = header
            self._fill(Rect(0, 0, FRAME_SIZE[0], HEADER_HEIGHT), _header(readings))
        self._fill(layout.scene, images.scene)
        camera = Image.fromarray(images.camera)
        if camera.size != layout.camera.size:
            camera = camera.resize(layout.camera.size, Image.Resampling.BICUBIC)
        camera.paste(self._caption, (0, 0))
        self._fill(layout.camera, camera)
        self._fill(layout.map, images.map)
        dial = self._dial.copy()
        _draw_readings(dial, readings)
        self._fill(layout.instruments, dial)
        if readings.verdict:
            self._fill(layout.scene, _with_verdict(images.scene, readings))
        return self._pixels.copy()

    def _fill(self, panel: Rect, content: np.ndarray | Image.Image) -> None:
        self._pixels[panel.y : panel.y + panel.height, panel.x : panel.x + panel.width] = np.asarray(content)


def _header(readings: InstrumentReadings) -> Image.Image:
    picture = Image.new("RGB", (FRAME_SIZE[0], HEADER_HEIGHT), BACKGROUND)
    draw = ImageDraw.Draw(picture)
    word, colour = readings.badge
    width = draw.textlength(word, load_font(17)) + 28
    right = FRAME_SIZE[0] - 12
    draw.rounded_rectangle((right - width, 14, right, 44), 15, fill=colour)
    draw.text((right - width / 2, 29), word, fill=TEXT, font=load_font(17), anchor="mm")
    said = f"“{readings.instruction}”"
    draw.text((12, 20), said, fill=TEXT, font=fit_font(said, right - width - 24, 20), anchor="lm")
    draw.text((12, 42), readings.title, fill=FAINT, font=load_font(13), anchor="lm")
    return picture


def _caption(text: str) -> Image.Image:
    picture = Image.new("RGB", (round(load_font(12).getlength(text)) + 13, 19), BACKGROUND)
    ImageDraw.Draw(picture).text((6, 9), text, fill=FAINT, font=load_font(12), anchor="lm")
    return picture


def _blank_instruments(panel: Rect) -> Image.Image:
    """Draw what the instruments show whatever they measure."""
    picture = Image.new("RGB", panel.size, BACKGROUND)
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((0, 0, *panel.size), 8, fill=PANEL)
    for number, name in enumerate(("time", "to go", "clearance")):
        x = panel.width * (2 * number + 1) / 6
        draw.text((x, 42), name, fill=FAINT, font=load_font(12), anchor="mm")
    if panel.height < ROOM_FOR_BARS:
        return picture
    for number, name in enumerate(("forward", "left", "turn")):
        y, half = BARS_Y + BARS_STEP * number, panel.width / 2 - 16
        draw.text((16, y), name, fill=FAINT, font=load_font(12), anchor="lm")
        draw.rounded_rectangle((panel.width / 2 - half, y + 11, panel.width / 2 + half, y + 21), 3, fill=BACKGROUND)
    y = panel.height - 14
    draw.line((16, y - 5, 16, y + 5), fill=TEXT, width=2)
    draw.text((24, y), "expert's action", fill=FAINT, font=load_font(12), anchor="lm")
    return picture


def _draw_readings(dial: Image.Image, readings: InstrumentReadings) -> None:
    """Draw the values of the instruments onto blank ones."""
    draw = ImageDraw.Draw(dial)
    clearance_m = max(readings.clearance_m, 0.0)
    figures = f"{readings.time_s:.1f} s", f"{readings.to_goal_m:.1f} m", f"{clearance_m:.2f} m"
    for number, value in enumerate(figures):
        _paste_value(dial, dial.width * (2 * number + 1) / 6, 22, value, 19, "mm")
    if dial.height < ROOM_FOR_BARS:
        return
    for number, (value, label) in enumerate(zip(readings.action, readings.label, strict=True)):
        sign = 1.0 if number == 0 else -1.0  # 'left' and a left turn point left
        _paste_value(dial, dial.width - 16, BARS_Y + BARS_STEP * number, f"{value:+.2f}", 12, "rm")
        _bar(draw, dial.width, BARS_Y + BARS_STEP * number, float(value), float(label), sign)


def _bar(draw: ImageDraw.ImageDraw, width: int, y: int, value: float, label: float, sign: float) -> None:
    """Draw a bar from the middle to ``value``, with a tick at ``label``."""
    middle, half = width / 2, width / 2 - 16
    top, bottom = y + 11, y + 21
    ends = sorted((middle, middle + sign * value * half))
    if ends[1] - ends[0] >= 1.0:
        draw.rectangle((ends[0], top, ends[1], bottom), fill=DRIVEN_PATH)
    draw.line((middle, top - 1, middle, bottom + 1), fill=FAINT, width=1)
    tick = middle + sign * label * half
    draw.line((tick, top - 3, tick, bottom + 3), fill=TEXT, width=2)


def _paste_value(dial: Image.Image, x: float, y: float, value: str, size: int, anchor: str) -> None:
    """Write a value whose middle or right end lies at x."""
    picture = _value_picture(value, size)
    left = x - picture.width / 2 if anchor == "mm" else x - picture.width
    dial.paste(picture, (round(left), round(y - picture.height / 2)))


@lru_cache(maxsize=2048)
def _value_picture(value: str, size: int) -> Image.Image:
    """Draw a value on the colour of a panel; few values occur in all films, and drawing text is slow."""
    font = load_font(size)
    picture = Image.new("RGB", (round(font.getlength(value)), 2 * (size // 2) + 4), PANEL)
    ImageDraw.Draw(picture).text((picture.width / 2, picture.height / 2), value, fill=TEXT, font=font, anchor="mm")
    return picture


def _with_verdict(scene: np.ndarray, readings: InstrumentReadings) -> Image.Image:
    """Draw the verdict across the top of a scene (h, w, 3)."""
    picture = Image.fromarray(scene)
    height = 34 + 26 * len(readings.verdict)
    band = Image.new("RGBA", (picture.width, height), (*BACKGROUND, 205))
    picture.paste(band, (0, 0), band)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, 5, height - 1), fill=readings.badge[1])
    for number, line in enumerate(readings.verdict):
        size, colour = (26, TEXT) if number == 0 else (16, FAINT)
        font = fit_font(line, picture.width - 36, size)
        draw.text((22, 28 + 30 * number), line, fill=colour, font=font, anchor="lm")
    return picture
