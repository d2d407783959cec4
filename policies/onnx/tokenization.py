"""From an instruction to the arrays that a file takes, by the tokenizers that it holds; needs no torch."""

from __future__ import annotations

import numpy as np
from tokenizers import Tokenizer

from policies.onnx.io_spec import CLIP_IDS, KOSMOS2_IDS, LENGTHS
from policies.onnx.metadata import PolicyMetadata


class InstructionEncoder:
    """A card's tokenizers.

    Raises:
        ValueError: one can't be read.
    """

    def __init__(self, card: PolicyMetadata) -> None:
        self._layout = card.layout
        self._kosmos2 = _tokenizer(card.kosmos2_tokenizer)
        self._clip = self._kosmos2 if card.clip_tokenizer is None else _tokenizer(card.clip_tokenizer)

    def encode(self, instruction: str) -> dict[str, np.ndarray]:
        """Token ids of one instruction, by input name."""
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
    except Exception as error:  # the library raises plain ones
        raise ValueError(f"its tokenizer can't be read: {error}") from error
