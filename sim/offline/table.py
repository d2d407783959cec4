"""The printed offline score of one data set: policies by their error, the floors below, then what flatters them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from scenarios.robot import ACTION_SCALE, AXIS_NAMES
from sim.offline.baselines import BASELINES, HOLD_BASELINE
from sim.offline.conventions import SAMPLED_EPISODES, Convention
from sim.offline.dataset_checks import CHECKS
from sim.offline.error_statistics import TOLERANCES

OfflineEntry = Mapping[str, Any]
FigureRecord = Mapping[str, Any]  # of one policy or floor in one convention
CellFormatter = Callable[[Mapping[Convention, FigureRecord]], str]  # what stands in a column, from all conventions

FEW_EPISODES = 10  # below which resampled intervals are clearly too narrow (Cameron et al. 2008, REStat 90:414)


def print_score(
    title: str, entries: Sequence[OfflineEntry], axes: str, privileged: Collection[str], console: Console
) -> None:
    """Print what policies scored on one data set.

    Args:
        title: What the data set is called.
        entries: What ``sim.offline.score`` gave, with ``policy``, of one and the same data set.
        axes: "2d" or "3d".
        privileged: The policies that see the true map.
        console: Where to.
    """
    ranked = sorted(entries, key=lambda entry: (entry["error"] is not None, _default_record(entry, axes)["mae"] or 0.0))
    for line in head_lines(title, ranked[0], axes):
        _print_line(console, line)
    console.print(fit_score_table(ranked, axes, privileged, console))
    for line in [*unit_lines(axes), *verdict_lines(ranked, axes), *period_lines(ranked), *policy_error_lines(ranked)]:
        _print_line(console, line)
    if privileged:
        _print_line(console, "* sees the true map: a ceiling, not a contestant")
    for line in finding_lines(ranked[0]):
        _print_line(console, line)


def _print_line(console: Console, line: str) -> None:
    console.print(line, markup=False, highlight=False, soft_wrap=True)


def _records(entry: OfflineEntry) -> dict[Convention, FigureRecord]:
    return {Convention(one["axes"], one["unit"], one["frames"]): one for one in entry["conventions"]}


def _default_record(entry: OfflineEntry, axes: str) -> FigureRecord:
    return _records(entry)[Convention(axes, "action", "all")]


def _mae(axes: str, unit: str, frames: str) -> CellFormatter:
    """A published convention's MAE; a dash where the data set has no frame of it."""

    def cell(records: Mapping[Convention, FigureRecord]) -> str:
        record = records.get(Convention(axes, unit, frames))
        return "-" if record is None else f"{record['mae']:.3f}"

    return cell


def make_columns(axes: str) -> list[tuple[str, CellFormatter]]:
    """Headings and contents right of the name; the last ones give way where the screen is narrow."""

    def own(cell: Callable[[FigureRecord], str]) -> CellFormatter:
        return lambda records: cell(records[Convention(axes, "action", "all")])

    def axis(number: int) -> CellFormatter:
        return own(lambda record: f"{record['mae_axis'][number]:.3f}")

    def within(tolerance: float) -> CellFormatter:
        return own(lambda record: f"{100 * _rate(record['accuracy'][f'{tolerance:g}']):.0f} %")

    interval = own(lambda record: f"{record['mae']:.4f} ({record['low']:.3f} to {record['high']:.3f})")
    found = [("MAE (95 %)", interval)]
    found += [(AXIS_NAMES[number], axis(number)) for number in range(2 if axes == "2d" else 3)]
    found += [(heading, _mae(axes, unit, "all")) for heading, unit in (("raw", "raw"), ("halved", "halved"))]
    found += [(f"±{tolerance:g}", within(tolerance)) for tolerance in TOLERANCES]
    found += [(f"raw,\n{frames}", _mae(axes, "raw", frames)) for frames in ("first", "random", "middle")]
    return [*found, ("RMSE", own(lambda record: f"{record['rmse']:.3f}"))]


def _rate(accuracy: Mapping[str, float] | float) -> float:
    return accuracy if isinstance(accuracy, float) else accuracy["rate"]


def fit_score_table(ranked: Sequence[OfflineEntry], axes: str, privileged: Collection[str], console: Console) -> Table:
    """The table with as many columns as the screen has room for."""
    boundless = console.options.update_width(10_000)
    every = make_columns(axes)
    for count in range(len(every), 1, -1):
        table = make_score_table(ranked, every[:count], privileged)
        if Measurement.get(console, boundless, table).maximum <= console.width:
            return table
    return make_score_table(ranked, every[:1], privileged)


