"""Encoding of instructions as the token ids that CLIP's text tower and Kosmos-2's decoder take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch

from policies.backbones.text.prompt_layout import PromptLayout
from policies.backbones.text.tokenizer import END_IMAGE, GROUNDING, IMAGE, OBJECT
from policies.transformers_models import PreTrainedTokenizerBase


class Prompt(NamedTuple):
    """Token ids of n instructions."""

    clip: torch.Tensor  # (n, length) int64: <s> words </s>, padded at the end
    kosmos2: torch.Tensor  # (n, length) int64: <s> <image> </image> <grounding> words <object>, padded at the end
    lengths: torch.Tensor  # (n,) int64: number of kosmos2's ids before the padding


class PromptEncoder:
    """Both tokenizers, with a constant length, so that shapes (and so the bits of the results) never vary.

    The Kosmos-2 prompt ends in ``<object>``, after which the decoder would state the location of the named object: the
    state at this token contains it.
    """

    def __init__(self, clip: PreTrainedTokenizerBase, kosmos2: PreTrainedTokenizerBase, length: int) -> None:
        self.clip = clip
        self.kosmos2 = kosmos2
        self.length = length

    @property
    def layout(self) -> PromptLayout:
        """The layout of the rows of ids around the words."""
        marks = (self.kosmos2.convert_tokens_to_ids(token) for token in (IMAGE, END_IMAGE, GROUNDING, OBJECT))
        return PromptLayout(
            self.length,
            (self.clip.bos_token_id, self.clip.eos_token_id, self.clip.pad_token_id),
            (self.kosmos2.bos_token_id, *marks, self.kosmos2.pad_token_id),
        )

    def encode(self, instructions: Sequence[str]) -> Prompt:
        """Encode instructions; words beyond the constant length are cut off."""
        layout = self.layout
        clip, kosmos2, lengths = [], [], []
        for text in instructions:
            clip.append(layout.clip_row(self.clip(text, add_special_tokens=False).input_ids))
            ids, length = layout.kosmos2_row(self.kosmos2(text, add_special_tokens=False).input_ids)
            kosmos2.append(ids)
            lengths.append(length)
        return Prompt(torch.tensor(clip), torch.tensor(kosmos2), torch.tensor(lengths))


def round_up_length(longest: int) -> int:
    """Round a length up to a multiple of 8, since building CPU kernels for a new shape takes longer than a step."""
    return -(-longest // 8) * 8


def trim_prompts(prompts: Prompt, limit: int) -> Prompt:
    """Cut Kosmos-2's ids to the longest prompt, rounded up, and at most ``limit``.

    The decoder is causal, so padding after a prompt doesn't change the state at its end.
    """
    longest = min(round_up_length(int(prompts.lengths.max())), limit)
    return Prompt(prompts.clip, prompts.kosmos2[:, :longest], prompts.lengths)
