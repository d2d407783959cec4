"""``report.html``: the results of a run as one self-contained page, a summary first and then the details."""

from __future__ import annotations

import base64
import io
import shlex
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import jinja2

from scenarios.common.files import write_text
from sim.agreement.conclusion.contest import HEADLINES, run_contest
from sim.agreement.presentation.markdown import format_estimate, format_percent_estimate
from sim.analysis.agreement import select_baselines
from sim.console.formatting import (
    format_control,
    format_difference,
    format_number,
    format_phrases,
    format_rate,
    format_signed,
)
from sim.metrics.failures import FAILURES
from sim.metrics.registry import episode_metrics, report_metrics
from sim.offline.baselines import BASELINES
from sim.offline.frame_kinds.kinds import FRAME_KINDS
from sim.offline.frame_kinds.table import format_share
from sim.report.agreement_lines import (
    distinct_lines,
    format_correlation,
    leave_one_out_lines,
    pair_line,
    scenario_lines,
)
from sim.report.floors import FloorRow, describe_reference, make_floor_rows
from sim.report.ranking_table import format_beaten_baselines, legend_lines, pool_phrases
from sim.report.results_table import rank_cells
from sim.report.scatter import BOTTOM, HEIGHT, LEFT, NAMED_POINTS, RIGHT, TOP, WIDTH, lay_out_scatter, y_of_rate
from sim.report.sections.failures import draw_failures, select_failures
from sim.report.sections.heat_map import make_heat_map
from sim.report.sections.latency_plot import lay_out_latency
from sim.report.sections.path_map import make_path_map, select_drawn
from sim.report.sections.paths import read_paths
from sim.report.sections.verdict import find_population, list_findings
from sim.results.manifest import Manifest
from sim.results.plan import UNPERTURBED, Cell
from sim.results.row import EpisodeRow
from sim.results.summary.agreement import RANKED
from sim.results.summary.offline_score import OfflineScore
from sim.results.summary.summary import CellSummary, Summary

MAX_ROWS = 2000  # more would slow down the browser; the rest is in episodes.jsonl
MAX_CLIPS = 24
POSTER_WIDTH = 480  # pixels
MAX_NAMES = 4  # in the title; of more, only the number is shown
MAX_CELLS = 16  # shown unfolded; more are folded
ENDINGS = ("success", *FAILURES)
PLOT_FRAME = {"width": WIDTH, "height": HEIGHT, "left": LEFT, "right": RIGHT, "top": TOP, "bottom": BOTTOM}


class OfflineView(NamedTuple):
    """The offline error of a policy as shown in a cell."""

    error: str | None
    """Error of the policy on recorded frames; None if it didn't fail."""
    mae: float | None
    """Mean absolute error; None if the policy could not be scored."""
    low: float | None
    """Lower end of the 95 % interval of the MAE."""
    high: float | None
    """Upper end of the 95 % interval of the MAE."""
    baselines: tuple[tuple[str, float], ...]
    """(name, MAE) of the trivial predictors, the lowest first."""

    @property
    def errors(self) -> list[float]:
        """All errors that the plot must show."""
        own = (self.mae, self.high)
        return [*(each for each in own if each is not None), *(mae for _, mae in self.baselines)]


class Clip(NamedTuple):
    """A video in the report."""

    row: EpisodeRow
    poster: str | None
    """A frame of it as a data URI."""


def write_report(
    path: Path, manifest: Manifest, summary: Summary, rows: Sequence[EpisodeRow], *, folder: Path | None = None
) -> None:
    """Write the report of a run, with relative links to its videos.

    Args:
        path: The page.
        manifest: Manifest of the run.
        summary: Summary of the run.
        rows: Its episodes.
        folder: Folder of the run, if the page isn't in it: paths and the figures of a population are read from there.
    """
    folder = folder or path.parent
    population = find_population(folder)
    contestants = {row.policy for row in summary.agreement.rows if row.kind == RANKED}
    failed = select_failures([row for row in rows if row.policy in contestants] or rows)
    paths = read_paths(folder, {row.key for row in (*failed, *select_drawn(rows))})
    ended = {row.ending for row in rows}
    ranked = summary.agreement.rows
    page = (
        _make_environment()
        .get_template("report.html")
        .render(
            manifest=manifest,
            summary=summary,
            cells=rank_cells(summary.cells),
            has_phrases=any(cell.phrases for cell in summary.cells),
            phrases_of=partial(pool_phrases, summary),
            folded=sum(cell.perturbation == UNPERTURBED for cell in summary.cells) > MAX_CELLS,
            unperturbed=UNPERTURBED,
            ranking=ranked if len(ranked) > 1 else [],
            baselines=sorted(select_baselines(ranked).items(), key=lambda pair: pair[1]),
            findings=list_findings(summary, population),
            scatter=lay_out_scatter(ranked),
            contest=run_contest(population, gains=False) if population else [],
            headlines=HEADLINES,
            command=shlex.join(manifest.command),
            heat_map=make_heat_map(rank_cells(summary.cells)),
            latency=lay_out_latency(ranked, summary.cells),
            floors=make_floor_rows(summary),
            frame=PLOT_FRAME,
            max_names=NAMED_POINTS,
            notes=legend_lines(summary),
            offline_of=partial(view_offline, summary),
            widest=find_widest_error(summary),
            kind_tables=group_frame_kinds(summary),
            frame_kinds=FRAME_KINDS,
            report_metrics=report_metrics(),
            episode_metrics=episode_metrics(),
            every_ending=ENDINGS,
            endings=[kind for kind in ENDINGS if kind in ended],
            failures=draw_failures(failed, manifest.scenarios, paths),
            path_map=make_path_map(rows, paths),
            clips=select_clips(path.parent, rows),
            clips_left_out=max(0, sum(row.video is not None for row in rows) - MAX_CLIPS),
            rows=rows[:MAX_ROWS],
            rows_left_out=max(0, len(rows) - MAX_ROWS),
        )
    )
    write_text(path, page)


