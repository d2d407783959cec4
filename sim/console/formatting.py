"""Formats of numbers in tables and reports."""

from __future__ import annotations

from sim.results.rates import PairedDifference, SuccessRate


def format_number(value: float | None, template: str) -> str:
    """Format a number, or a dash for None."""
    return "-" if value is None else template.format(value)


def format_rate(success: SuccessRate) -> str:
    """Format a success rate with its interval, in whole percent."""
    return f"{100 * success.rate:.0f} % ({100 * success.low:.0f} to {100 * success.high:.0f} %)"


def format_signed(value: float) -> str:
    """Format a correlation or a score, with its sign."""
    return f"{value:+.2f}"


def format_difference(paired: PairedDifference | None) -> str:
    """Format the effect of a perturbation, in percentage points, with its interval."""
    if paired is None:
        return "-"
    difference, low, high = (round(100 * value) for value in (paired.difference, paired.low, paired.high))
    return f"{difference:+d} ({low:+d} to {high:+d})"
