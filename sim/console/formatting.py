"""How numbers are worded in tables and pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MEASURE_COLUMNS = (
    ("on_policy_mae", "on-policy MAE", "{:.3f}"),
    ("spl", "SPL", "{:.2f}"),
    ("time_s", "time", "{:.1f} s"),
    ("policy_ms", "answer", "{:.2f} ms"),
    ("risk_s", "at risk", "{:.1f} s"),
    ("path_ratio", "path ratio", "{:.2f}"),
    ("time_ratio", "time ratio", "{:.2f}"),
)
"""Name in a cell, heading and form of the columns that give way where the screen is narrow, the last first."""


def format_number(value: float | None, template: str) -> str:
    """A number in words, or a dash where there is none."""
    return "-" if value is None else template.format(value)


def format_rate(success: Mapping[str, Any]) -> str:
    """A success rate with its interval, in whole percent."""
    return f"{100 * success['rate']:.0f} % ({100 * success['low']:.0f} to {100 * success['high']:.0f} %)"


def format_signed(value: float) -> str:
    """A correlation or a score."""
    return f"{value:+.2f}"


def format_difference(paired: Mapping[str, Any] | None) -> str:
    """What a perturbation costs, in percentage points, with its interval."""
    if paired is None:
        return "-"
    difference, low, high = (round(100 * paired[name]) for name in ("difference", "low", "high"))
    return f"{difference:+d} ({low:+d} to {high:+d})"
