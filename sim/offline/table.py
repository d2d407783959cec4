"""Printed offline scores on one data set: policies by their error, then the baselines and the checks of the data."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from rich.console import Console

from scenarios.robot import ACTION_SCALE, AXIS_NAMES
from sim.console.columns import MEDIUM, Column, fit_columns, make_table
from sim.console.console import print_plain_line
from sim.console.formatting import format_interval
from sim.offline.baselines import BASELINES, HOLD_BASELINE
from sim.offline.conventions import AXIS_COUNTS, SAMPLED_EPISODES
from sim.offline.dataset_checks import CHECKS
from sim.offline.error_statistics import FEW_EPISODES, TOLERANCES
from sim.offline.frame_kinds.table import print_frame_kinds
from sim.results.summary.offline_score import BaselineErrors, Convention, MaeDifference, OfflineScore, PolicyErrors

Errors = PolicyErrors | BaselineErrors
ErrorsByConvention = Mapping[Convention, Errors]
CellFormatter = Callable[[ErrorsByConvention], str]  # the text of a cell, from the errors in all conventions


def print_score(
    title: str, scores: Sequence[OfflineScore], axes: str, privileged: Collection[str], console: Console
) -> None:
    """Print the scores of policies on one data set.

    Args:
        title: Name of the data set.
        scores: Scores on the same data set, at least one.
        axes: "2d" or "3d".
        privileged: The policies that see the true map.
        console: The console to print to.
    """
    ranked = rank_scores(scores, axes)
    for line in head_lines(title, ranked[0], axes):
        print_plain_line(console, line)
    fitted = fit_columns(make_columns(ranked, axes, privileged), console.width, (MEDIUM,))
    styles = [""] * len(ranked) + ["dim"] * (1 + len(BASELINES))
    console.print(make_table(fitted, styles, section_ends=[len(ranked) - 1]))
    for line in [*unit_lines(axes), *verdict_lines(ranked, axes), *period_lines(ranked), *policy_error_lines(ranked)]:
        print_plain_line(console, line)
    print_frame_kinds(ranked, console)
    if privileged:
        print_plain_line(console, "* sees the true map: an upper bound")
    for line in finding_lines(ranked):
        print_plain_line(console, line)


def rank_scores(scores: Sequence[OfflineScore], axes: str) -> list[OfflineScore]:
    """Sort scores by the MAE of these axes, the best first; policies that failed come last."""
    return sorted(scores, key=lambda score: default_mae(score, axes))


def default_mae(score: OfflineScore, axes: str) -> float:
    """Return the MAE in actions over all frames; infinite if the policy failed."""
    errors = score.by_convention()[default_convention(axes)].errors
    return float("inf") if errors is None else errors.mae


def default_convention(axes: str) -> Convention:
    """Return the convention of actions over all frames."""
    return Convention(axes, "action", "all")


def make_columns(ranked: Sequence[OfflineScore], axes: str, privileged: Collection[str]) -> list[Column]:
    """Make the columns; on a narrow console, those right of the MAE are dropped, the last first."""
    names = [score.policy + ("*" if score.policy in privileged else "") for score in ranked]
    columns = [Column("policy", [*names, "baselines", *(f"  {name}" for name in BASELINES)], justify="left")]
    for place, (heading, cell) in enumerate(make_cell_formatters(axes, ranked[0].axes)):
        own = [_format_policy(score, cell) or ("" if place else "error") for score in ranked]
        baselines = [_format_baseline(ranked[0], name, cell) for name in BASELINES]
        columns.append(Column(heading, [*own, "", *baselines], place, style="" if place else "bold cyan"))
    return columns


def _format_policy(score: OfflineScore, cell: CellFormatter) -> str:
    """A policy's cell; empty if it failed."""
    errors = {convention: found.errors for convention, found in score.by_convention().items()}
    made = {convention: each for convention, each in errors.items() if each is not None}
    return cell(made) if made else ""


def _format_baseline(score: OfflineScore, name: str, cell: CellFormatter) -> str:
    return cell({convention: found.baselines[name] for convention, found in score.by_convention().items()})


def make_cell_formatters(axes: str, recorded: Sequence[str] = AXIS_NAMES) -> list[tuple[str, CellFormatter]]:
    """Return the headings of the columns after the name, with the formatters of their cells.

    Args:
        axes: "2d" or "3d".
        recorded: The axes that the data set has.
    """

    def own(cell: Callable[[Errors], str]) -> CellFormatter:
        return lambda errors: cell(errors[default_convention(axes)])

    def axis(name: str) -> CellFormatter:
        return own(lambda errors: f"{errors.mae_axis[recorded.index(name)]:.3f}" if name in recorded else "-")

    def within(tolerance: float) -> CellFormatter:
        return own(lambda errors: f"{100 * errors.accuracy_rate(tolerance):.0f} %")

    def mae(unit: str, frames: str) -> CellFormatter:
        return lambda errors: _format_mae(errors.get(Convention(axes, unit, frames)))

    return [
        ("MAE (95 %)", own(lambda errors: f"{errors.mae:.4f}{format_interval(errors.low, errors.high, '{:.3f}')}")),
        *((name, axis(name)) for name in AXIS_NAMES[: AXIS_COUNTS[axes]]),
        *((unit, mae(unit, "all")) for unit in ("raw", "halved")),
        *((f"±{tolerance:g}", within(tolerance)) for tolerance in TOLERANCES),
        *((f"raw,\n{frames}", mae("raw", frames)) for frames in ("first", "random", "middle")),
        ("RMSE", own(lambda errors: f"{errors.rmse:.3f}")),
    ]


