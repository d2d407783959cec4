"""Figures of the pages, read and compared with the stored runs that they come from (``stored_runs.py``).

A comment before a paragraph, table or block of code marks its figures; several may follow each other::

    <!-- figures quick-start
    {cells[hybrid].success.k}/{cells[hybrid].success.n}
    row offline MAE of the baselines :: zero {offline[hybrid].floors.zero:.3f}
    column offline MAE :: {offline[$row,corridor].mae:.3f}
    free 4.40 ms :: depends on the machine
    claim about the same offline MAE :: offline[hybrid].versus.hold ~ 0
    -->

The first line names the stored run; each other line is one of these:

- A template, that must stand in the block; then each number of the block must come from a template, or be free.
- ``row LABEL :: TEMPLATE``: the same for the row of a table that begins with the label, and its numbers.
- ``column HEADING :: TEMPLATE``: every cell of the column is the template, ``$row`` being the row's first cell; it is
  "-" where the run has no such entry.
- ``free TEXT :: REASON``: its numbers aren't compared.
- ``claim PHRASE :: PATH < 0``: the phrase stands in the block, and the whole interval of what the path names lies below
  0, or above it (``>``), or holds it (``~``: no difference was shown). Any other number may stand in place of 0.
  A sentence of a marked block that compares needs one.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from stored_runs import STORE, UnknownFigureError, evaluate, load

ROOT = Path(__file__).parents[1]
EXPLAINED = ("results.md", "published-systems.md", "offline-error.md", "training.md")
PAGES = (
    ROOT / "README.md",
    *(ROOT / "docs" / "how-to" / name for name in ("scale.md", "use-gymnasium.md")),
    *(ROOT / "docs" / "explanation" / name for name in EXPLAINED),
)
NO_ENTRY = "-"

_MARKER = re.compile(r"^<!-- figures (?P<run>\S+)\n(?P<lines>.*?)^-->\n", re.MULTILINE | re.DOTALL)
_NUMBER = re.compile(r"(?<![\w.])[+-]?\d+(?:[.,]\d+)*(?:e[+-]?\d+)?")
_PLACE = re.compile(r"\{([^{}:]+)(?::([^{}]*))?\}")
_CLAIM = re.compile(r"(?P<path>.+?) (?P<sign>[<>~]) (?P<tie>[\d.]+)")
_COMPARES = re.compile(
    r"\b(lower|higher|better|worse|fewer|faster|slower|greater|smaller|(?:more|less) (?:\w+ )?than|beats?|outperforms?"
    r"|about the same|no difference)\b",
    re.IGNORECASE,
)


class Marker(NamedTuple):
    """One marker: the stored run and its lines."""

    run: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Block:
    """A paragraph, table or block of code of a page, with its markers; none if nothing is marked."""

    page: Path
    line: int
    text: str
    markers: tuple[Marker, ...]

    @property
    def is_code(self) -> bool:
        """Whether it is a block of code: its text was printed by a program."""
        return self.text.startswith("```")

    @property
    def rows(self) -> list[list[str]]:
        """The cells of a table, its headings first; empty if it is no table."""
        lines = [line for line in self.text.splitlines() if line.startswith("|") and not set(line) <= set("|-: ")]
        return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def read_blocks(page: Path) -> list[Block]:
    """Read the blocks of a page."""
    text = page.read_text(encoding="utf-8")
    blocks, at = [], 0
    while at < len(text):
        markers = []
        while found := _MARKER.match(text, at):
            markers.append(Marker(found["run"], tuple(filter(None, map(str.strip, found["lines"].splitlines())))))
            at = found.end()
        end = _end_of_block(text, at)
        if content := text[at:end].strip():
            blocks.append(Block(page, text.count("\n", 0, at) + 1, content, tuple(markers)))
        at = end + 1
    return blocks


def _end_of_block(text: str, at: int) -> int:
    """The end of the block that begins at a position: of its fence, or the next empty line or marker."""
    pattern = r"^```\s*$" if text.startswith("```", at) else r"^\s*$|^(?=<!-- figures )"
    found = re.compile(pattern, re.MULTILINE).search(text, at + 1)
    return len(text) if found is None else max(found.end(), at + 1)


def check_block(block: Block, root: Path = STORE) -> list[str]:
    """Compare the figures of a block with the stored runs; return a sentence for each that differs."""
    faults: list[str] = []
    covered: dict[str, list[str]] = {}  # the part of the block -> what its figures were found to be
    claims: list[str] = []
    free: list[str] = []
    for marker in block.markers:
        try:
            run = load(marker.run, root)
            for line in marker.lines:
                kind, first, second = _parse_line(line)
                if kind == "free":
                    free.append(first)
                elif kind == "claim":
                    claims.append(first)
                    faults += _check_claim(first, second, block, run)
                elif kind == "column":
                    faults += _check_column(first, second, block, run)
                else:
                    part = block.text if kind == "text" else _find_row(block, first)
                    covered.setdefault(part, []).append(_render(second, run))
        except UnknownFigureError as error:
            faults.append(str(error))
    for part, expected in covered.items():
        faults += _check_part(part, expected, free)
    if block.markers and not block.is_code:
        faults += _check_sentences(block.text, claims, free)
    where = block.page.relative_to(ROOT) if block.page.is_relative_to(ROOT) else block.page
    return [f"{where}:{block.line}: {fault}" for fault in faults]


def _parse_line(line: str) -> tuple[str, str, str]:
    """The kind of a marker's line and its two sides; of a template, its text is the second."""
    kind = line.split(" ", 1)[0]
    if kind not in ("row", "column", "free", "claim"):
        return "text", "", line
    first, separator, second = line[len(kind) + 1 :].partition(" :: ")
    if not separator:
        raise UnknownFigureError(f"the line '{line}' has no ' :: '")
    return kind, first.strip(), second.strip()


