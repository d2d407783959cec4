"""The base of policies with a torch network: one memory per slot, batched inference of constant shape."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
import torch
from torch import nn

from policies.backbones.feature_source import FeatureSource
from policies.inference.compiled import compile_forward
from policies.inference.device import DTYPES, copy_networks, describe_runtime, select_device
from policies.inference.episode_state import EpisodeStates
from policies.inference.weights import hash_networks
from policies.policy import DEFAULT_RUNTIME, InferenceRuntime, ObservationBatch, PolicySpec, check_frames


class NetworkPolicy(ABC):
    """Policy that drives with a network. A slot's actions depend only on that slot's own frames and instruction.

    Values that are constant during an episode (token ids, CLIP's text feature) are computed at reset and cached.

    Args:
        spec: The policy's spec; its runtime is filled in here.
        frame: The computation for every frame, as one module, so that it can be compiled: forward(pixels (n, H, W, 3)
            uint8, text, kosmos2_ids, lengths, state), with the rest as in ``EpisodeStates``, returns a tuple with the
            attributes ``actions`` (n, 1, ...) and ``state``.
        source: Computes the features.
        features: Names of the features that the network takes.
        states: The slots' states, still without episodes.
    """

    def __init__(
        self,
        spec: PolicySpec,
        frame: nn.Module,
        source: FeatureSource,
        features: Collection[str],
        states: EpisodeStates,
    ) -> None:
        self.source = source.eval()
        self.source.set_attention_kernel("sdpa")
        self.spec = spec
        self._frame = frame.eval()
        self._has_text = "clip_text" in features
        self._states = states
        self.apply_runtime(DEFAULT_RUNTIME)

    @property
    @abstractmethod
    def networks(self) -> tuple[nn.Module, ...]:
        """All modules whose weights determine the actions, in a fixed order."""

    @cached_property
    def weights_sha256(self) -> str | None:
        return hash_networks(self.networks)

    def apply_runtime(self, runtime: InferenceRuntime) -> None:
        device, dtype = select_device(runtime), DTYPES[runtime.precision]
        frame, self._text_source = self._frame, self.source
        if device.type != "cpu" or dtype != torch.float32:
            frame, self._text_source = copy_networks(frame, self.source, device, dtype, shared=self.source.prompts)
        self._predict = compile_forward(frame, runtime, self.spec.name)
        self._states.move(device)
        self.spec = replace(self.spec, runtime=describe_runtime(runtime))

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        prompt = self.source.prompts.encode(instructions)
        with torch.inference_mode():
            text = None
            if self._has_text:
                # One at a time, so that a slot's bits can't depend on which slots are reset with it.
                clip_ids = prompt.clip.to(self._states.ids.device)
                text = torch.cat([self._text_source.text(ids[None]) for ids in clip_ids])
            self._states.begin(slots, prompt, text)

    def act(self, batch: ObservationBatch) -> np.ndarray:
        pixels = torch.from_numpy(check_frames(batch, self.spec)).to(self._states.ids.device)
        with torch.inference_mode():
            held = self._states
            output = self._predict(pixels, held.text, held.ids, held.lengths, held.state)
            held.state = output.state
            return self._select_actions(output.actions[:, 0].cpu().numpy())

    @abstractmethod
    def _select_actions(self, predicted: np.ndarray) -> np.ndarray:
        """Select the (n, 3) float32 actions to execute from the prediction for the current frame, (n, ...)."""
