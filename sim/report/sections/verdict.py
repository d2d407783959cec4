"""The verdict of a run, in a few sentences: what the reader wants to know first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sim.agreement.selection import Part
from sim.agreement.verdict.verdict import USEFUL, decide_verdict
from sim.console.formatting import format_difference, format_rate
from sim.population.population import MAE, Population
from sim.population.tables import DRIVES, METRICS, read_population
from sim.results.plan import UNPERTURBED
from sim.results.summary.agreement import RANKED, RankCorrelation
from sim.results.summary.summary import CellSummary, Summary


class Finding(NamedTuple):
    """One answer of the verdict."""

    question: str
    """What it answers, in a few words."""
    answer: str
    """A sentence without its full stop."""


def find_population(folder: Path) -> Population | None:
    """Read the population whose tables lie in a folder; None without both."""
    return read_population(folder) if (folder / DRIVES).is_file() and (folder / METRICS).is_file() else None


def list_findings(summary: Summary, population: Population | None) -> list[Finding]:
    """List the answers that the results of a run give."""
    return [
        *_find_best(summary),
        *_find_prediction(summary, population),
        *_find_loss(summary),
        *_find_failures(summary),
    ]


def _find_best(summary: Summary) -> Iterator[Finding]:
    ranked = [(row.policy, row.success) for row in summary.agreement.rows if row.kind == RANKED and row.success]
    if not ranked:
        return
    ordered = sorted(ranked, key=lambda each: -each[1].rate)
    policy, success = ordered[0]
    words = f"{policy}: {success.k} of {success.n} unperturbed episodes, {format_rate(success)}"
    close = [name for name, other in ordered[1:] if other.high >= success.low]
    if len(close) == 1:
        words += f"; the interval of {close[0]} overlaps with it"
    elif close:
        words += f"; the intervals of {len(close)} others overlap with it"
    elif len(ordered) > 1:
        words += "; no other interval overlaps with it"
    yield Finding("Highest success" if len(ordered) > 1 else "Success", words)


def _find_prediction(summary: Summary, population: Population | None) -> Iterator[Finding]:
    if population is not None and MAE in population.better:
        yield Finding("Does MAE predict success?", decide_verdict(population, MAE, Part("all")).sentence)
        within = decide_verdict(population, MAE, Part("within families"))
        if within.judgement.units:
            yield Finding("Does MAE rank related policies?", within.sentence)
    elif summary.offline and len(summary.agreement.rows) > 1:
        yield Finding("Does MAE predict success?", describe_run_verdict(summary))


def describe_run_verdict(summary: Summary) -> str:
    """Say what the rank correlation of a run tells, by the first two steps of ``sim.agreement.verdict``.

    A run holds no errors of single recorded episodes, so from what difference on MAE predicts stays open.
    """
    ranking = summary.agreement.ranking
    rho = ranking.spearman
    driven = sum(cell.episodes for cell in _ranked_cells(summary) if cell.perturbation == UNPERTURBED)
    policies = f"{ranking.policies} polic{'y' if ranking.policies == 1 else 'ies'}"
    open_question = f"cannot tell with {policies} and {driven} episodes"
    if rho is None or rho.value is None:
        return f"{open_question}: {ranking.reason}" if ranking.reason else open_question
    low, high = _reverse(rho)
    seen = f"Spearman {rho.value:+.2f} of MAE and success"
    if low is None or high is None:
        return f"{open_question}: {seen}; {ranking.reason}"
    seen += f" (95 %: {-high:+.2f} to {-low:+.2f})"
    if low <= 0.0 and high >= USEFUL:
        return f"{open_question}: {seen}, which contains both no relation and a useful one"
    if low <= 0.0:
        return f"it does not: {seen}, short of {-USEFUL:g}"
    return f"over these policies a lower MAE goes with more success: {seen}; a run doesn't tell from what difference on"


def _reverse(rho: RankCorrelation) -> tuple[float | None, float | None]:
    """The interval of the correlation, over both or over policies; positive where MAE predicts."""
    low, high = (rho.low, rho.high) if rho.both_low is None else (rho.both_low, rho.both_high)
    return (None, None) if low is None or high is None else (-high, -low)


def _find_loss(summary: Summary) -> Iterator[Finding]:
    compared = [(cell.paired.difference, cell) for cell in _ranked_cells(summary) if cell.paired is not None]
    if not compared:
        return
    lost = [(value, cell) for value, cell in compared if cell.paired is not None and cell.paired.high < 0.0]
    if not lost:
        yield Finding("Perturbations", f"none of {len(compared)} cells shows a loss that its interval tells from 0")
        return
    _, worst = min(lost, key=lambda each: each[0])
    yield Finding(
        "Largest loss",
        f"{worst.policy} in {worst.scenario} under {worst.perturbation}: {format_difference(worst.paired)} percentage "
        f"points; in {len(lost)} of {len(compared)} perturbed cells the 95 % interval lies below 0",
    )


def _find_failures(summary: Summary) -> Iterator[Finding]:
    counts: Counter[str] = Counter()
    for cell in _ranked_cells(summary):
        counts.update(cell.failures)
    total = sum(counts.values())
    if total:
        shares = ", ".join(f"{kind} {100 * count / total:.0f} %" for kind, count in counts.most_common(3))
        yield Finding("How episodes fail", f"{shares} of {total} failures")


def _ranked_cells(summary: Summary) -> list[CellSummary]:
    ranked = {row.policy for row in summary.agreement.rows if row.kind == RANKED}
    return [cell for cell in summary.cells if not ranked or cell.policy in ranked]
