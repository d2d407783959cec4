"""The picture of a learning curve: success on held-out episodes over the steps of training."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Protocol

from sim.drawing.svg import FAINT, MEASURED, draw_text, wrap_document

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720.0, 320.0, 56.0, 680.0, 44.0, 276.0
PERCENTS, MOST_LABELS = (0, 25, 50, 75, 100), 5


class SuccessPoint(Protocol):
    """Success after some steps of training."""

    @property
    def timesteps(self) -> int:
        """Environment steps of training so far."""

    @property
    def episodes(self) -> int:
        """Held-out episodes."""

    @property
    def success(self) -> float:
        """Successes per episode."""

    @property
    def low(self) -> float:
        """Lower end of its 95 % interval."""

    @property
    def high(self) -> float:
        """Upper end of its 95 % interval."""


def draw_learning_curve(points: Sequence[SuccessPoint]) -> str:
    """Draw success as a line, and its 95 % intervals as a band around it; an SVG file.

    Args:
        points: Ascending by steps, at least one.
    """
    last = max(points[-1].timesteps, 1)
    places = [LEFT + (RIGHT - LEFT) * point.timesteps / last for point in points]
    band = [(x, _height(point.high)) for x, point in zip(places, points, strict=True)]
    band += [(x, _height(point.low)) for x, point in zip(reversed(places), reversed(points), strict=True)]
    line = [(x, _height(point.success)) for x, point in zip(places, points, strict=True)]
    title = f"Success in percent on {points[-1].episodes} held-out episodes, with its 95 % interval"
    return wrap_document(
        WIDTH,
        HEIGHT,
        [
            draw_text(12, 24, title, size=15),
            *_draw_axes(last),
            f'<polygon points="{_join(band)}" fill="{MEASURED}" fill-opacity="0.18"/>',
            f'<polyline points="{_join(line)}" fill="none" stroke="{MEASURED}" stroke-width="2"/>',
            *(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{MEASURED}"/>' for x, y in line),
        ],
    )


def _draw_axes(last: int) -> list[str]:
    parts = [f'<path d="M{LEFT},{TOP} V{BOTTOM} H{RIGHT}" fill="none" stroke="{FAINT}"/>']
    for percent in PERCENTS:
        y = _height(percent / 100)
        parts.append(f'<path d="M{LEFT},{y:.1f} H{RIGHT}" stroke="{FAINT}" stroke-opacity="0.2"/>')
        parts.append(draw_text(LEFT - 6, y + 4, str(percent), size=11, colour=FAINT, anchor="end"))
    for steps in range(0, last + 1, _choose_spacing(last)):
        x = LEFT + (RIGHT - LEFT) * steps / last
        parts.append(draw_text(x, BOTTOM + 16, f"{steps:,}", size=11, colour=FAINT, anchor="middle"))
    return [*parts, draw_text((LEFT + RIGHT) / 2, BOTTOM + 34, "environment steps", colour=FAINT, anchor="middle")]


def _choose_spacing(last: int) -> int:
    """The least of 1, 2, 5, 10, 20, 50 and so on that leaves room for the labels."""
    spacings = (digit * 10**power for power in itertools.count() for digit in (1, 2, 5))
    return next(spacing for spacing in spacings if last // spacing <= MOST_LABELS)


def _height(share: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * share


def _join(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
