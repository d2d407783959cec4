"""Small models and made-up demonstrations for the tests of policies."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from policies.dataset import Demonstration, FrameCaption, SceneRef, SeenObject

COLOURS = {"red": (215, 30, 25), "blue": (30, 75, 215), "green": (30, 160, 50), "yellow": (240, 215, 25)}


def make_demonstration(number: int, *, frames: int = 12, seed: int = 1000) -> Demonstration:
    """Two coloured squares drift over grey; the action points to the one that the instruction names."""
    rng = np.random.default_rng([seed, number])
    named, other = (str(name) for name in rng.permutation(sorted(COLOURS))[:2])
    pixels = np.full((frames, 224, 224, 3), 150, np.uint8)
    actions = np.zeros((frames, 3), np.float32)
    left = {named: int(rng.integers(10, 80)), other: int(rng.integers(120, 190))}
    captions = []
    for k in range(frames):
        seen = []
        for colour, x in left.items():
            pixels[k, 90:114, x + k : x + k + 24] = COLOURS[colour]
            seen.append(SeenObject(f"{colour} ball", ((x + k) / 224, 90 / 224, (x + k + 24) / 224, 114 / 224)))
        actions[k] = (0.9, (100 - left[named] - k) / 112, 0.0)
        captions.append(FrameCaption(k, tuple(seen)))
    return Demonstration(
        scene=SceneRef("corridor", seed, number),
        instruction=f"drive down the corridor to the {named} ball",
        success=True,
        source="expert",
        pixels=pixels,
        agent_pos=np.zeros((frames, 6), np.float32),
        actions=actions,
        executed=actions,
        captions=tuple(captions),
    )


@pytest.fixture(scope="session")
def demonstration() -> Callable[..., Demonstration]:
    return make_demonstration


@pytest.fixture(scope="session")
def hybrid():
    """A compact hybrid with fresh weights; tests leave it as it is."""
    import torch

    from policies.backbones.compact import build_compact_tokenizer
    from policies.hybrid.build import build_compact_hybrid

    torch.set_num_threads(1)
    return build_compact_hybrid(build_compact_tokenizer(["drive down the corridor to the red ball"]), seed=0).eval()
