"""Formats of the results page: tables, estimates, rates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sim.agreement.judgement import AgreementEstimate
from sim.console.formatting import format_interval, format_number


def format_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Format a Markdown table; a note where it has no rows."""
    lines = [list(row) for row in rows]
    if not lines:
        return "*Nothing yet.*"
    cells = [list(headings), ["---"] * len(headings), *lines]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in cells)


def format_estimate(found: AgreementEstimate, template: str = "{:z.2f}") -> str:
    """Format an estimate with its interval; a dash where it isn't defined."""
    return format_number(found.value, template) + format_interval(found.low, found.high, template)


def format_percent_estimate(found: AgreementEstimate) -> str:
    """Format a share or a difference of rates with its interval, in percent or points; or a dash."""
    numbers = (found.value, found.low, found.high)
    return format_estimate(AgreementEstimate(*(None if each is None else 100.0 * each for each in numbers)), "{:z.0f}")


def format_percent(rate: float | None) -> str:
    """Format a rate in whole percent, without the sign; a dash for None."""
    return "-" if rate is None else f"{100.0 * rate:.0f}"


def format_count(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural where it isn't one."""
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun[:-1]}ies" if noun.endswith("y") else f"{number} {noun}s"
