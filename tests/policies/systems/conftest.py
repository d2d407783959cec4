"""Fresh compact systems on shared backbones; tests leave them as they are."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
import torch

from policies.backbones.backbones import Backbones
from policies.backbones.compact import build_compact_backbones, build_compact_tokenizer
from policies.policy import ObservationBatch
from policies.systems.backbone_sources import freeze_backbones
from policies.systems.network import System, build_system
from policies.systems.policy import SystemPolicy
from policies.systems.table import SYSTEMS

TRAINED = [row.name for row in SYSTEMS.values() if row.head is not None]
INSTRUCTIONS = ("drive to the red ball", "go to the blue cone", "find the green barrel")


def make_batch(seed: int, slots: int = 3) -> ObservationBatch:
    """Noise in every slot."""
    pixels = np.random.default_rng(seed).integers(0, 256, (slots, 224, 224, 3)).astype(np.uint8)
    return ObservationBatch(pixels, np.zeros((slots, 6), np.float32), np.ones(slots, bool))


@pytest.fixture(scope="session")
def backbones() -> Backbones:
    torch.set_num_threads(1)
    return freeze_backbones(build_compact_backbones(build_compact_tokenizer([]), seed=0))


@pytest.fixture(scope="session")
def system_of(backbones) -> Callable[[str], System]:
    return cache(lambda name: build_system(SYSTEMS[name], backbones))


@pytest.fixture(scope="session")
def policy_of(backbones, system_of) -> Callable[..., SystemPolicy]:
    """A policy with an episode begun in each of 3 slots."""

    def make(name: str) -> SystemPolicy:
        system = system_of(name)
        policy = SystemPolicy(system, system.own_clip or backbones, name)
        policy.reset(range(len(INSTRUCTIONS)), INSTRUCTIONS)
        return policy

    return make


@pytest.fixture(scope="session")
def batch() -> Callable[..., ObservationBatch]:
    return make_batch


@pytest.fixture(scope="session")
def instructions() -> tuple[str, ...]:
    return INSTRUCTIONS


@pytest.fixture(params=TRAINED)
def name(request) -> str:
    """Each row with a network in turn."""
    return str(request.param)