def make_score_table(
    ranked: Sequence[OfflineEntry], shown: Sequence[tuple[str, CellFormatter]], privileged: Collection[str]
) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    table.add_column("policy", no_wrap=True)
    for heading, _ in shown:
        strong = "bold cyan" if heading.startswith("MAE") else None
        table.add_column(heading, justify="right", no_wrap=True, style=strong, vertical="bottom")
    for place, entry in enumerate(ranked):
        name = entry["policy"] + ("*" if entry["policy"] in privileged else "")
        records = _records(entry)
        cells = [cell(records) for _, cell in shown] if entry["error"] is None else ["error"]
        table.add_row(name, *cells, end_section=place == len(ranked) - 1)
    table.add_row("floors", style="dim")
    for floor in BASELINES:
        beneath = {convention: record["floors"][floor] for convention, record in _records(ranked[0]).items()}
        table.add_row(f"  {floor}", *(cell(beneath) for _, cell in shown), style="dim")
    return table


def head_lines(title: str, entry: OfflineEntry, axes: str) -> list[str]:
    names = ", ".join(AXIS_NAMES[: 2 if axes == "2d" else 3])
    return [
        f"{title}: {entry['frames']} frames of {entry['episodes']} episodes, a frame every {entry['frame_s']:.3g} s; "
        f"{axes[0]}-D actions ({names})",
        "",
    ]


def unit_lines(axes: str) -> list[str]:
    return [
        "",
        f"MAE, axes, ± and RMSE: actions in [-1, 1]; raw: times {ACTION_SCALE:g}, in m/s and rad/s; halved: raw / 2; "
        "95 %: whole episodes drawn again",
        f"±{TOLERANCES[0]:g}: share of frames whose every axis is that close; first, random, middle: "
        f"one frame an episode, the last two of at most {SAMPLED_EPISODES} episodes",
        "floors: the best constants for these very labels (majority: the most frequent action); "
        "hold: the demonstrator's previous action",
    ]


def verdict_lines(ranked: Sequence[OfflineEntry], axes: str) -> list[str]:
    """Who is better than an answer that looks at nothing, and by how much."""
    scored = [(entry["policy"], _default_record(entry, axes)) for entry in ranked if entry["error"] is None]
    if not scored:
        return []
    best = scored[0][1]["versus"]["constant"]["floor"]
    floors = scored[0][1]["floors"]
    lines = [""]
    for against, text in (
        ("constant", f"the best constant ({best}, {floors[best]['mae']:.4f})"),
        (HOLD_BASELINE, f"hold ({floors[HOLD_BASELINE]['mae']:.4f})"),
    ):
        for words, holds in _VERDICTS:
            found = [(policy, own["versus"][against]) for policy, own in scored]
            some = [f"{policy} {_format_difference(versus)}" for policy, versus in found if holds(versus)]
            if some:
                lines.append(f"{words} {text}: {'; '.join(some)}")
    if (episodes := ranked[0]["episodes"]) < FEW_EPISODES:
        lines.append(f"{episodes} episode{'s' * (episodes != 1)}: too few for intervals; these are too narrow")
    return lines


_VERDICTS: tuple[tuple[str, Callable[[Mapping[str, float]], bool]], ...] = (
    ("better than", lambda versus: versus["high"] < 0.0),
    ("not to be told from", lambda versus: versus["low"] <= 0.0 <= versus["high"]),
    ("worse than", lambda versus: versus["low"] > 0.0),
)


def _format_difference(versus: Mapping[str, float]) -> str:
    return f"{versus['difference']:+.3f} ({versus['low']:+.3f} to {versus['high']:+.3f})"


def period_lines(ranked: Sequence[OfflineEntry]) -> list[str]:
    """Policies that were made for another pace than that of the recording."""
    frame_s = ranked[0]["frame_s"]
    quick = [entry["policy"] for entry in ranked if entry["period_s"] < frame_s - 1e-6]
    if not quick:
        return []
    return [f"made for shorter steps than a frame of this data set, and asked at every frame: {', '.join(quick)}"]


def policy_error_lines(ranked: Sequence[OfflineEntry]) -> list[str]:
    return [f"{entry['policy']}: {entry['error']}" for entry in ranked if entry["error"] is not None]


def finding_lines(entry: OfflineEntry) -> list[str]:
    """What flatters the error, alarms first, and what was looked for in vain or not at all."""
    lines = [f"{leak['level']:5}  {leak['name']}: {leak['sentence']}" for leak in entry["alarms"]]
    said = {leak["name"] for leak in entry["alarms"]}
    if silent := [name for name in CHECKS if name not in said and name not in entry["unchecked"]]:
        lines.append(f"none   {', '.join(silent)}")
    if entry["unchecked"]:
        lines.append(f"open   {', '.join(entry['unchecked'])}: name the training data by --train")
    return ["", "leaks and other facts of the data:", *lines]
