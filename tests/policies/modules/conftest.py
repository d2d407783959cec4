"""A tiny one of every block, and the ways to feed it that the tests share."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest
import torch
from torch import nn

from policies.modules.heads.claw_head import ClawHead
from policies.modules.heads.claw_matrix import ClawMatrix
from policies.modules.heads.head import ActionMLP, Head
from policies.modules.heads.hybrid_head import HybridHead
from policies.modules.heads.lstm_head import LSTMHead
from policies.modules.heads.mlp_head import MLPHead
from policies.modules.heads.robovlms_head import RoboVLMsHead
from policies.modules.layers.attention import CrossAttention, FeedForward
from policies.modules.layers.clip_normalization import ClipNormalization
from policies.modules.layers.distance_embedding import DistanceEmbedding
from policies.modules.layers.hierarchical_planner import HierarchicalPlanner
from policies.modules.layers.resampler import VisionResampler
from policies.modules.layers.standardization import Standardization

SEEN = 12  # channels of what blocks are fed


class Example(NamedTuple):
    """How to build a tiny block, and the shapes, of one sample, that it takes."""

    build: Callable[[], nn.Module]
    takes: tuple[tuple[int, ...], ...]


FRAMES = ((6, SEEN),)  # what heads take: 6 frames
HEADS = {
    "mlp": Example(lambda: MLPHead(SEEN, hidden=(8,), axes=2), FRAMES),
    "lstm": Example(lambda: LSTMHead(SEEN, width=8, layers=2, hidden=(8,), axes=3), FRAMES),
    "hybrid": Example(lambda: HybridHead(SEEN, project=8, width=8, layers=2, hidden=(8, 6), axes=3, chunk=2), FRAMES),
    "robovlms": Example(lambda: RoboVLMsHead(SEEN, width=8, layers=2, hidden=(8,), axes=3, window=3, chunk=4), FRAMES),
    "claw of single frames": Example(
        lambda: ClawHead(8, 4, width=8, heads=2, window=1, hidden=(8,), axes=3, chunk=1, planner=False), FRAMES
    ),
    "claw with tokens and a plan": Example(
        lambda: ClawHead(
            4,
            2,
            vision_tokens=2,
            language_tokens=2,
            width=8,
            heads=2,
            window=3,
            axes=2,
            chunk=12,
            planner=True,
            distances=3,
        ),
        FRAMES,
    ),
}
LAYERS = {
    "action mlp": Example(lambda: ActionMLP(SEEN, hidden=(8,), axes=2, chunk=3), ((SEEN,),)),
    "attention": Example(lambda: CrossAttention(8, heads=2), ((3, 8), (5, 8))),
    "attention over one key": Example(lambda: CrossAttention(8, heads=2), ((3, 8), (1, 8))),
    "feed-forward": Example(lambda: FeedForward(8), ((3, 8),)),
    "claw matrix": Example(
        lambda: ClawMatrix(vision=6, language=5, action=4, width=8, heads=2), ((4, 6), (3, 5), (2, 4))
    ),
    "hierarchy": Example(lambda: HierarchicalPlanner(SEEN, width=8, axes=3, heads=2), ((SEEN,),)),
    "distance": Example(lambda: DistanceEmbedding(SEEN, width=8), ((SEEN,),)),
    "resampler": Example(lambda: VisionResampler(8, queries=6, heads=2, keep=4), ((5, 8),)),
    "clip normalization": Example(lambda: ClipNormalization(8), ((8,),)),
    "standardization": Example(lambda: Standardization(8), ((8,),)),
}


def _fed(block: nn.Module, inputs: tuple[torch.Tensor, ...]) -> torch.Tensor:
    """What a block answers, a row per sample; heads are driven in two halves, so that their states count as well."""
    if not isinstance(block, Head):
        return block(*inputs)
    (frames,) = inputs
    half = frames.shape[1] // 2
    first = block(frames[:, :half], block.initial_state(len(frames)))
    second = block(frames[:, half:], first.state)
    return torch.cat([part.flatten(1) for part in (first.actions, second.actions, second.state)], dim=1)


@pytest.fixture(scope="session")
def feed() -> Callable[..., torch.Tensor]:
    return _fed


@pytest.fixture(params=[*HEADS, *LAYERS])
def example(request: pytest.FixtureRequest) -> Example:
    """Each block in turn."""
    return (HEADS | LAYERS)[request.param]


@pytest.fixture(params=HEADS)
def head(request: pytest.FixtureRequest) -> Head:
    """Each head in turn, with fresh weights."""
    torch.manual_seed(0)
    return HEADS[request.param].build()


@pytest.fixture(autouse=True)
def _repeatable() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)


@pytest.fixture(scope="session")
def built_blocks() -> set[type[nn.Module]]:
    """The kinds of block that ``example`` goes through."""
    return {type(each.build()) for each in (HEADS | LAYERS).values()}
