"""A trained hybrid as a policy: one memory per slot, batched inference of constant shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import nn

from policies.backbones.preprocessing import downsample_frames
from policies.hybrid.network import Hybrid, HybridOutput
from policies.inference.compiled import compile_forward, describe_runtime
from policies.inference.episode_state import EpisodeStates
from policies.inference.runtime import InferenceRuntime
from policies.policy import ObservationBatch, PolicySpec
from scenarios.robot import CONTROL_PERIOD_S, IMAGE_SIZE


class _FrameInference(nn.Module):
    """What is computed for every frame, as one module, so that it can be compiled."""

    def __init__(self, model: Hybrid) -> None:
        super().__init__()
        self.model = model

    def forward(
        self,
        pixels: torch.Tensor,
        text: torch.Tensor,
        kosmos2_ids: torch.Tensor,
        lengths: torch.Tensor,
        state: torch.Tensor,
    ) -> HybridOutput:
        planes = downsample_frames(pixels, self.model.image_size)
        return self.model.head(self.model.fuse(planes, text, kosmos2_ids, lengths)[:, None], state)


class HybridPolicy:
    """Drives with a ``Hybrid``. A slot's actions depend on that slot's own frames and instruction alone.

    What is constant in an episode (token ids, CLIP's text feature) is computed at reset and kept.
    """

    def __init__(self, model: Hybrid, name: str) -> None:
        self.model = model.eval()
        self.model.backbones.set_attention_kernel("sdpa")
        self.spec = PolicySpec(
            name=name,
            image_size=IMAGE_SIZE,
            period_s=CONTROL_PERIOD_S,
            hold_action=(0.0, 0.0, 0.0),
            history=0,
            parameters=model.parameter_count,
            runtime=describe_runtime("none"),
        )
        self._step = _FrameInference(model).forward
        width = model.backbones.widths["clip_text"]
        self._slots = EpisodeStates(model.initial_state, width, model.config.prompt_length, slot_axis=1)

    @classmethod
    def load(cls, folder: Path, name: str | None = None) -> HybridPolicy:
        """From a checkpoint folder; InputError if it can't be read."""
        return cls(Hybrid.from_pretrained(folder), name or folder.name)

    def apply_runtime(self, runtime: InferenceRuntime) -> None:
        """Compute each frame by the network in another form; InputError if it can't be."""
        self._step = compile_forward(_FrameInference(self.model), runtime, self.spec.name)
        self.spec = replace(self.spec, runtime=describe_runtime(runtime.compile))

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        prompt = self.model.prompts.encode(instructions)
        with torch.inference_mode():
            # One at a time: the answer to a slot then can't depend on which slots are reset with it.
            text = torch.cat([self.model.text(ids[None]) for ids in prompt.clip])
            self._slots.begin(slots, prompt, text)

    def act(self, batch: ObservationBatch) -> np.ndarray:
        if batch.pixels is None:
            raise ValueError(f"policy '{self.spec.name}' looks at frames: a batch for it needs 'pixels'")
        with torch.inference_mode():
            held = self._slots
            step = self._step(torch.from_numpy(batch.pixels), held.text, held.ids, held.lengths, held.state)
            held.state = step.state
            return step.actions[:, 0].numpy().astype(np.float32)
