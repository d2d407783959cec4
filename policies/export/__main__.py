"""Writes a trained policy as one ONNX file: ``python -m policies.export NAME [--precision fp32|fp16|int8]``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from policies.export.quantization import PRECISIONS
from scenarios.common.cli import DONE, Parser, known_name, run_cli
from scenarios.common.errors import InputError
from scenarios.common.files import check_new_file


def _make_parser() -> Parser:
    parser = Parser(prog="python -m policies.export", description="Write a policy as one ONNX file.")
    parser.add_argument("policy", metavar="NAME", help="a policy's name, or a checkpoint folder")
    parser.add_argument("--out", type=Path, metavar="FILE", help="default: NAME.onnx in this folder")
    parser.add_argument(
        "--precision",
        type=known_name("precision", PRECISIONS),
        default="fp16",
        help=f"of the stored weights; it computes in 32 bits: {', '.join(PRECISIONS)}",
    )
    return parser


def main(argv: Sequence[str]) -> int:
    """The command line."""
    arguments = _make_parser().parse_args(argv)
    out = arguments.out or Path(f"{Path(arguments.policy).name}.onnx")
    if out.suffix != ".onnx":
        raise InputError(f"--out '{out}': the file of an ONNX policy ends in .onnx")
    check_new_file(out)
    from policies.export.onnx_file import export_policy  # imports torch

    print(export_policy(arguments.policy, out, arguments.precision))
    return DONE


if __name__ == "__main__":
    run_cli(main)
