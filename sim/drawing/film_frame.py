"""One frame of a film: the scene from behind the robot, the robot's camera, the map, and the instruments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from scenarios.geometry import Bounds
from sim.drawing.map_overlay import MapOverlay, draw_overlay
from sim.drawing.style import BACKGROUND, DRIVEN_PATH, FAINT, PANEL, TEXT, Colour, Rect, fit_font, load_font

if TYPE_CHECKING:
    from envs.camera import View

FRAME_SIZE = (944, 544)  # width, height in pixels; even, as H.264 requires


@dataclass(frozen=True)
class Layout:
    """The rectangle of each panel."""

    scene: Rect
    camera: Rect
    map: Rect
    instruments: Rect


LONG_LAYOUT = Layout(Rect(12, 56, 656, 324), Rect(680, 56, 252, 252), Rect(12, 392, 656, 140), Rect(680, 320, 252, 212))
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
    map: np.ndarray  # (h, w, 3) uint8 of the map panel's size


def layout_for(bounds_m: Bounds) -> Layout:
    """Return the layout for the shape of a world: long worlds get a map strip below the scene."""
    return LONG_LAYOUT if bounds_m.length > 1.8 * bounds_m.width else SQUARE_LAYOUT


def compose_frame(
    layout: Layout, images: PanelImages, view: View, overlay: MapOverlay, readings: InstrumentReadings
) -> np.ndarray:
    """Compose one frame of a film.

    Args:
        layout: The panels.
        images: Their images.
        view: The camera that the map was drawn from.
        overlay: What to draw on the map.
        readings: The instruments' values.

    Returns:
        (544, 944, 3) uint8.
    """
    picture = Image.new("RGB", FRAME_SIZE, BACKGROUND)
    camera = Image.fromarray(images.camera).resize(layout.camera.size, Image.Resampling.BICUBIC)
    picture.paste(Image.fromarray(images.scene), (layout.scene.x, layout.scene.y))
    picture.paste(camera, layout.camera.corners)
    picture.paste(draw_overlay(images.map, view, overlay, layout.map), (layout.map.x, layout.map.y))
    draw = ImageDraw.Draw(picture)
    _header(draw, readings)
    _caption(draw, layout.camera, "robot camera")
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
    draw.text((panel.x + 24, y), "expert's action", fill=FAINT, font=load_font(12), anchor="lm")


def _bar(draw: ImageDraw.ImageDraw, panel: Rect, y: int, name: str, value: float, label: float) -> None:
    """Draw a bar from the middle to ``value``, with a tick at ``label``; 'left' and a left turn point left."""
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
