"""The state that a network keeps for each running episode: its memory and its encoded instruction."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch

from policies.backbones.text.prompts import Prompt


class EpisodeStates:
    """Tensors with one row per slot, which grow as more episodes run at a time.

    Args:
        initial_state: Returns the memory of n new episodes; slots along ``slot_axis``.
        text_width: Width of CLIP's text feature.
        length: Token ids per instruction.
        slot_axis: Axis of the slots in the memory.

    Attributes:
        state: The memory.
        text: CLIP's text feature, (n, text_width); zeros if none was given.
        ids: Token ids of Kosmos-2, (n, length).
        lengths: Number of ids before the padding, (n,); 1 in slots without an episode, so that they have a last token.
    """

    def __init__(
        self, initial_state: Callable[[int], torch.Tensor], text_width: int, length: int, slot_axis: int = 0
    ) -> None:
        self._initial_state, self._axis, self._width, self._length = initial_state, slot_axis, text_width, length
        self.state = initial_state(0)
        self.text = torch.zeros(0, text_width)
        self.ids = torch.zeros(0, length, dtype=torch.int64)
        self.lengths = torch.zeros(0, dtype=torch.int64)

    def move(self, device: torch.device) -> None:
        """Move all rows to a device, where they stay."""
        self.state, self.text = self.state.to(device), self.text.to(device)
        self.ids, self.lengths = self.ids.to(device), self.lengths.to(device)

    def begin(self, slots: Sequence[int], prompt: Prompt, text: torch.Tensor | None) -> None:
        """Start new episodes in ``slots``; ``prompt`` and ``text`` have one row per slot."""
        self._grow(max(slots) + 1)
        device = self.lengths.device
        index = torch.tensor(list(slots), device=device)
        self.state.index_copy_(self._axis, index, self._initial_state(len(slots)).to(device))
        self.ids[index], self.lengths[index] = prompt.kosmos2.to(device), prompt.lengths.to(device)
        if text is not None:
            self.text[index] = text

    def share(self) -> EpisodeStates:
        """Return states of the same kind, without episodes."""
        made = EpisodeStates(self._initial_state, self._width, self._length, self._axis)
        made.move(self.lengths.device)
        return made

    def advance(self, state: torch.Tensor, live: np.ndarray) -> None:
        """Replace the memory of the live slots, (n,) bool; the others keep theirs."""
        if not live.all():
            idle = torch.from_numpy(np.flatnonzero(~live)).to(state.device)
            state = state.index_copy(self._axis, idle, self.state.index_select(self._axis, idle))
        self.state = state

    def _grow(self, size: int) -> None:
        more = size - len(self.lengths)
        if more <= 0:
            return
        self.state = torch.cat([self.state, self._initial_state(more).to(self.state.device)], dim=self._axis)
        self.text = torch.cat([self.text, self.text.new_zeros(more, self.text.shape[1])])
        self.ids = torch.cat([self.ids, self.ids.new_zeros(more, self.ids.shape[1])])
        self.lengths = torch.cat([self.lengths, self.lengths.new_ones(more)])
