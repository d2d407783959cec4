"""Instructions as numbers of words: 0 is padding, 1 an unknown word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import torch

PADDING, UNKNOWN, KNOWN_FROM = 0, 1, 2


def split_words(text: str) -> list[str]:
    """Split a text into its words."""
    return re.findall(r"[a-z]+", text.lower())


def collect_vocabulary(texts: Iterable[str]) -> tuple[str, ...]:
    """Collect the words of some texts, in alphabetical order."""
    return tuple(sorted({word for text in texts for word in split_words(text)}))


class WordEncoder:
    """Encodes instructions with a vocabulary; words beyond ``length`` are cut off."""

    def __init__(self, words: Sequence[str], length: int) -> None:
        self.length = length
        self._ids = {word: KNOWN_FROM + place for place, word in enumerate(words)}

    def encode(self, instructions: Sequence[str]) -> torch.Tensor:
        """Encode n instructions, (n, length) int64."""
        ids = torch.full((len(instructions), self.length), PADDING)
        for row, instruction in enumerate(instructions):
            found = [self._ids.get(word, UNKNOWN) for word in split_words(instruction)][: self.length]
            ids[row, : len(found)] = torch.tensor(found, dtype=torch.int64)
        return ids
