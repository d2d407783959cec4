"""``report.html``: one page, one file, nothing from the network; what happened, at a glance and then in detail."""

from __future__ import annotations

import base64
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2

from sim.analysis.agreement import select_baselines
from sim.analysis.summary import episode_ending
from sim.console.formatting import format_difference, format_number, format_rate, format_signed
from sim.metrics.failures import FAILURES
from sim.offline.baselines import BASELINES
from sim.report.ranking_table import format_beaten_baselines, format_correlation, legend_lines, pair_line
from sim.report.results_table import find_offline_entry, is_perturbed, rank_cells
from sim.report.scatter import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, lay_out_scatter, y_of_rate
from sim.results.folder import write_text
from sim.results.plan import UNPERTURBED
from sim.results.row import EpisodeRow

MAX_ROWS = 2000  # a browser's patience; the rest is in episodes.jsonl
MAX_CLIPS = 24
POSTER_WIDTH = 480  # pixels
MAX_NAMES = 4  # of a headline
MAX_CELLS = 16  # that are shown at full size at once; more are folded away below the table
ENDINGS = ("success", *FAILURES)
PLOT_FRAME = {"width": WIDTH, "height": HEIGHT, "left": LEFT, "right": RIGHT, "top": TOP, "bottom": BOTTOM}


def write_report(
    path: Path, manifest: Mapping[str, Any], summary: Mapping[str, Any], rows: Sequence[EpisodeRow]
) -> None:
    """Write the page of a run; it links to the videos beside it by relative paths."""
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
        signed=format_signed,
        spread=format_correlation,
    )
    environment.globals.update(
        beaten=format_beaten_baselines,
        pair_line=pair_line,
        down=y_of_rate,
        ending=episode_ending,
        link=quote,
        listed=join_or_count,
    )
    ended = {episode_ending(row) for row in rows}
    page = environment.get_template("report.html").render(
        manifest=manifest,
        summary=summary,
        cells=cell_views(summary),
        folded=sum(cell["perturbation"] == UNPERTURBED for cell in summary["cells"]) > MAX_CELLS,
        perturbed=is_perturbed(summary),
        unperturbed=UNPERTURBED,
        ranking=summary["agreement"]["rows"] if len(summary["agreement"]["rows"]) > 1 else [],
        floors=sorted(select_baselines(summary["agreement"]["rows"]).items(), key=lambda pair: pair[1]),
        scatter=lay_out_scatter(summary["agreement"]["rows"]),
        frame=PLOT_FRAME,
        notes=legend_lines(summary),
        every_ending=ENDINGS,
        endings=[kind for kind in ENDINGS if kind in ended],
        clips=select_clips(path.parent, rows),
        clips_left_out=max(0, sum(row["video"] is not None for row in rows) - MAX_CLIPS),
        rows=rows[:MAX_ROWS],
        rows_left_out=max(0, len(rows) - MAX_ROWS),
    )
    write_text(path, page)


def join_or_count(names: Sequence[str], what: str) -> str:
    """A few names, or how many there are."""
    return ", ".join(names) if len(names) <= MAX_NAMES else f"{len(names)} {what}"


def cell_views(summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The cells, best first, each with its offline entry and where its MAE stands between 0 and the zero floor."""
    cells = rank_cells(summary["cells"])
    entries = [find_offline_entry(summary, cell["policy"], cell["scenario"]) for cell in cells]
    widest = max((value for entry in entries if entry for value in _errors(entry)), default=0.0) * 1.08 or 1.0
    views = []
    for cell, entry in zip(cells, entries, strict=True):
        shares = {
            kind: count / cell["episodes"]
            for kind, count in (("success", cell["success"]["k"]), *cell["failures"].items())
            if count
        }
        mae = entry.get("mae") if entry else None
        views.append(
            {
                **cell,
                "offline": entry,
                "mae": mae,
                "mae_share": None if mae is None else mae / widest,
                "mae_low": entry["low"] / widest if entry and mae is not None else None,
                "mae_high": entry["high"] / widest if entry and mae is not None else None,
                "floors": {}
                if not entry or "floors" not in entry
                else {
                    name: (entry["floors"][name], entry["floors"][name] / widest)
                    for name in sorted(BASELINES, key=lambda name: entry["floors"].get(name, 0.0))  # as the marks stand
                    if name in entry["floors"]
                },
                "shares": shares,
            }
        )
    return views


def _errors(entry: Mapping[str, Any]) -> list[float]:
    own = [entry["high"]] if entry.get("high") is not None else []
    return [*own, *entry.get("floors", {}).values()]


def select_clips(folder: Path, rows: Sequence[EpisodeRow]) -> list[dict[str, Any]]:
    """The videos to show: of every policy, scenario and ending one after the other, so that all kinds are seen."""
    filmed = [row for row in rows if row["video"] is not None]
    seen: Counter[tuple[str, ...]] = Counter()
    turns = []
    for row in filmed:
        kind = (row["policy"], row["scenario"], row["perturbation"], episode_ending(row))
        turns.append(seen[kind])
        seen[kind] += 1
    order = sorted(range(len(filmed)), key=lambda index: (turns[index], filmed[index]["success"]))
    return [
        {"row": filmed[index], "poster": make_thumbnail(folder / filmed[index]["video"])} for index in order[:MAX_CLIPS]
    ]


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
