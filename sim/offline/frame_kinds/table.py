"""Printed errors by kind of frame, as a table of policies and baselines, or in one line."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from scenarios.robot import AXIS_NAMES
from sim.console.columns import MEDIUM, WIDE, Column, fit_columns, make_table, measure_width
from sim.console.console import print_plain_line
from sim.offline.baselines import BASELINES
from sim.offline.error_statistics import FEW_EPISODES
from sim.offline.frame_kinds.kinds import FRAME_KINDS
from sim.offline.frame_kinds.worst_frames import WORST
from sim.results.summary.offline_score import FrameKindScore, MaeEstimate, OfflineScore


def print_frame_kinds(ranked: Sequence[OfflineScore], console: Console) -> None:
    """Print the errors on each kind of frame, those of policies with intervals if they fit; nothing if there are none.

    Args:
        ranked: Scores on the same data set, at least one.
        console: The console to print to.
    """
    if not ranked[0].frame_kinds:
        return
    columns = make_columns(ranked, with_intervals=True)
    if measure_width(columns, MEDIUM) > console.width:
        columns = make_columns(ranked, with_intervals=False)
    fitted = fit_columns(columns, console.width, (WIDE, MEDIUM), compact_until=len(columns))
    axes = "all three axes" if len(ranked[0].axes) == len(AXIS_NAMES) else " and ".join(ranked[0].axes)
    print_plain_line(
        console, f"\nMAE in actions by kind of frame, {axes}; below each kind its number and share of frames"
    )
    styles = [""] * len(ranked) + ["dim"] * len(BASELINES)
    console.print(make_table(fitted, styles, section_ends=[len(ranked) - 1], vertical="top"))
    for line in describe_kinds(ranked[0]):
        print_plain_line(console, line)


def make_columns(ranked: Sequence[OfflineScore], *, with_intervals: bool) -> list[Column]:
    """Make a column for each kind, and one for the share of the worst frames; the last are dropped first."""
    baselines = [*BASELINES]
    columns = [Column("policy", [*(score.policy for score in ranked), *baselines], justify="left")]
    for place, one in enumerate(ranked[0].frame_kinds):
        found = [_find_kind(score, one.kind) for score in ranked]
        own = [_format_mae(kind.errors if kind else None, with_interval=with_intervals) for kind in found]
        others = [_format_mae(one.baselines[name], with_interval=False) for name in baselines]
        heading = f"{one.kind}\n{one.count} ({format_share(one.count, ranked[0].frames)})"
        columns.append(Column(heading, [*own, *others], place))
    worst = ["-" if score.worst_tenth is None else f"{100 * score.worst_tenth.share:.0f} %" for score in ranked]
    columns.append(Column("error in\nworst tenth", [*worst, *([""] * len(baselines))], len(columns)))
    return columns


def _find_kind(score: OfflineScore, kind: str) -> FrameKindScore | None:
    return next((each for each in score.frame_kinds if each.kind == kind), None)


def _format_mae(found: MaeEstimate | None, *, with_interval: bool) -> str:
    """An MAE, with its interval below it if wanted and known; a dash for a policy that failed."""
    if found is None:
        return "-"
    interval = f"\n({found.low:.3f} to {found.high:.3f})" if with_interval and found.low is not None else ""
    return f"{found.mae:.3f}{interval}"


def format_share(count: int, total: int) -> str:
    """Format a share of frames in whole percent; never 0 %, as there are some."""
    return f"{100 * count / total:.0f} %" if count / total >= 0.005 else "<1 %"


def describe_kinds(score: OfflineScore) -> list[str]:
    """Say what the kinds are, and which of them too few episodes have for an interval."""
    kinds = [f"{one.kind}: {FRAME_KINDS[one.kind].description}" for one in score.frame_kinds if one.kind in FRAME_KINDS]
    lines = ["; ".join(kinds[:3]), "; ".join(kinds[3:])] if len(kinds) > 3 else ["; ".join(kinds)]
    if rare := [one.kind for one in score.frame_kinds if one.episodes < FEW_EPISODES]:
        lines.append(f"frames of fewer than {FEW_EPISODES} episodes, so without an interval: {', '.join(rare)}")
    if missing := [kind for kind in FRAME_KINDS if kind not in {one.kind for one in score.frame_kinds}]:
        lines.append(f"no frame, or not recorded in this data set: {', '.join(missing)}")
    return lines


def summarise_kinds(score: OfflineScore) -> str:
    """Format a policy's errors by kind in one line, and the share of the worst frames."""
    kinds = [
        f"{one.kind} {one.mae:.3f} ({format_share(one.count, score.frames)})"
        for one in score.frame_kinds
        if one.mae is not None
    ]
    worst = score.worst_tenth
    held = (
        []
        if worst is None
        else [f"the worst {100 * WORST:.0f} % of frames hold {100 * worst.share:.0f} % of the error"]
    )
    return "; ".join([", ".join(kinds), *held])
