"""Encoding of instructions as an ONNX policy's inputs, by the tokenizers in its metadata."""

from __future__ import annotations

import numpy as np
from tokenizers import Tokenizer

from policies.onnx.io_spec import CLIP_IDS, KOSMOS2_IDS, LENGTHS
from policies.onnx.metadata import PolicyMetadata


class InstructionEncoder:
    """The tokenizers of an ONNX policy.

    Raises:
        ValueError: A tokenizer can't be read.
    """

    def __init__(self, metadata: PolicyMetadata) -> None:
        self._layout = metadata.layout
        self._kosmos2 = _tokenizer(metadata.kosmos2_tokenizer)
        self._clip = self._kosmos2 if metadata.clip_tokenizer is None else _tokenizer(metadata.clip_tokenizer)

    def encode(self, instruction: str) -> dict[str, np.ndarray]:
        """Encode one instruction: arrays of token ids by input name."""
        clip = self._layout.clip_row(self._clip.encode(instruction, add_special_tokens=False).ids)
        kosmos2, length = self._layout.kosmos2_row(self._kosmos2.encode(instruction, add_special_tokens=False).ids)
        return {
            CLIP_IDS: np.array([clip], np.int64),
            KOSMOS2_IDS: np.array([kosmos2], np.int64),
            LENGTHS: np.array([length], np.int64),
        }


def _tokenizer(text: str) -> Tokenizer:
    try:
        return Tokenizer.from_str(text)
    except Exception as error:  # the library raises Exception itself
        raise ValueError(f"its tokenizer can't be read: {error}") from error
