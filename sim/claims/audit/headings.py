"""What the heading of a column says about the errors in it: which metric they may be, and in which unit."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from sim.claims.audit.readings import HUBER, MAE, MSE, RMSE, UNITS

LOSS = "loss"  # of a column: which one isn't said
WORDS = {MAE: (MAE,), "l1": (MAE,), MSE: (MSE,), "l2": (MSE,), RMSE: (RMSE,), HUBER: (HUBER,), LOSS: (MSE, HUBER)}
SMOOTH_L1 = "smooth l1"  # PyTorch's name of Huber's loss
SPELT_OUT = (  # names in full, as they are after SYNONYMS; the first that fits, as the second is within the first
    ("root mean squared error", (RMSE,)),
    ("mean squared error", (MSE,)),
    ("mean absolute error", (MAE,)),
)
SYNONYMS = {
    "abs": "absolute",
    "square": "squared",
    "average": "mean",
    "avg": "mean",
    "rms": "root mean squared",
    "err": "error",
    "errors": "error",
}
METRIC_NAMES = (
    ", ".join(f"'{word}'" for word in (*WORDS, SMOOTH_L1)) + ", or a name in full, such as 'mean absolute error'"
)

ABOUT_LAST = frozenset(  # last words in the names of columns that tell something about errors
    (
        *("std", "sd", "stderr", "se", "sem", "var", "ci", "low", "high", "lower", "upper", "rank", "n", "count"),
        *("reduction", "improvement", "gain", "weight"),
    )
)
ABOUT_FIRST = frozenset(("n", "std", "sd", "stderr", "se", "sem", "var", "rank", "delta"))  # first words

RAW, NORMALISED = "raw", "normalised"
UNIT_SPELLINGS = {
    **{name: name for name in UNITS},
    **dict.fromkeys(("m/s", "m/sec", "mps", "m s-1", "rad/s", "rad/sec", "rad s-1"), RAW),
    **dict.fromkeys(("m2/s2", "rad2/s2"), RAW),  # of squared errors
    "normalized": NORMALISED,
}
KNOWN_UNITS = f"known are '{RAW}' (or 'm/s', 'rad/s'), " + ", ".join(f"'{name}'" for name in UNITS if name != RAW)
UNIT_WORDS = frozenset(
    (
        *("mm", "cm", "dm", "m", "km", "in", "inch", "inches", "ft", "feet", "metre", "metres", "meter", "meters"),
        *("deg", "degree", "degrees", "°", "rad", "radian", "radians", "mrad", "px", "pixel", "pixels", "%", "percent"),
        *("ms", "s", "sec", "second", "seconds", "h", "hour", "hours", "mps", "kmh", "kph", "mph", "rpm", "hz", "per"),
    )
)
MINUS = "\u2212"  # as NFKC leaves it
_UNIT_PLACE = re.compile(r"[(\[]([^()\[\]]*)[)\]]|(?:,|\sin\s)([^,()\[\]]+)$", re.IGNORECASE)
_BRACKETS = re.compile(r"[(\[][^()\[\]]*[)\]]")
_PLURAL = re.compile(r"(?<=[a-z])\(s\)", re.IGNORECASE)  # error(s)
_FACTOR = re.compile(r"[x\u00d7*·]\s*\d.*|10\s*(\^|[⁻⁰¹²³⁴-⁹]).*|1e[-+]?\d+|e-\d+", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?(\d+[.,]?\d*|\.\d+)(e[-+]?\d+)?\s*(%|(±|\+/?-|[(\[]).*)?", re.IGNORECASE)


@dataclass(frozen=True)
class Heading:
    """What a heading says.

    Attributes:
        metrics: What the errors in the column may be; empty where they are none.
        unit: A name in ``UNITS`` that it states; None if it states none of them.
        other_unit: A unit or factor that it states and that isn't known, as written; None without one.
        about_errors: Whether it names errors, or something about them, such as their deviation.
    """

    metrics: tuple[str, ...]
    unit: str | None
    other_unit: str | None
    about_errors: bool


def read_heading(column: str) -> Heading:
    """Read a heading, in letters of any case."""
    units: list[str] = []
    others: list[str] = []

    def keep_conditions(place: re.Match[str]) -> str:
        """Cut units out: the "s" of "(m/s)" would be the last word."""
        kept = []
        for part in re.split(r"[,;&]|\band\b", place[1] or place[2] or ""):
            unit = find_unit(part)
            if unit is not None:
                units.append(unit)
            elif _is_other_unit(part.strip()):
                others.append(part.strip())
            else:
                kept.append(part)
        return f"({' '.join(kept)})"

    rest = _UNIT_PLACE.sub(keep_conditions, _PLURAL.sub("", column))
    words = _split_words(rest)
    metrics = _find_metrics(words)
    is_error = not (_tell_about(words) or _tell_about(_split_words(_BRACKETS.sub(" ", rest))))
    return Heading(
        metrics if is_error else (),
        units[0] if units else None,
        others[0] if others else None,
        bool(metrics) or "error" in words,
    )


def find_unit(text: str) -> str | None:
    """Return the name in ``UNITS`` that a text means, e.g. "m/s" or "raw units"; None if it means none."""
    words = re.sub(r"\s+(units?|actions?|labels?)$", "", _fold(text))
    return UNIT_SPELLINGS.get(words) or UNIT_SPELLINGS.get(re.sub(r"\s*([/*·])\s*", r"\1", words))


def is_number(cell: str) -> bool:
    """Return whether a cell has a number, perhaps with its deviation or a percent sign."""
    return _NUMBER.fullmatch(cell.strip().replace(MINUS, "-")) is not None


def _is_other_unit(text: str) -> bool:
    """Return whether a text is a unit that isn't known, or a factor, and not a condition such as "low light"."""
    if _FACTOR.fullmatch(text):
        return True
    if len(text) == 1 and text.isupper():  # a size of a model
        return False
    folded = _fold(text)
    words = re.findall(r"[^\W\d_]+|[°%]", folded)
    between = re.sub(r"[^\W\d_]+|[°%]", "", folded)
    return (
        bool(words)
        and UNIT_WORDS.issuperset(words)
        and not folded[0].isdigit()  # "3 s" is how far ahead
        and re.fullmatch(r"[\d\s/*·.-]*", between) is not None
    )


def _fold(text: str) -> str:
    """Write powers as digits, in small letters: "m s⁻¹" and "m s^-1" are "m s-1"."""
    return unicodedata.normalize("NFKC", text).lower().replace(MINUS, "-").replace("^", "").strip()


def _split_words(text: str) -> list[str]:
    words = re.split(r"[^a-z0-9]+", text.lower())
    return " ".join(SYNONYMS.get(word, word) for word in words if word).split()


def _tell_about(words: list[str]) -> bool:
    return bool(words) and (words[-1] in ABOUT_LAST or words[0] in ABOUT_FIRST)


def _find_metrics(words: list[str]) -> tuple[str, ...]:
    text = f" {' '.join(words)} "
    named = next((metrics for name, metrics in SPELT_OUT if f" {name} " in text), None)
    if named is not None:
        return named
    if set(SMOOTH_L1.split()) <= set(words):
        return WORDS[HUBER]
    found = [WORDS[word] for word in reversed(words) if word in WORDS]
    return next((metrics for metrics in found if metrics != WORDS[LOSS]), WORDS[LOSS] if found else ())
