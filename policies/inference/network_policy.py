"""The bases of policies with a torch network: one memory per slot, batched inference of constant shape."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import torch
from torch import nn

from policies.backbones.checkpoint import PretrainedModule
from policies.backbones.feature_source import FeatureSource
from policies.backbones.preprocessing import to_float32
from policies.inference.compiled import compile_forward
from policies.inference.device import DTYPES, copy_networks, describe_runtime, select_device
from policies.inference.episode_state import EpisodeStates
from policies.inference.frame_network import FrameNetwork
from policies.inference.live_features import LiveFeatures
from policies.inference.weights import hash_networks
from policies.policy import DEFAULT_RUNTIME, InferenceRuntime, ObservationBatch, PolicySpec, check_frames
from scenarios.common.errors import InputError
from scenarios.robot import CONTROL_PERIOD_S


class NetworkPolicy(ABC):
    """Policy that drives with a network. A slot's actions depend only on that slot's own frames and instruction.

    It is a ``ShareablePolicy``: a slot that isn't live keeps its state.

    Values that are constant during an episode (token ids, CLIP's text feature) are computed at reset and cached.

    Args:
        spec: The policy's spec; its runtime is filled in here.
        network: The computation for every frame.
        source: Computes the text features and encodes the instructions.
        states: The slots' states, still without episodes.
    """

    def __init__(
        self,
        spec: PolicySpec,
        network: FrameNetwork,
        source: FeatureSource,
        states: EpisodeStates,
    ) -> None:
        self.source = source.eval()
        self.source.set_attention_kernel("sdpa")
        self.spec = spec
        self.network = network.eval()
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
        self._running, self._text_source = self.network, self.source
        if device.type != "cpu" or dtype != torch.float32:
            self._running, self._text_source = copy_networks(
                self.network, self.source, device, dtype, shared=self.source.prompts
            )
        self._predict = compile_forward(self._running, runtime, self.spec.name)
        self._is_eager = runtime.compile == DEFAULT_RUNTIME.compile
        self._features = LiveFeatures(self._running, device)
        self._states.move(device)
        self.spec = replace(self.spec, runtime=describe_runtime(runtime))

    def reset(self, slots: Sequence[int], instructions: Sequence[str]) -> None:
        prompt = self.source.prompts.encode(instructions)
        with torch.inference_mode():
            text = None
            if "clip_text" in self.network.names:
                # One at a time, so that a slot's bits can't depend on which slots are reset with it.
                clip_ids = prompt.clip.to(self._states.ids.device)
                text = to_float32(torch.cat([self._text_source.text(ids[None]) for ids in clip_ids]))
            self._states.begin(slots, prompt, text)

    def act(self, batch: ObservationBatch) -> np.ndarray:
        pixels = torch.from_numpy(check_frames(batch, self.spec))
        with torch.inference_mode():
            held = self._states
            if self._is_eager:
                output = self._running.decide(self._features.compute(pixels, held, batch.live), held.state)
            else:
                output = self._predict(pixels.to(held.ids.device), held.text, held.ids, held.lengths, held.state)
            held.advance(output.state, batch.live)
            return self._select_actions(output.actions[:, 0].cpu().numpy(), batch.live)

    def share(self) -> Self:
        twin = copy.copy(self)
        twin._states, twin._features = self._states.share(), self._features.share()
        return twin

    @abstractmethod
    def _select_actions(self, predicted: np.ndarray, live: np.ndarray) -> np.ndarray:
        """Select the (n, 3) float32 actions to execute from the prediction for the current frame, (n, ...)."""


class SmallNetworkPolicy(ABC):
    """Base of policies with a network so small that it runs on the processor alone, and in one runtime.

    It is a ``ShareablePolicy``: a slot that isn't live keeps its state.

    Attributes:
        network_type: The class of the network.
        image_size: (height, width) of the frames that it sees; None if it sees none.
        network: The network, which doesn't learn.
        spec: The policy's spec.
    """

    network_type: ClassVar[type[PretrainedModule]]
    image_size: ClassVar[tuple[int, int] | None] = None
    spec: PolicySpec

    def __init__(self, network: PretrainedModule, name: str) -> None:
        self.network = network.eval()
        self.spec = self._make_spec(name)
        self._forget()

    @classmethod
    def load(cls, folder: Path, name: str | None = None) -> Self:
        """Load a checkpoint folder.

        Raises:
            InputError: It can't be read.
        """
        return cls(cls.network_type.from_pretrained(folder), name or folder.name)

    def _make_spec(self, name: str) -> PolicySpec:
        return make_small_spec(name, self.network.parameter_count, self.image_size)

    @abstractmethod
    def _forget(self) -> None:
        """Have no slots."""

    def share(self) -> Self:
        twin = copy.copy(self)
        twin._forget()
        return twin

    @cached_property
    def weights_sha256(self) -> str | None:
        return hash_networks([self.network])

    def apply_runtime(self, runtime: InferenceRuntime) -> None:
        if runtime != DEFAULT_RUNTIME:
            raise InputError(f"policy '{self.spec.name}' runs on the processor alone: omit {runtime.flags}")
        self.spec = replace(self.spec, runtime=describe_runtime(runtime))


def make_small_spec(
    name: str, parameters: int, image_size: tuple[int, int] | None = None, history: int = 0
) -> PolicySpec:
    """Make the spec of a policy that runs on the processor and answers in every control period."""
    return PolicySpec(
        name=name,
        image_size=image_size,
        period_s=CONTROL_PERIOD_S,
        hold_action=(0.0, 0.0, 0.0),
        history=history,
        parameters=parameters,
        runtime=describe_runtime(DEFAULT_RUNTIME),
    )
