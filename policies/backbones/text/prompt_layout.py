"""How the ids of an instruction's words become the rows that both backbones take. Needs no torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class PromptLayout:
    """The ids that stand around the words, and the constant length of a row.

    Attributes:
        length: Ids per row; words beyond it are cut.
        clip: Ids of ``<s>``, ``</s>`` and padding in CLIP's vocabulary.
        kosmos2: Ids of ``<s>``, ``<image>``, ``</image>``, ``<grounding>``, ``<object>`` and padding in Kosmos-2's.
    """

    length: int
    clip: tuple[int, int, int]
    kosmos2: tuple[int, int, int, int, int, int]

    def clip_row(self, words: Sequence[int]) -> list[int]:
        """``<s> words </s>``, padded at the end."""
        begin, end, pad = self.clip
        ids = [begin, *words[: self.length - 2], end]
        return ids + [pad] * (self.length - len(ids))

    def kosmos2_row(self, words: Sequence[int]) -> tuple[list[int], int]:
        """``<s> <image> </image> <grounding> words <object>``, padded at the end, and how many ids are no padding."""
        *before, place, pad = self.kosmos2
        ids = [*before, *words[: self.length - 5], place]
        return ids + [pad] * (self.length - len(ids)), len(ids)
