"""Small models and made-up demonstrations for the tests of policies."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from policies.dataset import Demonstration, FrameCaption, SceneRef, SeenObject
from policies.policy import ObservationBatch

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


@pytest.fixture(scope="session")
def systems(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with tiny backbones and a fresh checkpoint of every row that has a network, by its name."""
    import torch

    from .tiny_models import save_tiny_systems

    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("systems")
    save_tiny_systems(folder)
    return folder


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny hybrid's folder; tests leave it as it is."""
    import torch

    from .tiny_models import build_tiny_hybrid

    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("hybrid") / "tiny"
    build_tiny_hybrid().save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def file(checkpoint: Path) -> Path:
    """The tiny hybrid as an ONNX file; tests leave it as it is."""
    from policies.export.onnx_file import export_policy

    out = checkpoint.parent / "tiny.onnx"
    export_policy(str(checkpoint), out, "fp16")
    return out


@pytest.fixture
def model(file: Path):
    """The exported model, for a test to spoil."""
    import onnx

    return onnx.load(file)


@pytest.fixture(scope="session")
def frames() -> Callable[..., ObservationBatch]:
    """A batch of noise, from a seed and a number of slots."""

    def made(seed: int, n: int, live: np.ndarray | None = None) -> ObservationBatch:
        pixels = np.random.default_rng(seed).integers(0, 256, (n, 224, 224, 3)).astype(np.uint8)
        return ObservationBatch(pixels, np.zeros((n, 6), np.float32), np.ones(n, bool) if live is None else live)

    return made
