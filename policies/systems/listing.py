"""Printed tables of the systems: their parts, their published figures and their sizes."""

from __future__ import annotations

from rich import box
from rich.table import Table

from policies.systems.model_size import (
    HALF,
    MIB,
    ModelSize,
    build_meta_backbones,
    count_weights,
    estimate_published_gib,
)
from policies.systems.table import SYSTEMS, HeadConfig, SystemConfig

COLUMNS = ("system", "features", "network", "actions", "training", "MAE", "loss", "GB", "fps", "trained", "whole")
PARTS = {"vision": "v", "tokens": "p", "text": "t", "pointing": "w"}
LEGEND = "Features: v pooler, p patch tokens, t text, w pointing. Window: number of frames used (w8: 8)."
NONE = "-"


def build_system_tables(scale: str) -> tuple[Table, Table, str]:
    """Build the table of systems, the table of deviations, and a caption, each at most 160 columns wide."""
    rows = Table(title=f"The published systems, sizes at {scale} scale", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in (*COLUMNS, "MiB" if scale == "compact" else "GiB"):
        text = name in COLUMNS[:5]
        rows.add_column(name, justify="left" if text else "right", no_wrap=name != "network")
    differs = Table(title="Deviations from the published descriptions", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    differs.add_column("system", no_wrap=True)
    differs.add_column("deviation")
    for row in SYSTEMS.values():
        rows.add_row(*_cells(row, scale))
        differs.add_row(row.name, row.deviations)
    return rows, differs, _caption(scale)


def _cells(row: SystemConfig, scale: str) -> tuple[str, ...]:
    published, size = row.published, count_weights(row, scale)
    return (
        row.name,
        _features(row),
        _network(row),
        _actions(row),
        _training(row),
        *(NONE if value is None else f"{value:g}" for value in (published.mae, published.val_loss)),
        *(NONE if value is None else f"{value:g}" for value in (published.size_gb, published.fps)),
        _millions(size.own),
        _millions(size.total),
        _file(row, size, scale),
    )


def _features(row: SystemConfig) -> str:
    """Format the features, e.g. "clip pt, kosmos2 vt"."""
    kinds: dict[str, str] = {}
    for name in row.features:
        kind, part = name.split("_")
        kinds[kind] = kinds.get(kind, "own " * row.own_clip + kind + " ") + PARTS[part]
    return ", ".join(kinds.values())


def _network(row: SystemConfig) -> str:
    """Format the network, e.g. "resample 64 > fuse 512 > lstm 2x256 > 256-128"."""
    if row.head is None:
        return _made_of(row)
    parts = [f"resample {row.resampler}"] if row.resampler else []
    parts += ["normalize"] if row.normalization else []
    parts += [f"fuse {row.fusion}"] if row.fusion else []
    return " > ".join([*parts, *_head(row.head)])


def _head(plan: HeadConfig) -> list[str]:
    parts = [f"project {plan.project}"] if plan.project else []
    parts += [f"{plan.distances} distances"] if plan.distances else []
    parts += [f"{plan.kind} {plan.layers}x{plan.width}" if plan.layers else f"{plan.kind} {plan.width or ''}".strip()]
    parts += ["-".join(str(width) for width in plan.hidden)] if plan.hidden else []
    return [*parts, "planner"] if plan.planner else parts


def _made_of(row: SystemConfig) -> str:
    return f"export of {row.export_of}" if row.export_of else " + ".join(f"{w} {name}" for name, w in row.members)


def _actions(row: SystemConfig) -> str:
    if row.head is None:
        return ""
    parts = [f"{row.chunk}x{row.axes}D" if row.chunk > 1 else f"{row.axes}D"]
    parts += [f"w{row.window}"] if row.window > 1 else []
    parts += ["blend"] if row.temporal_ensembling is not None else []
    return " ".join(parts)


def _training(row: SystemConfig) -> str:
    if row.head is None:
        return ""
    parts = [f"{row.epochs} {row.loss}"]
    parts += [row.data] if row.data != "common" else []
    parts += [f"aug. {row.augmentation}"] if row.augmentation != "none" else []
    return " ".join(parts)


def _millions(weights: int) -> str:
    return f"{weights / 1e6:.2f} M" if weights < 1e9 else f"{weights / 1e9:.3f} B"


def _file(row: SystemConfig, size: ModelSize, scale: str) -> str:
    if row.head is None:
        return NONE
    return f"{size.shipped_mib:.2f}" if scale == "compact" else f"{estimate_published_gib(row):.2f}"


def _caption(scale: str) -> str:
    published = f"{LEGEND} MAE, loss, GB and fps are published figures; their units differ between rows."
    if scale == "full":
        return (
            f"{published} GiB: float32 weights and Adam's two moments of the trained part; the published 'GB' agree "
            "within 2 %, for the CLIP rows if CLIP itself was trained. A checkpoint built here contains the "
            "trained part and refers to the backbones."
        )
    backbones = build_meta_backbones("compact")
    weights = sum(weight.numel() for weight in backbones.parameters())
    return (
        f"{published} Widths are the published ones; the compact scale divides them by 4, within 96 to 192. MiB: the "
        f"row's own checkpoint in half precision; the frozen backbones ({_millions(weights)}, "
        f"{HALF * weights / MIB:.2f} MiB) are shared and shipped once."
    )
