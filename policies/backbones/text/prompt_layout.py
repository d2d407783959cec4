"""The layout of prompts: rows of token ids around an instruction's words, without torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class PromptLayout:
    """The ids around the words, and the constant length of a row.

    Attributes:
        length: Ids per row; words beyond it are cut off.
        clip: Ids of ``<s>``, ``</s>`` and padding in CLIP's vocabulary.
        kosmos2: Ids of ``<s>``, ``<image>``, ``</image>``, ``<grounding>``, ``<object>`` and padding in Kosmos-2's.
    """

    length: int
    clip: tuple[int, int, int]
    kosmos2: tuple[int, int, int, int, int, int]

    def clip_row(self, words: Sequence[int]) -> list[int]:
        """Return CLIP's row: ``<s> words </s>``, padded at the end."""
        begin, end, pad = self.clip
        ids = [begin, *words[: self.length - 2], end]
        return ids + [pad] * (self.length - len(ids))

    def kosmos2_row(self, words: Sequence[int]) -> tuple[list[int], int]:
        """Return Kosmos-2's row and the number of its ids before the padding.

        The row is ``<s> <image> </image> <grounding> words <object>``, padded at the end.
        """
        *before, place, pad = self.kosmos2
        ids = [*before, *words[: self.length - 5], place]
        return ids + [pad] * (self.length - len(ids)), len(ids)
