"""Loads ONNX files in processes of their own first, to see whether their parsers survive that."""

from __future__ import annotations

from collections.abc import Iterable

from policies.host.parsers.parser_process import ParserProcess
from policies.host.parsers.texts import encode_text
from policies.names.files import has_suffix
from policies.names.reference import PolicyReference

ONNX_PROBE = "policies.onnx.probe"


def probe_files(references: Iterable[PolicyReference]) -> None:
    """Probe each ONNX file among named policies, before it is loaded in the command's own processes.

    Raises:
        InputError: One isn't an ONNX file, or crashes its parsers, hangs them or fills their memory.
    """
    targets = dict.fromkeys(each.target for each in references)
    for target in targets:
        if has_suffix(target, ".onnx"):
            _probe_onnx(target)


def _probe_onnx(path: str) -> None:
    process = ParserProcess(ONNX_PROBE, f"the ONNX file '{path}'", {"file": encode_text(path)})
    try:
        process.receive_first()
    finally:
        process.close()
