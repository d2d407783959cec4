"""Adapters from each kind of trained policy to one module interface for export."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from policies.backbones.feature_source import FeatureSource
from policies.backbones.preprocessing import downsample_frames
from policies.backbones.text.prompts import Prompt, PromptEncoder
from policies.hybrid.policy import HybridPolicy
from policies.policy import Policy
from policies.registry import make_policy
from policies.systems.ensemble import EnsemblePolicy
from policies.systems.network import System
from policies.systems.policy import SystemPolicy
from scenarios.common.errors import InputError
from scenarios.robot import ACTION_SIZE


@dataclass(frozen=True)
class ExportablePolicy:
    """A trained policy, ready for export.

    Attributes:
        kind: Kind of network: "hybrid", "system" or "ensemble".
        policy: The policy itself, whose actions the file must reproduce.
        module: forward(pixels (1, H, W, 3) uint8, clip_ids (1, length), kosmos2_ids (1, length), lengths (1,), state)
            -> (actions (1, chunk, axes), state), in evaluation mode.
        prompts: Its tokenizers.
        state: The state of one robot before the first frame: zeros.
        temporal_ensembling: Decay over the chunks, applied by the program that runs the file; None for none.
    """

    kind: str
    policy: Policy
    module: nn.Module
    prompts: PromptEncoder
    state: torch.Tensor
    temporal_ensembling: float | None = None


class _SystemFrame(nn.Module):
    """A system and its feature source. If the head has no memory, the state counts the frames."""

    def __init__(self, system: System, source: FeatureSource) -> None:
        super().__init__()
        self.system, self.source = system, source
        self.counts = system.initial_state(1).numel() == 0

    def initial_state(self) -> torch.Tensor:
        return torch.zeros(1, 1) if self.counts else self.system.initial_state(1)

    def forward(
        self,
        pixels: torch.Tensor,
        clip_ids: torch.Tensor,
        kosmos2_ids: torch.Tensor,
        lengths: torch.Tensor,
        state: torch.Tensor,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        held = self.system.initial_state(1) if self.counts else state
        planes = downsample_frames(pixels, self.source.image_size)
        prompt, text = Prompt(kosmos2_ids, kosmos2_ids, lengths), self.source.text(clip_ids)
        features = self.source.features(planes, prompt, self.system.features, text)
        output = self.system({name: value[:, None] for name, value in features.items()}, held)
        return output.actions[:, 0], state + 1 if self.counts else output.state


class _Mean(nn.Module):
    """The weighted mean of the members' current actions; their states are concatenated."""

    def __init__(self, members: Sequence[ExportablePolicy], weights: Sequence[float]) -> None:
        super().__init__()
        self.members = nn.ModuleList(member.module for member in members)
        self.weights = tuple(weights)
        self.shapes = [member.state.shape for member in members]

    def forward(self, *inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        *observation, state = inputs
        held = state.split([shape.numel() for shape in self.shapes], dim=1)
        actions, states = [], []
        for member, shape, part in zip(self.members, self.shapes, held, strict=True):
            chunk, after = member(*observation, part.reshape(shape))
            actions.append(nn.functional.pad(chunk[:, :1], (0, ACTION_SIZE - chunk.shape[2])))
            states.append(after.reshape(1, -1))
        mean = sum(weight * action for weight, action in zip(self.weights, actions, strict=True))
        return torch.as_tensor(mean), torch.cat(states, dim=1)


def _hybrid(policy: HybridPolicy) -> ExportablePolicy:
    model = policy.model
    model.backbones.set_attention_kernel("eager")  # plain products and softmax, which every runtime supports
    return ExportablePolicy("hybrid", policy, model, model.prompts, model.initial_state(1))


def _system(policy: SystemPolicy) -> ExportablePolicy:
    policy.source.set_attention_kernel("eager")
    module = _SystemFrame(policy.system, policy.source).eval()
    return ExportablePolicy(
        "system", policy, module, policy.source.prompts, module.initial_state(), policy.system.row.temporal_ensembling
    )


def _ensemble(policy: EnsemblePolicy) -> ExportablePolicy:
    name = policy.spec.name
    members = [_adapt_policy(member) for member in policy.members]
    prompts = members[0].prompts
    for member in members:
        if member.temporal_ensembling is not None:
            raise InputError(
                f"'{name}' can't be exported as one file: its member '{member.policy.spec.name}' uses "
                "temporal ensembling"
            )
        if _tokenizer_key(member.prompts) != _tokenizer_key(prompts):
            raise InputError(f"'{name}' can't be exported as one file: its members have different tokenizers")
    state = torch.zeros(1, sum(member.state.numel() for member in members))
    return ExportablePolicy("ensemble", policy, _Mean(members, policy.weights).eval(), prompts, state)


def _tokenizer_key(prompts: PromptEncoder) -> tuple[Any, ...]:
    """Return everything that determines the ids of an instruction."""
    return prompts.layout, *(words.backend_tokenizer.to_str() for words in (prompts.clip, prompts.kosmos2))


ADAPTERS: dict[type[Any], Callable[[Any], ExportablePolicy]] = {
    HybridPolicy: _hybrid,
    SystemPolicy: _system,
    EnsemblePolicy: _ensemble,
}
"""The adapter of each kind of policy."""


def _adapt_policy(policy: Policy) -> ExportablePolicy:
    for kind, adapter in ADAPTERS.items():
        if isinstance(policy, kind):
            return adapter(policy)
    raise InputError(f"'{policy.spec.name}' can't be exported: {type(policy).__name__} has no PyTorch network")


def load_exportable(name_or_folder: str) -> ExportablePolicy:
    """Load a policy for export by its name or its checkpoint folder, as ``policies.registry.make_policy`` finds it.

    Raises:
        InputError: There is no such policy, it can't be read, or it has no network to export.
    """
    return _adapt_policy(make_policy(name_or_folder))
