"""From an instruction to the token ids that CLIP's text tower and Kosmos-2's decoder take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from transformers import PreTrainedTokenizerBase

from policies.backbones.tokenizer import END_IMAGE, GROUNDING, IMAGE, OBJECT


class Prompt(NamedTuple):
    """Token ids of n instructions."""

    clip: torch.Tensor  # (n, length) int64: <s> words </s>, padded at the end
    kosmos2: torch.Tensor  # (n, length) int64: <s> <image> </image> <grounding> words <object>, padded at the end
    lengths: torch.Tensor  # (n,) int64: how many of kosmos2's ids are no padding


class Prompts:
    """Both tokenizers, with a constant length, so that shapes (and so the bits of the answers) never vary.

    The Kosmos-2 prompt ends in ``<object>``, where the decoder would name the location of what the instruction names:
    the state there is the one that holds it.
    """

    def __init__(self, clip: PreTrainedTokenizerBase, kosmos2: PreTrainedTokenizerBase, length: int) -> None:
        self.clip = clip
        self.kosmos2 = kosmos2
        self.length = length

    def encode(self, instructions: Sequence[str]) -> Prompt:
        """Ids of some instructions; words beyond the constant length are cut."""
        image, end_image, grounding, place = (
            self.kosmos2.convert_tokens_to_ids(token) for token in (IMAGE, END_IMAGE, GROUNDING, OBJECT)
        )
        clip, kosmos2, lengths = [], [], []
        for text in instructions:
            words = self.clip(text, add_special_tokens=False).input_ids[: self.length - 2]
            clip.append(self._padded(self.clip, [self.clip.bos_token_id, *words, self.clip.eos_token_id]))
            words = self.kosmos2(text, add_special_tokens=False).input_ids[: self.length - 5]
            ids = [self.kosmos2.bos_token_id, image, end_image, grounding, *words, place]
            kosmos2.append(self._padded(self.kosmos2, ids))
            lengths.append(len(ids))
        return Prompt(torch.tensor(clip), torch.tensor(kosmos2), torch.tensor(lengths))

    def _padded(self, tokenizer: PreTrainedTokenizerBase, ids: list[int]) -> list[int]:
        return ids + [tokenizer.pad_token_id] * (self.length - len(ids))
