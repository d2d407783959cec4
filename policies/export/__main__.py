"""Writes a trained policy as one ONNX file: ``python -m policies.export NAME [--precision fp32|fp16|int8]``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from policies.export.quantization import PRECISIONS
from scenarios.common import cli as command
from scenarios.common.errors import InputError
from scenarios.common.files import check_new_file, replace_file

FRAMES = 24  # of each instruction, driven by the file and by the network
LARGEST_MAE = {"fp32": 1e-5, "fp16": 5e-4, "int8": 2e-2}  # of actions in [-1, 1]


def export_policy(name: str, out: Path, precision: str) -> str:
    """Write a policy's file, and compare it with the network; a line that tells how it went.

    Raises:
        InputError: there is no such policy, it can't be exported, or the file's answers are too far off (then there is
            no file).
    """
    from policies.export.adapters import load_exportable
    from policies.export.model import build_onnx_model
    from policies.export.parity import measure_parity
    from policies.onnx.validation import check_model

    policy = load_exportable(name)
    model = build_onnx_model(policy, precision)
    check_model(model)
    with replace_file(out) as partial:
        partial.write_bytes(model.SerializeToString())
        found = measure_parity(partial, policy, FRAMES)
        if not found.mae <= LARGEST_MAE[precision]:
            raise InputError(
                f"{out} was not written: its actions are {found.mae:.2g} off on average, and in {precision} at most "
                f"{LARGEST_MAE[precision]:g} are allowed; try another --precision"
            )
        size = partial.stat().st_size
    return (
        f"{out}: {size / 1e6:.3f} MB, {precision}, {len(model.graph.node)} nodes; against PyTorch: "
        f"MAE {found.mae:.2g}, largest difference {found.largest:.2g}"
    )


def _parser() -> command.Parser:
    parser = command.Parser(prog="python -m policies.export", description="Write a policy as one ONNX file.")
    parser.add_argument("policy", metavar="NAME", help="a policy's name, or a checkpoint folder")
    parser.add_argument("--out", type=Path, metavar="FILE", help="default: NAME.onnx in this folder")
    parser.add_argument(
        "--precision",
        type=command.known_name("precision", PRECISIONS),
        default="fp16",
        help=f"of the stored weights; it computes in 32 bits: {', '.join(PRECISIONS)}",
    )
    return parser


def main(argv: Sequence[str]) -> int:
    """The command line."""
    arguments = _parser().parse_args(argv)
    out = arguments.out or Path(f"{Path(arguments.policy).name}.onnx")
    if out.suffix != ".onnx":
        raise InputError(f"--out '{out}': the file of an ONNX policy ends in .onnx")
    check_new_file(out)
    print(export_policy(arguments.policy, out, arguments.precision))
    return command.DONE


if __name__ == "__main__":
    command.run_cli(main)
