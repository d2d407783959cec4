"""Formats of numbers in tables and reports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sim.results.summary.rates import PairedDifference, SuccessByPhrase, SuccessRate, UnpairedDifference


def format_number(value: float | None, template: str) -> str:
    """Format a number, or a dash for None."""
    return "-" if value is None else template.format(value)


def format_interval(low: float | None, high: float | None, template: str) -> str:
    """Format an interval in parentheses after a blank; nothing where there is none."""
    return "" if low is None or high is None else f" ({template.format(low)} to {template.format(high)})"


def format_rate(success: SuccessRate) -> str:
    """Format a success rate with its interval, in whole percent."""
    return f"{100 * success.rate:.0f} % ({100 * success.low:.0f} to {100 * success.high:.0f} %)"


def format_signed(value: float) -> str:
    """Format a correlation or a score, with its sign."""
    return f"{value:+.2f}"


def format_difference(found: PairedDifference | UnpairedDifference | None) -> str:
    """Format a difference of success rates, in percentage points, with its interval."""
    if found is None:
        return "-"
    difference, low, high = (round(100 * value) for value in (found.difference, found.low, found.high))
    return f"{difference:+d} ({low:+d} to {high:+d})"


def format_count(success: SuccessRate | None) -> str:
    """Format the successes of some episodes."""
    return "-" if success is None else f"{success.k}/{success.n}"


def format_phrases(found: SuccessByPhrase | None) -> str:
    """Format the successes on seen and on unseen phrases: "23/25 · 19/25"; a dash where neither is known."""
    return "-" if found is None else f"{format_count(found.seen)} · {format_count(found.unseen)}"


def format_control(
    period_s: float, image_size: Sequence[int] | None, chunk: int | None = None, replan: int | None = None
) -> str:
    """Format how a policy is asked, e.g. "10 Hz, frames of 224x224, replan horizon 8 of 16 actions"."""
    frames = "no frames" if image_size is None else f"frames of {'x'.join(map(str, image_size))}"
    known = f"{1.0 / period_s:.3g} Hz, {frames}"
    if chunk is None:  # a run of an older version
        return known
    return f"{known}, replan horizon {replan} of {chunk} action{'s' * (chunk > 1)}"


def group_alike(texts: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Group names by their texts, both in order; a pair of name and text counts once."""
    alike: dict[str, list[str]] = {}
    for name, text in dict.fromkeys(texts):
        alike.setdefault(text, []).append(name)
    return alike
