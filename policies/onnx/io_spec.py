"""Inputs and outputs of an ONNX policy: names and types, for a batch of one robot."""

from __future__ import annotations

import numpy as np

PIXELS, CLIP_IDS, KOSMOS2_IDS, LENGTHS, STATE = "pixels", "clip_ids", "kosmos2_ids", "lengths", "state"
ACTIONS, NEXT_STATE = "actions", "next_state"

INPUTS = {
    PIXELS: np.dtype(np.uint8),  # (1, H, W, 3) RGB
    CLIP_IDS: np.dtype(np.int64),  # (1, length)
    KOSMOS2_IDS: np.dtype(np.int64),  # (1, length)
    LENGTHS: np.dtype(np.int64),  # (1,) number of kosmos2_ids before the padding
    STATE: np.dtype(np.float32),  # any shape; zeros at the start of an episode
}
OUTPUTS = {
    ACTIONS: np.dtype(np.float32),  # (1, chunk, axes) in [-1, 1]
    NEXT_STATE: np.dtype(np.float32),  # same shape as state
}
INSTRUCTION_INPUTS = (CLIP_IDS, KOSMOS2_IDS, LENGTHS)  # constant during an episode