def _render(template: str, run: Mapping[str, Any]) -> str:
    """A template with the figures in its places."""
    return _PLACE.sub(lambda place: format(evaluate(place[1], run), place[2] or ""), template)


def _squeeze(text: str) -> str:
    """A text whose gaps are single spaces, without Markdown's marks."""
    return " ".join(re.sub(r"[`*]", "", text).split())


def _find_row(block: Block, label: str) -> str:
    """The row of a block's table whose first cell begins with a label, as text."""
    for cells in block.rows:
        if _squeeze(cells[0]).startswith(label):
            return " | ".join(cells)
    raise UnknownFigureError(f"no row begins with '{label}'")


def _check_part(part: str, expected: Sequence[str], free: Sequence[str]) -> list[str]:
    """Whether every expected text stands in a part of a block, and every number of it in one of these or is free."""
    text, faults, covered = _squeeze(part), [], set()
    for known in (*expected, *free):
        pattern = rf"(?<![\w.]){re.escape(_squeeze(known))}(?!\w|\.\d)"
        places = [range(*found.span()) for found in re.finditer(pattern, text)]
        if known in expected and not places:
            faults.append(f"the stored run says '{known}', which doesn't stand here")
        covered.update(*places)
    numbers = [found for found in _NUMBER.finditer(text) if found.start() not in covered]
    return faults + [f"'{number[0]}' is neither marked nor free" for number in numbers]


def _check_column(heading: str, template: str, block: Block, run: Mapping[str, Any]) -> list[str]:
    """Whether every cell of a table's column is what the stored run says."""
    if not block.rows or heading not in (headings := [_squeeze(cell) for cell in block.rows[0]]):
        raise UnknownFigureError(f"no table with a column '{heading}' follows")
    faults, place = [], headings.index(heading)
    for cells in block.rows[1:]:
        try:
            expected = _render(template.replace("$row", _squeeze(cells[0])), run)
        except UnknownFigureError:
            expected = NO_ENTRY
        if _squeeze(cells[place]) != expected:
            faults.append(f"{heading} of {cells[0]} is '{cells[place]}', the stored run says '{expected}'")
    if all(_squeeze(cells[place]) == NO_ENTRY for cells in block.rows[1:]):
        faults.append(f"the stored run has no entry for any cell of '{heading}'")
    return faults


def _check_claim(phrase: str, comparison: str, block: Block, run: Mapping[str, Any]) -> list[str]:
    """Whether a phrase stands in the block and an interval carries it."""
    if (parsed := _CLAIM.fullmatch(comparison)) is None:
        raise UnknownFigureError(f"'{comparison}' is not a comparison such as 'offline[hybrid].versus.hold < 0'")
    faults = [] if _squeeze(phrase) in _squeeze(block.text) else [f"the claim '{phrase}' doesn't stand here"]
    found = evaluate(parsed["path"], run)
    low, high = (found.get(end) for end in ("low", "high")) if isinstance(found, Mapping) else (None, None)
    if low is None or high is None:
        return [*faults, f"'{phrase}': '{parsed['path']}' has no interval"]
    tie = float(parsed["tie"])
    carried = {"<": high < tie, ">": low > tie, "~": low <= tie <= high}[parsed["sign"]]
    return faults if carried else [*faults, f"'{phrase}' isn't carried by its interval, {low:g} to {high:g}"]


def _check_sentences(text: str, claims: Sequence[str], free: Sequence[str]) -> list[str]:
    """Whether every sentence that compares has a claim in it, or is free."""
    sentences = re.split(r"(?<=[.:;!?])\s+|\s*\|\s*|\n(?=[-*|] )", text)
    known = [_squeeze(phrase) for phrase in (*claims, *free)]
    return [
        f"'{_squeeze(sentence)}' compares and has no claim with an interval"
        for sentence in sentences
        if _COMPARES.search(sentence) and not any(phrase in _squeeze(sentence) for phrase in known)
    ]


def list_unmarked(pages: Sequence[Path] = PAGES) -> Iterator[str]:
    """Name the blocks that have figures and no marker."""
    for page in pages:
        for block in read_blocks(page):
            if not block.markers and (numbers := _NUMBER.findall(block.text)):
                yield f"{page.relative_to(ROOT)}:{block.line}: {len(numbers)} numbers, not marked"


def main() -> int:
    """Print what differs, then what isn't marked; the exit code is 1 if something differs."""
    faults = [fault for page in PAGES for block in read_blocks(page) for fault in check_block(block)]
    print(*faults, *list_unmarked(), sep="\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
