from __future__ import annotations

import io
from functools import cache

import pytest
from rich.console import Console

from policies.systems.__main__ import WIDTH
from policies.systems.listing import COLUMNS, build_system_tables
from policies.systems.model_size import count_weights
from policies.systems.table import SYSTEMS

pytestmark = pytest.mark.slow  # builds every system's network without weights


def _print(scale: str) -> list[str]:
    console = Console(width=WIDTH, highlight=False, file=io.StringIO())
    for part in build_system_tables(scale):
        console.print(part)
    return console.file.getvalue().splitlines()


@cache
def _cells(scale: str, heading: str) -> dict[str, str]:
    """A column of the first table, by system."""
    table = build_system_tables(scale)[0]
    columns = {str(column.header): list(column.cells) for column in table.columns}
    return dict(zip(columns["system"], columns[heading], strict=True))


@pytest.mark.parametrize("scale", ["compact", "full"])
def test_the_listing_shows_every_row_and_its_published_figures_within_160_columns(scale: str) -> None:
    lines = _print(scale)
    assert max(len(line) for line in lines) <= WIDTH
    assert not any("…" in line for line in lines)
    for row in SYSTEMS.values():
        line = next(line for line in lines if line.split()[:1] == [row.name])
        for figure in (row.published.mae, row.published.val_loss, row.published.size_gb, row.published.fps):
            assert figure is None or f"{figure:g}" in line.split()


@pytest.mark.parametrize(("scale", "unit"), [("compact", "MiB"), ("full", "GiB")])
def test_both_tables_have_a_row_for_every_system_and_sizes_in_the_scales_unit(scale: str, unit: str) -> None:
    rows, deviations, caption = build_system_tables(scale)
    assert [column.header for column in rows.columns] == [*COLUMNS, unit]
    assert rows.row_count == deviations.row_count == len(SYSTEMS)
    assert list(deviations.columns[1].cells) == [row.deviations for row in SYSTEMS.values()]
    assert f"{unit}: " in caption


@pytest.mark.parametrize(
    ("heading", "name", "text"),
    [
        ("features", "clip-lstm", "clip vt"),
        ("features", "simple-clip", "own clip vt"),
        ("features", "enhanced-norm", "clip pt, kosmos2 ptw"),
        ("network", "enhanced-norm", "resample 64 > normalize > fuse 512 > lstm 2x256 > 256-128"),
        ("network", "hybrid", "project 2048 > hybrid 4x1024 > 512-256"),
        ("network", "advanced", "3 distances > claw 512 > planner"),
        ("network", "ensemble-best", "0.7 hybrid + 0.3 mobile-vla"),
        ("network", "hybrid-onnx", "export of hybrid"),
        ("actions", "advanced", "18x3D w8 blend"),
        ("actions", "enhanced-2d", "2D"),
        ("actions", "ensemble-best", ""),
        ("training", "clip-augmented", "3 mse aug. right"),
        ("training", "first-frame", "10 mse teleop-first"),
        ("training", "hybrid", "6 huber"),
    ],
)
def test_a_cell_says_what_the_row_is_made_of(heading: str, name: str, text: str) -> None:
    assert _cells("full", heading)[name] == text


def test_sizes_are_those_that_were_counted() -> None:
    trained, shipped = _cells("compact", "trained"), _cells("compact", "MiB")
    for row in SYSTEMS.values():
        size = count_weights(row, "compact")
        assert trained[row.name] == f"{size.own / 1e6:.2f} M"
        assert shipped[row.name] == ("-" if row.head is None else f"{size.shipped_mib:.2f}")
