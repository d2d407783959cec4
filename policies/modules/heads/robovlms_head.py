"""The RoboVLMs policy head (arXiv 2412.14058): an LSTM restarted over the last ``window`` frames at every frame."""

from __future__ import annotations

import torch

from policies.modules.heads.head import ActionMLP, Head, HeadOutput
from policies.modules.layers.deep_lstm import build_deep_lstm
from policies.modules.layers.sliding_window import build_windows, history_shape


class RoboVLMsHead(Head):
    """Head: window of features -> LSTM from an empty memory -> hidden -> tanh -> chunk x axes.

    Published with 4 layers of 1024, a window of 8 and 10 predicted actions, of which the first is executed.
    """

    def __init__(
        self,
        features: int,
        *,
        width: int,
        layers: int = 4,
        hidden: tuple[int, ...],
        axes: int,
        window: int = 8,
        chunk: int = 10,
    ) -> None:
        super().__init__(features, axes=axes, chunk=chunk, state=history_shape(window, features))
        self.memory = build_deep_lstm(features, width, layers)
        self.action = ActionMLP(width, hidden=hidden, axes=axes, chunk=chunk)

    def forward(self, features: torch.Tensor, state: torch.Tensor) -> HeadOutput:
        frames, seen, state = build_windows(features, state)
        # Existing frames are moved to the front, so that the memory is empty at the first of them; the padding at the
        # end (the current frame again) comes after the output that is used.
        last = seen.sum(1, keepdim=True) - 1  # (b * t, 1)
        place = torch.arange(seen.shape[1], device=seen.device)
        order = (place + place[-1] - last).clamp(max=seen.shape[1] - 1)  # (b * t, window)
        remembered, _ = self.memory(frames.gather(1, order[..., None].expand_as(frames)))
        present = remembered.gather(1, last[..., None].expand(-1, -1, remembered.shape[2]))  # (b * t, 1, width)
        return HeadOutput(self.action(present).view(*features.shape[:2], self.chunk, self.axes), state)
