"""A system as a policy: shared backbones, one memory per slot, batched inference of constant shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import nn

from policies.backbones.backbones import Backbones
from policies.backbones.preprocessing import downsample_frames
from policies.backbones.text.prompts import Prompt
from policies.inference.compiled import compile_forward, describe_runtime
from policies.inference.episode_state import EpisodeStates
from policies.inference.runtime import DEFAULT_RUNTIME, InferenceRuntime
from policies.modules.heads.head import HeadOutput
from policies.modules.layers.action_chunking import ActionChunkPlayer
from policies.policy import ObservationBatch, PolicySpec
from policies.systems.backbone_sources import count_used_parameters, load_feature_source
from policies.systems.finetuned_clip import FineTunedClip
from policies.systems.network import System
from scenarios.robot import ACTION_SIZE, IMAGE_SIZE


class FrameInference(nn.Module):
    """What is computed for every frame, as one module, so that it can be compiled or exported."""

    def __init__(self, system: System, source: Backbones | FineTunedClip) -> None:
        super().__init__()
        self.system = system
        self.source = source

    def forward(
        self,
        pixels: torch.Tensor,
        text: torch.Tensor,
        kosmos2_ids: torch.Tensor,
        lengths: torch.Tensor,
        state: torch.Tensor,
    ) -> HeadOutput:
        planes = downsample_frames(pixels, self.source.image_size)
        prompt = Prompt(kosmos2_ids, kosmos2_ids, lengths)
        features = self.source.features(planes, prompt, self.system.features, text)
        answer: HeadOutput = self.system({name: value[:, None] for name, value in features.items()}, state)
        return answer


class SystemPolicy:
    """Drives with a ``System``. A slot's actions depend on that slot's own frames and instruction alone.

    What is constant in an episode (token ids, CLIP's text feature) is computed at reset and kept.

    Args:
        source: What computes the system's features.
    """

    def __init__(self, system: System, source: Backbones | FineTunedClip, name: str) -> None:
        self.system = system.eval()
        self.source = source.eval()
        self.source.set_attention_kernel("sdpa")
        row = system.row
        shared = count_used_parameters(source, system.features) if isinstance(source, Backbones) else 0
        self.spec = PolicySpec(
            name=name,
            image_size=IMAGE_SIZE,
            period_s=row.period_s,
            hold_action=(0.0, 0.0, 0.0),
            history=row.window,
            chunk=row.chunk,
            parameters=system.parameter_count + shared,
            runtime=describe_runtime(DEFAULT_RUNTIME.compile),
        )
        self._step = compile_forward(FrameInference(system, source), DEFAULT_RUNTIME, name)
        self._player = ActionChunkPlayer(0, row.chunk, row.axes, ensemble=row.temporal_ensembling)
        self._slots = EpisodeStates(system.initial_state, system.widths["clip_text"], source.prompts.length)

    @classmethod
    def load(cls, folder: Path, name: str | None = None) -> SystemPolicy:
        """From a checkpoint folder; InputError if it or its backbones can't be read."""
        system = System.from_pretrained(folder)
        return cls(system, load_feature_source(system, folder), name or folder.name)

    def apply_runtime(self, runtime: InferenceRuntime) -> None:
        """Compute each frame by the network in another form; InputError if it can't be."""
        self._step = compile_forward(FrameInference(self.system, self.source).eval(), runtime, self.spec.name)
        self.spec = replace(self.spec, runtime=describe_runtime(runtime.compile))

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        prompt = self.source.prompts.encode(instructions)
        with torch.inference_mode():
            text = None
            if "clip_text" in self.system.features:
                # One at a time: the answer to a slot then can't depend on which slots are reset with it.
                text = torch.cat([self.source.text(ids[None]) for ids in prompt.clip])
            self._slots.begin(slots, prompt, text)
            self._player.reset(slots)

    def act(self, batch: ObservationBatch) -> np.ndarray:
        if batch.pixels is None:
            raise ValueError(f"policy '{self.spec.name}' looks at frames: a batch for it needs 'pixels'")
        with torch.inference_mode():
            held = self._slots
            answer = self._step(torch.from_numpy(batch.pixels), held.text, held.ids, held.lengths, held.state)
            held.state = answer.state
            played = self._player.play(answer.actions[:, 0].numpy())  # (n, axes)
        actions = np.zeros((len(played), ACTION_SIZE), np.float32)
        actions[:, : played.shape[1]] = played  # a system of two axes never turns
        return actions