def _make_environment() -> jinja2.Environment:
    """The template environment, with the functions that templates use."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        number=format_number,
        rate=format_rate,
        versus=format_difference,
        estimate=format_estimate,
        percent_estimate=format_percent_estimate,
        by_phrase=format_phrases,
        signed=format_signed,
        spread=format_correlation,
        beaten=format_beaten_baselines,
        pair_line=pair_line,
        distinct_lines=distinct_lines,
        leave_one_out_lines=leave_one_out_lines,
        scenario_lines=scenario_lines,
        down=y_of_rate,
        counts=count_endings,
        link=quote,
        listed=join_or_count,
        control=format_control,
        describe_reference=describe_reference,
        frame_share=format_share,
        rate_colour=choose_rate_colour,
    )
    return environment


def join_or_count(names: Sequence[str], what: str) -> str:
    """Return the names joined, or their number if there are many."""
    return ", ".join(names) if len(names) <= MAX_NAMES else f"{len(names)} {what}"


def count_endings(cell: CellSummary) -> list[tuple[str, int]]:
    """Return (ending, episodes) of a cell: success, then the failures, without those that didn't occur."""
    counts = [("success", cell.success.k), *cell.failures.items()]
    return [(ending, count) for ending, count in counts if count]


def choose_rate_colour(cell: CellSummary, floors: Sequence[FloorRow]) -> str:
    """Choose the colour of a success rate: green if it is above every reference, red if there is no success."""
    if not cell.success.k:
        return "collision"
    known = [row.by_scenario[cell.scenario].success.rate for row in floors if cell.scenario in row.by_scenario]
    return "success" if cell.success.low > max(known, default=0.0) else "ink"


def view_offline(summary: Summary, cell: CellSummary) -> OfflineView | None:
    """Return the offline error shown in a cell; None if it wasn't computed."""
    score = summary.find_offline(cell.policy, cell.scenario)
    if score is None:
        return None
    known = [(name, score.baselines[name]) for name in BASELINES if name in score.baselines]
    baselines = tuple(sorted(known, key=lambda pair: pair[1]))
    if score.errors is None:
        return OfflineView(score.error, None, None, None, baselines)
    return OfflineView(score.error, score.errors.mae, score.errors.low, score.errors.high, baselines)


def find_widest_error(summary: Summary) -> float:
    """Return the offline error at the right end of every plot."""
    views = (view_offline(summary, cell) for cell in summary.cells)
    return max((error for view in views if view for error in view.errors), default=0.0) * 1.08 or 1.0


def group_frame_kinds(summary: Summary) -> list[list[OfflineScore]]:
    """Group the offline scores that tell kinds of frame by data set, the lowest error first; failed policies last."""
    groups: dict[str, list[OfflineScore]] = {}
    for score in summary.offline:
        if score.frame_kinds:
            groups.setdefault(score.source, []).append(score)
    return [
        sorted(scores, key=lambda score: float("inf") if score.mae is None else score.mae) for scores in groups.values()
    ]


def select_clips(folder: Path, rows: Sequence[EpisodeRow]) -> list[Clip]:
    """Select the videos to show, alternating between cells and endings so that all of them are shown."""
    seen: Counter[tuple[Cell, str]] = Counter()
    filmed: list[tuple[int, bool, EpisodeRow, str]] = []
    for row in rows:
        if row.video is not None:
            filmed.append((seen[row.cell, row.ending], row.success, row, row.video))
            seen[row.cell, row.ending] += 1
    ordered = sorted(filmed, key=lambda each: each[:2])
    return [Clip(row, make_thumbnail(folder / video)) for _, _, row, video in ordered[:MAX_CLIPS]]


def make_thumbnail(video: Path) -> str | None:
    """Return a frame from the middle of a video as a data URI; None if there is no such file or no frame in it."""
    from PIL import Image

    from sim.drawing.video import read_middle_frame  # its decoder is slow to import

    pixels = read_middle_frame(video)
    if pixels is None:
        return None
    image = Image.fromarray(pixels)
    image.thumbnail((POSTER_WIDTH, POSTER_WIDTH))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=80)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()
