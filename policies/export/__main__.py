"""Command that exports a trained policy: ``python -m policies.export NAME [--precision fp32|fp16|int8]``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from policies.export.quantization import PRECISIONS
from scenarios.common.cli import DONE, Parser, known_name, run_cli
from scenarios.common.files import check_new_file


def make_parser() -> Parser:
    """Build the parser of the command line."""
    parser = Parser(prog="python -m policies.export", description="Write a policy as one ONNX file.")
    parser.add_argument("policy", metavar="NAME", help="name of a policy, or a checkpoint folder")
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="output file (default: NAME.onnx in the current folder)"
    )
    parser.add_argument(
        "--precision",
        type=known_name("precision", PRECISIONS),
        default="fp16",
        help=f"of the stored weights: {', '.join(PRECISIONS)}; computation is always in 32 bits",
    )
    return parser


def main(argv: Sequence[str]) -> int:
    """Run the command line."""
    arguments = make_parser().parse_args(argv)
    out = arguments.out or Path(f"{Path(arguments.policy).name}.onnx")
    check_new_file(out, endings=(".onnx",))
    from policies.export.onnx_file import export_policy  # imports torch

    print(export_policy(arguments.policy, out, arguments.precision))
    return DONE


if __name__ == "__main__":
    run_cli(main)
