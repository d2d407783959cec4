"""The lines below the table of results: what its figures rest on, and where the files are."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from sim.analysis.rates import pool_success
from sim.console.formatting import format_difference, format_signed
from sim.offline.baselines import BASELINES
from sim.offline.frame_kinds.table import summarise_kinds
from sim.results.plan import UNPERTURBED
from sim.results.row import EpisodeRow
from sim.results.run_files import REPORT, ROWS
from sim.results.summary.summary import LanguageScore, Summary


def privileged_lines(summary: Summary) -> list[str]:
    """Explain the star, if there is one."""
    starred = any(cell.privileged for cell in summary.cells)
    return ["* sees the true map: an upper bound, not ranked"] if starred else []


def latency_lines(summary: Summary) -> list[str]:
    """List the policies with a simulated inference latency."""
    thinking = {cell.policy: cell.latency_s for cell in summary.cells if cell.latency_s}
    return [f"simulated inference latency of {policy}: {1e3 * s:.3g} ms" for policy, s in thinking.items()]


def phrase_lines(summary: Summary) -> list[str]:
    """Give the difference between unseen and seen phrases of a run's only policy."""
    pooled = pool_success([cell for cell in summary.cells if cell.perturbation == UNPERTURBED])
    if len({cell.policy for cell in summary.cells}) > 1 or pooled is None or pooled.difference is None:
        return []
    return [
        "seen phrases of instructions stand in training, unseen ones are held out from it; unseen less seen: "
        f"{format_difference(pooled.difference)} percentage points (95 %)"
    ]


def language_lines(summary: Summary) -> list[str]:
    """Format the language scores, where they were measured."""
    lines = [
        f"language score of {found.policy} on {found.scenario}: {format_signed(found.score)} "
        f"(95 %: {format_signed(found.low)} to {format_signed(found.high)}), "
        f"{found.pairs} scenes, each under two instructions{format_language_by_phrase(found)}"
        for found in summary.language
    ]
    return (
        [*lines, "(+1: follows the instruction; 0: ignores it; -1: goes to the goal of the other instruction)"]
        if lines
        else []
    )


def format_language_by_phrase(found: LanguageScore) -> str:
    """Format a language score on seen and on unseen phrases; empty where these aren't known."""
    if found.phrases is None:
        return ""
    kinds = (("seen", found.phrases.seen), ("unseen", found.phrases.unseen))
    parts = [
        f"{kind} phrases {format_signed(each.score)} ({format_signed(each.low)} to {format_signed(each.high)}, "
        f"{each.pairs} scene{'s' * (each.pairs != 1)})"
        for kind, each in kinds
        if each is not None
    ]
    return f"; {', '.join(parts)}"


def baseline_lines(summary: Summary) -> list[str]:
    """List the offline errors of the baselines, per data set; a policy's error means little without them."""
    lines = []
    for score in {score.scenario: score for score in summary.offline if score.baselines}.values():
        baselines = ", ".join(f"{name} {score.baselines[name]:.4f}" for name in BASELINES if name in score.baselines)
        frames = f"{score.frames} frames of {score.episodes} held-out demonstrations"
        lines.append(f"offline MAE of baselines on {score.source} ({frames}): {baselines}")
    return lines


def frame_kind_lines(summary: Summary) -> list[str]:
    """List the policy's offline errors by kind of frame, per data set."""
    return [
        f"offline MAE of {score.policy} on {score.source} by kind of frame: {summarise_kinds(score)}"
        for score in summary.offline
        if score.frame_kinds and score.errors is not None
    ]


def offline_error_lines(summary: Summary) -> list[str]:
    """List the errors of policies on recorded frames, each once."""
    errors: dict[tuple[str, str], list[str]] = {}
    for score in summary.offline:
        if score.error is not None:
            errors.setdefault((score.policy, score.error), []).append(score.source)
    return [f"offline error of {policy} on {', '.join(where)}: {error}" for (policy, error), where in errors.items()]


def fault_lines(rows: Sequence[EpisodeRow]) -> list[str]:
    """Count the errors of each policy in closed loop, with the first one."""
    faults: dict[str, list[EpisodeRow]] = {}
    for row in rows:
        if row.error is not None:
            faults.setdefault(row.policy, []).append(row)
    return [
        f"errors of {policy} in {len(failed)} episode{'s' * (len(failed) != 1)}, the first in episode "
        f"{failed[0].episode} of {failed[0].scenario}: {failed[0].error}"
        for policy, failed in faults.items()
    ]


def suite_lines(summary: Summary) -> list[str]:
    """Name the suite, and the hash of what was evaluated, as far as the run has one."""
    return [] if summary.suite is None else [f"suite:  {summary.suite.describe()}"]


def output_lines(folder: Path, rows: Sequence[EpisodeRow], report: Path | None = None) -> list[str]:
    """List the paths of the report, the rows and the videos, relative to the working directory.

    Args:
        folder: Folder of the run.
        rows: Its episodes.
        report: The report that was written; None for the one in the run's folder.
    """
    videos = [row.video for row in rows if row.video]
    shown = _shorten_path(folder)
    lines = [f"report: {shown / REPORT if report is None else _shorten_path(report)}", f"rows:   {shown / ROWS}"]
    if videos:
        more = f" and {len(videos) - 1} more in the same folder" if len(videos) > 1 else ""
        lines.append(f"video:  {shown / videos[0]}{more}")
    return lines


def _shorten_path(path: Path) -> Path:
    """Return a path as seen from the working directory, if it is in there."""
    return Path(os.path.relpath(path)) if path.absolute().is_relative_to(Path.cwd()) else path


def digest_lines(summary: Summary) -> list[str]:
    """State the digest of all episodes: runs with equal ones are equal to the bit."""
    count = sum(cell.episodes for cell in summary.cells)
    return [] if summary.digest is None else [f"digest: {summary.digest} of {count} episode{'s' * (count != 1)}"]
