"""Sizes of the systems: weights at both scales, and the file sizes of the published comparison."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import torch

from policies.backbones.backbones import Backbones, BackbonesConfig
from policies.backbones.compact import build_compact_backbones, build_compact_tokenizer
from policies.backbones.text.prompts import PromptEncoder
from policies.hybrid.build import build_compact_hybrid
from policies.systems.backbone_sources import count_used_parameters
from policies.systems.finetuned_clip import FineTunedClip
from policies.systems.network import System
from policies.systems.table import SYSTEMS, SystemConfig
from policies.transformers_models import CLIPConfig, Kosmos2Config

HALF, FLOAT, MOMENTS = 2, 4, 8  # bytes per weight: as shipped, as published, and Adam's two moments
MIB, GIB = 2**20, 2**30


class ModelSize(NamedTuple):
    """Numbers of weights."""

    own: int  # in the row's own checkpoint
    shared: int  # in the frozen backbones that it uses

    @property
    def total(self) -> int:
        """Weights of its own and of the backbones that it uses."""
        return self.own + self.shared

    @property
    def shipped_mib(self) -> float:
        """Size of its own checkpoint in half precision, without the shared backbones, in MiB."""
        return HALF * self.own / MIB


def count_weights(row: SystemConfig, scale: str) -> ModelSize:
    """Count a row's weights on the "meta" device, without memory; rows made of others contain each of them once."""
    members = [SYSTEMS[name] for name, _ in row.members] or ([SYSTEMS[row.export_of]] if row.export_of else [])
    if members:
        parts = [count_weights(member, scale) for member in members]
        features = {name for member in members for name in member.features if not _holds_backbones(member, scale)}
        return ModelSize(sum(part.own for part in parts), count_used_parameters(build_meta_backbones(scale), features))
    with torch.device("meta"):
        if _holds_backbones(row, scale):
            return ModelSize(build_compact_hybrid(build_compact_tokenizer([]), seed=0).parameter_count, 0)
        backbones = build_meta_backbones(scale)
        clip = FineTunedClip(backbones.config.clip, backbones.prompts) if row.own_clip else None
        own = System(row, scale, backbones.widths, clip).parameter_count
    return ModelSize(own, 0 if row.own_clip else count_used_parameters(backbones, row.features))


def estimate_published_gib(row: SystemConfig) -> float:
    """Estimate the file size of a full-size row in GiB, as published: weights in float32 and Adam's moments."""
    own, shared = count_weights(row, "full")
    trained = own
    if row.published.trained_clip and not row.own_clip:
        trained += count_used_parameters(
            build_meta_backbones("full"), [name for name in row.features if name.startswith("clip")]
        )
    return (FLOAT * (own + shared) + MOMENTS * trained) / GIB


@cache
def build_meta_backbones(scale: str) -> Backbones:
    """Build the backbones at a scale on the "meta" device, without memory."""
    tokenizer = build_compact_tokenizer([])
    with torch.device("meta"):
        if scale == "compact":
            return build_compact_backbones(tokenizer, seed=0)
        config = BackbonesConfig(CLIPConfig().to_dict(), Kosmos2Config().to_dict())
        return Backbones(config, PromptEncoder(tokenizer, tokenizer, config.prompt_length))


def _holds_backbones(row: SystemConfig, scale: str) -> bool:
    """Return whether a row's checkpoint contains its backbones: only the compact hybrid's does."""
    return row.name == "hybrid" and scale == "compact"
