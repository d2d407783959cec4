"""Parts of SVG pictures: texts, axes, documents."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from html import escape

MEASURED, LIMIT, INK, FAINT = "#2563c9", "#e08a1e", "#1b1f27", "#6b7280"


def draw_text(x: float, y: float, text: str, *, size: int = 13, colour: str = INK, anchor: str = "start") -> str:
    """Draw a text; its anchor is "start", "middle" or "end"."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" text-anchor="{anchor}">{escape(text)}</text>'
    )


def make_log_axis(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    """Return the function from a value to its place on a logarithmic axis."""
    span = math.log(high / low) or 1.0
    return lambda value: start + (end - start) * math.log(value / low) / span


def wrap_document(width: float, height: float, parts: Sequence[str]) -> str:
    """Return the file of a picture on white ground."""
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" font-family="sans-serif">',
            f'<rect width="{width:g}" height="{height:g}" fill="#ffffff"/>',
            *parts,
            "</svg>\n",
        ]
    )
