"""A process that loads an ONNX file, to see whether its parsers survive that."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

from policies.host.parsers.answers import limit_memory, serve_answers
from policies.host.parsers.texts import decode_text
from policies.onnx.session import create_session
from policies.onnx.validation import read_model

PROVIDER = "cpu"


def main(link: socket.socket, options: dict[str, Any]) -> None:
    """Load the file when the parent asks.

    Args:
        link: Connection to the parent.
        options: Its first message, with the "file".
    """
    file = Path(decode_text(options["file"]))

    def load(_: dict[str, Any]) -> dict[str, Any]:
        load_file(file)
        return {}

    limit_memory()
    serve_answers(link, f"the ONNX file '{file}'", load)


def load_file(file: Path) -> None:
    """Load a file as its policy is going to.

    Raises:
        InputError: It isn't a plain, self-contained model.
        MemoryError: It needs more memory than there is.
    """
    model = read_model(file)
    try:
        create_session(model, PROVIDER)
    except ValueError as error:  # other reasons are told when the policy is made, with what its description says
        if "alloc" in str(error):
            raise MemoryError from error
