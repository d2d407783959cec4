"""The results of ``evaluate``."""

from __future__ import annotations

import html
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from scenarios.common.errors import InputError
from sim.analysis.rates import estimate_success
from sim.console.formatting import format_count, format_number, format_rate
from sim.metrics.registry import Metric, registered_metrics
from sim.results.codec import to_json
from sim.results.manifest import Manifest
from sim.results.plan import UNPERTURBED
from sim.results.row import EpisodeRow
from sim.results.summary.rates import SuccessRate
from sim.results.summary.summary import CellSummary, Summary

if TYPE_CHECKING:
    import pandas as pd  # type: ignore[import-untyped]

MOST_CELLS = 4  # in the short description


@dataclass(frozen=True, eq=False)
class EvaluationResults:
    """Rows, summary and manifest of a finished evaluation."""

    rows: tuple[EpisodeRow, ...]
    """One per episode, in the order of the plan."""
    summary: Summary
    """Cells, offline scores, language scores and agreement."""
    manifest: Manifest
    """What the results depend on."""
    folder: Path | None = None
    """Folder of the run; without ``out`` that of its videos, or None."""
    warnings: tuple[str, ...] = ()
    """Sentences about what the results rest on, such as a slow renderer, and about what was left out."""
    metrics: tuple[str | Metric, ...] = field(default=(), repr=False)
    """Metrics of the caller's own."""
    _temporary: TemporaryDirectory[str] | None = field(default=None, repr=False)

    @property
    def success(self) -> SuccessRate:
        """Success rate over all unperturbed episodes, with its 95 % interval; of several policies see ``summary``.

        Raises:
            InputError: There are several policies.
        """
        policies = self.manifest.plan.policies
        if len(policies) > 1:
            raise InputError(f"these are results of {len(policies)} policies: their rates are in summary.cells")
        return estimate_success([row.success for row in self.rows if row.perturbation == UNPERTURBED])

    @property
    def videos(self) -> tuple[Path, ...]:
        """Paths of the videos; without ``out`` they exist as long as these results do."""
        return () if self.folder is None else tuple(self.folder / row.video for row in self.rows if row.video)

    def to_pandas(self) -> pd.DataFrame:
        """Return the rows as a table, with the columns of ``episodes.parquet``.

        Raises:
            InputError: pandas isn't installed.
        """
        try:
            import pandas as pd
        except ImportError:
            raise InputError("to_pandas needs the package 'pandas': run pip install pandas") from None
        return pd.DataFrame.from_records([to_json(row) for row in self.rows])

    def report(self, path: str | os.PathLike[str]) -> Path:
        """Write the report, one HTML file, and return its path; it links to the videos where they are.

        Raises:
            InputError: There is no folder for it.
        """
        from sim.report.html import write_report  # its template engine is slow to import

        path = Path(path).absolute()
        if not path.parent.is_dir():
            raise InputError(f"report '{path}': there is no folder '{path.parent}'")
        with registered_metrics(self.metrics):
            write_report(path, self.manifest, self.summary, self._link_videos(path.parent))
        return path

    def _link_videos(self, start: Path) -> Sequence[EpisodeRow]:
        """The rows with the paths of their videos below, or beside, another folder."""
        if self.folder is None:
            return self.rows
        folder = self.folder.absolute()
        return [
            replace(row, video=os.path.relpath(folder / row.video, start)) if row.video else row for row in self.rows
        ]

    def __repr__(self) -> str:
        cells = self.summary.cells
        lines = [f"{_describe(cell)}: {format_count(cell.success)}, {format_rate(cell.success)}" for cell in cells]
        more = f"; and {len(lines) - MOST_CELLS} more cells" if len(lines) > MOST_CELLS else ""
        return f"EvaluationResults({'; '.join(lines[:MOST_CELLS])}{more})"

    def _repr_html_(self) -> str:
        headings = ("policy", "scenario", "perturbation", "success", "rate (95 %)", "offline MAE", "failures")
        head = "".join(f"<th>{heading}</th>" for heading in headings)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(text)}</td>" for text in self._format_cell(cell)) + "</tr>"
            for cell in self.summary.cells
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def _format_cell(self, cell: CellSummary) -> Sequence[str]:
        score = self.summary.find_offline(cell.policy, cell.scenario)
        return (
            cell.policy,
            cell.scenario,
            cell.perturbation,
            format_count(cell.success),
            format_rate(cell.success),
            format_number(None if score is None else score.mae, "{:.4f}"),
            ", ".join(f"{kind} {count}" for kind, count in cell.failures.items()) or "-",
        )


def _describe(cell: CellSummary) -> str:
    perturbed = "" if cell.perturbation == UNPERTURBED else f" under {cell.perturbation}"
    return f"{cell.policy} on {cell.scenario}{perturbed}"
