"""The map of a film: drawn whole once, and then only where something has moved."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PIL import Image

from envs.camera import Renderer, Shot
from envs.simulation.simulation import Simulation
from envs.simulation.views import Occupied, map_view, moving_places
from scenarios.world import Light, World
from sim.drawing.map_overlay import MapOverlay, draw_overlay
from sim.drawing.style import PANEL, Rect

SURROUND_COLOUR = (PANEL[0] / 255, PANEL[1] / 255, PANEL[2] / 255)  # what surrounds a world without a roof or walls
FINENESS = 2  # the map is rendered this much larger and shrunk
MARGIN = 4  # pixels around what has moved, for the lines around it and for edges, which are smoothed with what is near
STRIDE = 16  # widths and heights of redrawn parts are multiples of this, so that few sizes occur


class MapPanel:
    """A map that is drawn again and again as an episode goes on.

    Args:
        simulation: The simulation, whose present state is drawn.
        renderer: The renderer.
        world: The simulation's world.
        panel: The map's place in the frame.
    """

    def __init__(self, simulation: Simulation, renderer: Renderer, world: World, panel: Rect) -> None:
        self._simulation, self._renderer, self._light, self._panel = simulation, renderer, world.light, panel
        self._view = map_view(world, panel.aspect)
        self._picture = np.zeros((panel.height, panel.width, 3), np.uint8)
        self._places: dict[str, Occupied] = {}  # as drawn last

    def draw(self, overlay: MapOverlay) -> np.ndarray:
        """Draw the present state and return the picture (h, w, 3) uint8, which the next call changes."""
        places = moving_places(self._simulation)
        for number, (centre, radius_m) in enumerate((overlay.goal, *overlay.others, *overlay.movers)):
            places[f"circle {number}"] = Occupied(*centre, radius_m)
        if not self._places:
            self._picture[:] = self._draw_part(overlay, Rect(0, 0, *self._panel.size))
        else:
            moved = [name for name, place in places.items() if place != self._places[name]]
            changed = [place for name in moved for place in (places[name], self._places[name])]
            for part in merge_overlapping(self._part_around(place) for place in changed):
                self._redraw(overlay, part)
        self._places = places
        return self._picture

    def _redraw(self, overlay: MapOverlay, part: Rect) -> None:
        """Draw a part of the map again, except for its margin."""
        drawn = self._draw_part(overlay, part)
        left, top = max(part.x + MARGIN, 0), max(part.y + MARGIN, 0)
        right = min(part.x + part.width - MARGIN, self._panel.width)
        bottom = min(part.y + part.height - MARGIN, self._panel.height)
        if left < right and top < bottom:
            inner = drawn[top - part.y : bottom - part.y, left - part.x : right - part.x]
            self._picture[top:bottom, left:right] = inner

    def _draw_part(self, overlay: MapOverlay, part: Rect) -> np.ndarray:
        """Draw a part of the map, in pixels of the panel: (h, w, 3) uint8."""
        view = self._view.crop(self._panel.size, part.x, part.y, part.width, part.height)
        size = FINENESS * part.width, FINENESS * part.height
        shot = Shot(self._simulation.client, view, *size, self._light, SURROUND_COLOUR, high_quality=True)
        (image,) = self._renderer.render([shot])
        shrunk = Image.fromarray(image.rgb).reduce(FINENESS)
        return np.asarray(draw_overlay(np.asarray(shrunk), view, overlay, part))

    def _part_around(self, place: Occupied) -> Rect:
        """Return the part of the panel in which something and its shadow are seen."""
        points = np.array([*bounding_points(place, self._light), np.ones(12)])  # (4, 12)
        clip = self._view.projection_matrix(self._panel.aspect) @ self._view.view_matrix() @ points
        across = (1.0 + clip[0] / clip[3]) / 2.0 * self._panel.width
        down = (1.0 - clip[1] / clip[3]) / 2.0 * self._panel.height
        left, top = int(across.min()) - 2 * MARGIN, int(down.min()) - 2 * MARGIN
        width, height = int(across.max()) + 2 * MARGIN - left, int(down.max()) + 2 * MARGIN - top
        return Rect(left, top, -(-width // STRIDE) * STRIDE, -(-height // STRIDE) * STRIDE)


def bounding_points(place: Occupied, light: Light) -> np.ndarray:
    """Return (3, 12) corners around something at its foot and its top, and around the shadow of its top."""
    x = place.x + place.radius_m * np.array([-1.0, 1.0, -1.0, 1.0])
    y = place.y + place.radius_m * np.array([-1.0, -1.0, 1.0, 1.0])
    shift_m = place.height_m / max(light.direction[2], 0.1)
    xs = np.concatenate([x, x, x - shift_m * light.direction[0]])
    ys = np.concatenate([y, y, y - shift_m * light.direction[1]])
    return np.array([xs, ys, np.repeat([0.0, place.height_m, 0.0], 4)])


def merge_overlapping(parts: Iterable[Rect]) -> list[Rect]:
    """Replace rectangles that overlap by the smallest one around them."""
    merged: list[Rect] = []
    for part in parts:
        while touching := next((other for other in merged if _overlap(part, other)), None):
            merged.remove(touching)
            left, top = min(part.x, touching.x), min(part.y, touching.y)
            right = max(part.x + part.width, touching.x + touching.width)
            bottom = max(part.y + part.height, touching.y + touching.height)
            part = Rect(left, top, right - left, bottom - top)
        merged.append(part)
    return merged


def _overlap(one: Rect, other: Rect) -> bool:
    across = one.x < other.x + other.width and other.x < one.x + one.width
    return across and one.y < other.y + other.height and other.y < one.y + one.height
