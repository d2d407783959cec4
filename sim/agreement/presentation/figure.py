"""The figure "correlation against cost": each metric's correlation with success, over the time that it takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sim.agreement.conclusion.conclusion import Conclusion
from sim.agreement.conclusion.contest import HEADLINES, ContestRow
from sim.agreement.selection import Part
from sim.drawing.svg import FAINT, INK, LIMIT, MEASURED, draw_text, make_log_axis, wrap_document
from sim.population.population import MAE

WIDTH, PANEL_HEIGHT, LEFT, RIGHT, NAMES = 900, 300, 60.0, 640.0, 664.0
TOP_MARGIN, LINE = 40.0, 14.0
NAMED = 8  # of the best metrics in each panel


class CostPoint(NamedTuple):
    """A metric in a panel."""

    metric: str
    seconds: float
    rho: float
    units: int | None
    """Number of units that it was computed for; None if those are the units of the MAE."""


def draw_correlation_against_cost(found: Conclusion, seconds: Mapping[str, float], driving_s: float | None) -> str:
    """Draw a panel over all units and one within families.

    A metric of fewer units than the MAE has is hollow, with their number.

    Args:
        found: What was concluded.
        seconds: Metric -> seconds that it takes for a unit; others are left out.
        driving_s: Seconds of driving a unit, drawn as a line; None if that isn't known.
    """
    parts: list[str] = []
    ceilings = {each.part: each.ceilings["spearman"] for each in found.ceilings}
    for number, part in enumerate(HEADLINES[:2]):
        points = _place(found.contest, part, seconds)
        parts += _draw_panel(number * PANEL_HEIGHT, part, points, ceilings[part], driving_s)
    return wrap_document(WIDTH, 2 * PANEL_HEIGHT + 10, parts)


def _place(rows: Sequence[ContestRow], part: Part, seconds: Mapping[str, float]) -> list[CostPoint]:
    most = max((row.judgements[part].units for row in rows if row.metric == MAE), default=0)
    points = []
    for row in rows:
        rho, units = row.rho(part), row.judgements[part].units
        if rho is not None and seconds.get(row.metric, 0.0) > 0.0:
            points.append(CostPoint(row.metric, seconds[row.metric], rho, None if units >= most else units))
    return sorted(points, key=lambda point: point.rho, reverse=True)


def _draw_panel(
    y: float, part: Part, points: Sequence[CostPoint], ceiling: float | None, driving_s: float | None
) -> list[str]:
    top, bottom = y + TOP_MARGIN, y + PANEL_HEIGHT - 36.0
    title = f"Spearman's rho of each offline metric with success, {part.words}"
    frame = f'<path d="M{LEFT},{top} V{bottom} H{RIGHT}" fill="none" stroke="{FAINT}"/>'
    parts = [draw_text(12, y + 24, title, size=15), frame]
    if not points:
        return [*parts, draw_text(LEFT + 20, (top + bottom) / 2, "no metric has a ranking here yet", colour=FAINT)]
    costs = [point.seconds for point in points] + ([driving_s] if driving_s else [])
    across = make_log_axis(min(costs) / 1.5, max(costs) * 1.5, LEFT, RIGHT)
    lowest = min(-0.2, *(point.rho for point in points))

    def up(rho: float) -> float:
        return bottom + (top - bottom) * (rho - lowest) / (1.0 - lowest)

    for rho in (0.0, 0.5, 1.0):
        parts.append(_draw_line(LEFT, up(rho), RIGHT, up(rho), "#e5e7eb"))
        parts.append(draw_text(LEFT - 6, up(rho) + 4, f"{rho:g}", size=11, colour=FAINT, anchor="end"))
    if ceiling is not None:
        parts.append(_draw_line(LEFT, up(ceiling), RIGHT, up(ceiling), LIMIT))
        parts.append(draw_text(LEFT + 6, up(ceiling) - 4, "noise ceiling", size=11, colour=LIMIT))
    if driving_s:
        parts.append(_draw_line(across(driving_s), top, across(driving_s), bottom, LIMIT))
        parts.append(draw_text(across(driving_s) - 4, bottom - 6, "driving", size=11, colour=LIMIT, anchor="end"))
    for cost in (min(costs), max(costs)):
        parts.append(draw_text(across(cost), bottom + 14, f"{cost:.3g} s", size=11, colour=FAINT, anchor="middle"))
    parts.append(draw_text((LEFT + RIGHT) / 2, bottom + 28, "seconds for a policy", size=12, anchor="middle"))
    places = [(point, across(point.seconds), up(point.rho)) for point in points]
    return [*parts, *_draw_points(places, top)]


def _draw_points(places: Sequence[tuple[CostPoint, float, float]], top: float) -> list[str]:
    """Draw all points, and the names of the best and of the MAE in a column beside them, the best above."""
    ordered = sorted(places, key=lambda place: place[0].metric == MAE)  # so that no other point hides the MAE's
    parts = [_draw_point(point, x, y) for point, x, y in ordered]
    named = [place for rank, place in enumerate(places) if rank < NAMED or place[0].metric == MAE]
    below = top
    for point, x, y in named:
        below = max(below + LINE, y)
        parts.append(_draw_line(x, y, NAMES - 4, below - 4, "#cbd5e1"))
        parts.append(draw_text(NAMES, below, _label(point), size=12))
    return parts


def _draw_point(point: CostPoint, x: float, y: float) -> str:
    colour = INK if point.metric == MAE else MEASURED
    fill = colour if point.units is None else "white"
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{fill}" stroke="{colour}" stroke-width="1.5"/>'


def _label(point: CostPoint) -> str:
    fewer = "" if point.units is None else f", {point.units} units"
    return f"{point.metric} {point.rho:.2f}, {point.seconds:.3g} s{fewer}"


def _draw_line(x: float, y: float, other_x: float, other_y: float, colour: str) -> str:
    return f'<path d="M{x:.1f},{y:.1f} L{other_x:.1f},{other_y:.1f}" stroke="{colour}" fill="none"/>'
