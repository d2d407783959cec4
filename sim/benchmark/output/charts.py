"""Charts of measurements as SVG: bars beside their limits, and lines over sizes, both axes logarithmic."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from sim.benchmark.loop.turn import PER_OBSERVATION, STAGES
from sim.benchmark.measurements import Measurement
from sim.drawing.svg import FAINT, LIMIT, MEASURED, draw_text, make_log_axis, wrap_document

WIDTH = 860
BAR_HEIGHT, ROW_HEIGHT, LABEL_WIDTH, VALUE_WIDTH = 11, 40, 210, 170
PANEL_WIDTH, PANEL_HEIGHT, PANELS_PER_ROW, MARGIN, LABEL_HEIGHT = 270, 170, 3, 46, 12


def draw_bars(title: str, rows: Sequence[Measurement]) -> str:
    """Draw each measurement as a bar above the bar of its limit."""
    height = 70 + ROW_HEIGHT * len(rows)
    longest = max((row.value for row in rows), default=1.0) or 1.0
    scale = (WIDTH - LABEL_WIDTH - VALUE_WIDTH) / longest
    parts = [draw_text(12, 26, title, size=16), *_legend(12, 48)]
    for number, row in enumerate(rows):
        top = 64 + ROW_HEIGHT * number
        parts.append(draw_text(LABEL_WIDTH - 8, top + 15, row.name, anchor="end"))
        parts.append(_bar(LABEL_WIDTH, top, scale * row.value, MEASURED))
        at = LABEL_WIDTH + scale * max(row.value, row.limit or 0.0) + 8
        if row.limit is not None:
            parts.append(_bar(LABEL_WIDTH, top + BAR_HEIGHT + 1, scale * row.limit, LIMIT))
        said = f"{row.value:.3g} {row.unit.split('/')[0]}" + ("" if row.ratio is None else f", {row.ratio:.1f}x")
        parts.append(draw_text(at, top + 15, said, colour=FAINT))
    return wrap_document(WIDTH, height, parts)


def draw_lines(title: str, rows: Sequence[Measurement]) -> str:
    """Draw a panel for each name, with its figures against the sizes that they were measured at."""
    names = list(dict.fromkeys(row.name for row in rows))
    lines = math.ceil(len(names) / PANELS_PER_ROW)
    parts = [draw_text(12, 26, title, size=16)]
    for number, name in enumerate(names):
        x, y = 12 + PANEL_WIDTH * (number % PANELS_PER_ROW), 44 + PANEL_HEIGHT * (number // PANELS_PER_ROW)
        parts += _draw_panel(x, y, name, [row for row in rows if row.name == name])
    return wrap_document(24 + PANEL_WIDTH * PANELS_PER_ROW, 54 + PANEL_HEIGHT * lines, parts)


def _draw_panel(x: float, y: float, name: str, rows: Sequence[Measurement]) -> list[str]:
    left, right, top, bottom = x + MARGIN, x + PANEL_WIDTH - 24, y + 34, y + PANEL_HEIGHT - 34
    sizes, values = [float(row.at or 1) for row in rows], [row.value for row in rows]
    # At least a decade, so that a constant looks constant.
    middle = math.sqrt(min(values) * max(values))
    across = make_log_axis(min(sizes), max(sizes), left, right)
    up = make_log_axis(min(min(values), middle / 3.2), max(max(values), middle * 3.2), bottom, top)
    exponent = "" if rows[-1].ratio is None else f", grows with exponent {rows[-1].ratio:.2f}"
    points = [(across(size), up(value)) for size, value in zip(sizes, values, strict=True)]
    parts = [
        draw_text(x + 8, y + 10, name, size=12),
        draw_text(x + 8, y + 24, f"{rows[0].unit}{exponent}", size=10, colour=FAINT),
        f'<path d="M{left},{top} V{bottom} H{right}" fill="none" stroke="{FAINT}"/>',
        f'<polyline points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in points)}" fill="none" stroke="{MEASURED}" '
        'stroke-width="2"/>',
        *(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{MEASURED}"/>' for a, b in points),
        *(
            draw_text(across(size), bottom + 15, f"{size:,.0f}", size=10, colour=FAINT, anchor="middle")
            for size in sizes
        ),
    ]
    # Two labels at one height would cover each other.
    ends = [values[-1]] if abs(up(values[0]) - up(values[-1])) < LABEL_HEIGHT else [values[0], values[-1]]
    return [
        *parts,
        *(draw_text(left - 4, up(end) + 4, _figure(end), size=10, colour=FAINT, anchor="end") for end in ends),
    ]


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000.0 else f"{value:.3g}"


def _legend(x: float, y: float) -> list[str]:
    return [
        _bar(x, y - 10, 14, MEASURED),
        draw_text(x + 20, y, "CPU time measured"),
        _bar(x + 150, y - 10, 14, LIMIT),
        draw_text(x + 170, y, "the least that this machine needs for the same work"),
    ]


def _bar(x: float, y: float, width: float, colour: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0.5):.1f}" height="{BAR_HEIGHT}" fill="{colour}"/>'


def _draw_loop(found: Sequence[Measurement]) -> str:
    rows = [replace(row, name=row.name.split(": ")[-1]) for row in found if row.group == "loop"]
    return draw_bars(
        f"The closed loop, {found[0].name.split(': ')[0]}: CPU time of each stage, ms an observation",
        [row for row in rows if row.unit == PER_OBSERVATION and row.name in STAGES],
    )


def _draw_growth(found: Sequence[Measurement]) -> str:
    return draw_lines("Growth of time and memory", [row for row in found if row.group == "growth"])


CHARTS: dict[str, Callable[[Sequence[Measurement]], str]] = {"loop": _draw_loop, "growth": _draw_growth}
"""By benchmark, the function that draws its chart from all measurements."""
