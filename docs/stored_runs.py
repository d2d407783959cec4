"""Results that the pages quote, kept in the repository: ``docs/results/NAME/*.json``, stripped to what may be quoted.

``python docs/stored_runs.py runs/DIR NAME`` stores a run; a JSON file of another command in place of the folder is
added to what is stored under that name. The pages' markers (see ``page_figures.py``) look figures up in these files.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

STORE = Path(__file__).parent / "results"
RUN_FILES = ("summary.json", "manifest.json")
DIGITS = 6  # of a stored number
LEFT_OUT = ("conventions", "episode_mae", "episode_frames", "accuracy", "alarms", "unchecked")

_PATH = re.compile(r"[\w$-]+(?:\[[^\]]*\])?(?:\.[\w$-]+(?:\[[^\]]*\])?)*")
_EXPRESSION = re.compile(rf"(?:(?P<factor>[\d.]+) \* )?(?:(?P<name>sum|min|max|mean|count) )?(?P<path>{_PATH.pattern})")
AGGREGATES: dict[str, Callable[[Sequence[Any]], Any]] = {
    "sum": sum,
    "min": min,
    "max": max,
    "mean": lambda values: sum(values) / len(values),
    "count": len,
}


class UnknownFigureError(Exception):
    """An expression that names nothing in a stored run. The message is one sentence."""


def store(source: Path, name: str, left_out: Sequence[str] = (), root: Path = STORE) -> list[Path]:
    """Store a run's folder, or a JSON file, under a name; return the files that were written.

    Args:
        source: The folder of a run, or a JSON file.
        name: Name of the folder in ``root``.
        left_out: Keys to leave out, at any depth, beside ``LEFT_OUT``.
        root: The folder of all stored runs.
    """
    sources = [source / file for file in RUN_FILES] if source.is_dir() else [source]
    written = []
    for path in sources:
        content = strip(json.loads(path.read_text(encoding="utf-8")), {*LEFT_OUT, *left_out})
        if path.name == "manifest.json":
            content["command"] = _without_out(content["command"])
        target = root / name / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        written.append(target)
    return written


def strip(value: Any, left_out: set[str]) -> Any:
    """Return a JSON value without some keys, its numbers rounded to ``DIGITS`` significant digits."""
    if isinstance(value, Mapping):
        return {key: strip(part, left_out) for key, part in value.items() if key not in left_out}
    if isinstance(value, list):
        return [strip(part, left_out) for part in value]
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


def _without_out(command: Sequence[str]) -> list[str]:
    """A command without ``--out`` and its folder, which is nobody else's."""
    words = list(command)
    if "--out" in words:
        at = words.index("--out")
        del words[at : at + 2]
    return words


def load(name: str, root: Path = STORE) -> dict[str, Any]:
    """Load what is stored under a name: the keys of ``summary.json``, and every other file under its stem."""
    if not (root / name).is_dir():
        known = ", ".join(sorted(path.name for path in root.iterdir() if path.is_dir()))
        raise UnknownFigureError(f"no results are stored as '{name}' (there are: {known})")
    found: dict[str, Any] = {}
    for path in sorted((root / name).glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        found.update(content if path.name == "summary.json" else {path.stem: content})
    return found


def evaluate(expression: str, run: Mapping[str, Any]) -> Any:
    """Evaluate ``[NUMBER * ] [sum|min|max|mean|count ] PATH`` in a stored run.

    A path is keys joined by dots, such as ``cells[hybrid,corridor].success.k``. Words in brackets select the entries of
    a list in which each of them is a value; without one of the five functions, exactly one value must be found.

    Raises:
        UnknownFigureError: It isn't an expression, or doesn't name one value.
    """
    parsed = _EXPRESSION.fullmatch(expression.strip())
    if parsed is None:
        raise UnknownFigureError(f"'{expression}' is not an expression such as 'sum cells[hybrid].success.k'")
    values = list(_follow(_split(parsed["path"]), run))
    if not values:
        raise UnknownFigureError(f"'{expression}' names nothing in the stored run")
    if parsed["name"] is None and len(values) > 1:
        raise UnknownFigureError(f"'{expression}' names {len(values)} values: select one in brackets")
    value = values[0] if parsed["name"] is None else AGGREGATES[parsed["name"]](values)
    return value if parsed["factor"] is None else float(parsed["factor"]) * value


def _split(path: str) -> list[tuple[str, list[str]]]:
    """The keys of a path, each with the words in its brackets."""
    parts = re.findall(r"([\w$-]+)(?:\[([^\]]*)\])?(?:\.|$)", path)
    return [(key, [word.strip() for word in words.split(",") if word.strip()]) for key, words in parts]


def _follow(parts: Sequence[tuple[str, list[str]]], value: Any) -> Iterator[Any]:
    """The values at a path, below a value."""
    if not parts:
        yield value
        return
    (key, words), *rest = parts
    if not isinstance(value, Mapping) or key not in value:
        return
    below = value[key]
    for entry in below if isinstance(below, list) else [below]:
        if not words or (isinstance(entry, Mapping) and set(words) <= {str(each) for each in entry.values()}):
            yield from _follow(rest, entry)


def main(arguments: Sequence[str] | None = None) -> None:
    """Store what the command line names."""
    parser = argparse.ArgumentParser(description="Store results that the pages quote, in docs/results/NAME.")
    parser.add_argument("source", type=Path, help="the folder of a run, or a JSON file of another command")
    parser.add_argument("name", help="name in the pages' markers")
    parser.add_argument("--without", default="", metavar="KEY[,…]", help="keys to leave out, to keep the files small")
    options = parser.parse_args(arguments)
    for path in store(options.source, options.name, [key for key in options.without.split(",") if key]):
        print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
