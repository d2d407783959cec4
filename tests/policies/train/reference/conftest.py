"""A small reference network that knows the words of the made-up demonstrations."""

from __future__ import annotations

import pytest

from policies.reference.network import ReferenceConfig, build_reference
from policies.reference.words import collect_vocabulary
from policies.train.data.frame_store import collect_texts
from policies.train.reference.batches import ReferenceData
from policies.train.reference.recipe import ReferenceBatches

SHAPE = {"stem": (4, 8, 8), "width": 24, "heads": 2, "text_blocks": 1, "blocks": (1, 1), "places": 2}


@pytest.fixture
def make_network(data):
    """Build a small network with fresh weights."""

    def make(words=None, seed: int = 1000):
        words = words or collect_vocabulary(collect_texts(data.train))
        return build_reference(ReferenceConfig(words, fused=32, memory=16, hidden=(16, 16), **SHAPE), seed)

    return make


@pytest.fixture
def recordings(data) -> ReferenceData:
    return ReferenceData.from_stores(data.train)


@pytest.fixture
def options() -> ReferenceBatches:
    return ReferenceBatches(windows=(4, 8), frames_per_batch=16, steps=3)
