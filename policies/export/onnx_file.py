"""Export to a file: it is written, compared with the network, and only then renamed to its final name."""

from __future__ import annotations

from pathlib import Path

from policies.export.adapters import load_exportable
from policies.export.model import build_onnx_model
from policies.export.parity import measure_parity
from policies.onnx.validation import check_model
from scenarios.common.errors import InputError
from scenarios.common.files import replace_file

FRAMES = 24  # for each instruction, computed by the file and by the network
LARGEST_MAE = {"fp32": 1e-5, "fp16": 5e-4, "int8": 2e-2}  # of actions in [-1, 1]


def export_policy(name: str, out: Path, precision: str) -> str:
    """Write a policy's file, compare it with the network, and return a line about the result.

    Raises:
        InputError: There is no such policy, it can't be exported, or the file's actions differ too much (then no file
            is written).
    """
    policy = load_exportable(name)
    model = build_onnx_model(policy, precision)
    check_model(model)
    with replace_file(out) as partial:
        partial.write_bytes(model.SerializeToString())
        found = measure_parity(partial, policy, FRAMES)
        if not found.mae <= LARGEST_MAE[precision]:
            raise InputError(
                f"{out} was not written: its actions differ from the network's by {found.mae:.2g} on average, and "
                f"{precision} allows at most {LARGEST_MAE[precision]:g}; try another --precision"
            )
        size = partial.stat().st_size
    return (
        f"{out}: {size / 1e6:.3f} MB, {precision}, {len(model.graph.node)} nodes; against PyTorch: "
        f"MAE {found.mae:.2g}, largest difference {found.largest:.2g}"
    )
