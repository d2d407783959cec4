"""Exports a policy: its ONNX file is made, compared with the network, and only then put in its place."""

from __future__ import annotations

from pathlib import Path

from policies.export.adapters import load_exportable
from policies.export.model import build_onnx_model
from policies.export.parity import measure_parity
from policies.onnx.validation import check_model
from scenarios.common.errors import InputError

FRAMES = 24  # of each instruction, driven by the file and by the network
LARGEST_MAE = {"fp32": 1e-5, "fp16": 5e-4, "int8": 2e-2}  # of actions in [-1, 1]


def export_policy(name: str, out: Path, precision: str) -> str:
    """Write a policy's file, compare it with the network, and return a line that tells how it went.

    Raises:
        InputError: there is no such policy, it can't be exported, or the file's answers are too far off (then there is
            no file).
    """
    policy = load_exportable(name)
    model = build_onnx_model(policy, precision)
    check_model(model)
    partial = out.with_name(out.name + ".partial")
    partial.write_bytes(model.SerializeToString())
    try:
        found = measure_parity(partial, policy, FRAMES)
        if not found.mae <= LARGEST_MAE[precision]:
            raise InputError(
                f"{out} was not written: its actions are {found.mae:.2g} off on average, and in {precision} at most "
                f"{LARGEST_MAE[precision]:g} are allowed; try another --precision"
            )
        size = partial.stat().st_size
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)
    return (
        f"{out}: {size / 1e6:.3f} MB, {precision}, {len(model.graph.node)} nodes; against PyTorch: "
        f"MAE {found.mae:.2g}, largest difference {found.largest:.2g}"
    )