def _format_mae(errors: Errors | None) -> str:
    """An MAE; a dash where the data set has no frame of the convention."""
    return "-" if errors is None else f"{errors.mae:.3f}"


def head_lines(title: str, score: OfflineScore, axes: str) -> list[str]:
    """Describe the data set."""
    names = [axis for axis in AXIS_NAMES[: AXIS_COUNTS[axes]] if axis in score.axes]
    return [
        f"{title}: {score.frames} frames of {score.episodes} episodes, a frame every {score.frame_s:.3g} s; "
        f"{len(names)}-D actions ({', '.join(names)})",
        "",
    ]


def unit_lines(axes: str) -> list[str]:
    """Explain the columns and the baselines."""
    return [
        "",
        f"MAE, axes, ± and RMSE: actions in [-1, 1]; raw: times {ACTION_SCALE:g}, in m/s and rad/s; halved: raw / 2; "
        "95 %: bootstrap-t over episodes",
        f"±{TOLERANCES[0]:g}: share of frames with every axis within this tolerance; first, random, middle: "
        f"one frame per episode, the last two from at most {SAMPLED_EPISODES} episodes",
        "baselines: the best constant actions for these labels (majority: the most frequent action); "
        "hold: the demonstrator's previous action",
    ]


def verdict_lines(ranked: Sequence[OfflineScore], axes: str) -> list[str]:
    """Say which policies are better than the baselines, and by how much."""
    convention = default_convention(axes)
    found = [(score.policy, score.by_convention()[convention].errors) for score in ranked]
    scored = [(policy, errors.comparison) for policy, errors in found if errors is not None]
    if not scored:
        return []
    best = scored[0][1].constant.baseline
    mae = {name: errors.mae for name, errors in ranked[0].by_convention()[convention].baselines.items()}
    constants = {policy: comparison.constant for policy, comparison in scored}
    holds = {policy: comparison.hold for policy, comparison in scored}
    lines = ["", *compare_lines(f"the best constant ({best}, {mae[best]:.4f})", constants)]
    lines += compare_lines(f"hold ({mae[HOLD_BASELINE]:.4f})", holds)
    if (episodes := ranked[0].episodes) < FEW_EPISODES:
        lines.append(f"{episodes} episode{'s' * (episodes != 1)}: too few for narrow intervals")
    return lines


def compare_lines(baseline: str, differences: Mapping[str, MaeDifference]) -> list[str]:
    """Say which policies are better than a baseline, not significantly different from it, or worse."""
    lines = []
    for words, holds in _VERDICTS:
        some = [f"{policy} {_format_difference(found)}" for policy, found in differences.items() if holds(found)]
        lines += [f"{words} {baseline}: {'; '.join(some)}"] if some else []
    return lines


_VERDICTS: tuple[tuple[str, Callable[[MaeDifference], bool]], ...] = (
    ("better than", lambda found: found.high is not None and found.high < 0.0),
    ("not significantly different from", lambda found: found.contains_zero),
    ("worse than", lambda found: found.low is not None and found.low > 0.0),
    ("of one episode, so without an interval, against", lambda found: found.low is None),
)


def _format_difference(found: MaeDifference) -> str:
    return f"{found.difference:+.3f}{format_interval(found.low, found.high, '{:+.3f}')}"


def period_lines(ranked: Sequence[OfflineScore]) -> list[str]:
    """Name the policies whose control period is shorter than a frame of the recording."""
    quick = [
        score.policy
        for score in ranked
        if score.period_s is not None and score.frame_s is not None and score.period_s < score.frame_s - 1e-6
    ]
    if not quick:
        return []
    return [f"control period shorter than a frame of this data set, so called once per frame: {', '.join(quick)}"]


def policy_error_lines(ranked: Sequence[OfflineScore]) -> list[str]:
    """List the errors of policies that failed."""
    return [f"{score.policy}: {score.error}" for score in ranked if score.error is not None]


def finding_lines(ranked: Sequence[OfflineScore]) -> list[str]:
    """List the findings of the checks and what was noted for any policy, then checks without a finding or skipped."""
    score = ranked[0]
    findings = dict.fromkeys(finding for each in ranked for finding in each.findings)
    lines = [f"{finding.level:5}  {finding.name}: {finding.sentence}" for finding in findings]
    said = {*(finding.name for finding in score.findings), *score.skipped_checks}
    if silent := [name for name in CHECKS if name not in said]:
        lines.append(f"ok     {', '.join(silent)}")
    if score.skipped_checks:
        lines.append(f"skip   {', '.join(score.skipped_checks)}: give the training data with --train")
    return ["", "checks of the data set:", *lines]
