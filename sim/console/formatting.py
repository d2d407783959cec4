"""How numbers are worded in tables and pages."""

from __future__ import annotations

from sim.results.rates import PairedDifference, SuccessRate


def format_number(value: float | None, template: str) -> str:
    """A number in words, or a dash where there is none."""
    return "-" if value is None else template.format(value)


def format_rate(success: SuccessRate) -> str:
    """A success rate with its interval, in whole percent."""
    return f"{100 * success.rate:.0f} % ({100 * success.low:.0f} to {100 * success.high:.0f} %)"


def format_signed(value: float) -> str:
    """A correlation or a score."""
    return f"{value:+.2f}"


def format_difference(paired: PairedDifference | None) -> str:
    """What a perturbation costs, in percentage points, with its interval."""
    if paired is None:
        return "-"
    difference, low, high = (round(100 * value) for value in (paired.difference, paired.low, paired.high))
    return f"{difference:+d} ({low:+d} to {high:+d})"
