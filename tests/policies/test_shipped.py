"""What comes with the package: every published system drives, and the exported file is the network it was made of."""

from __future__ import annotations

import numpy as np
import pytest

from policies.onnx.adapters import exportable
from policies.onnx.comparison import INSTRUCTIONS, compare, drawn_frame
from policies.policy import Batch
from policies.registry import CHECKPOINTS, make_policy
from policies.systems.table import PUBLISHED, SYSTEMS

MB, MIB = 10**6, 2**20


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_system_looks_listens_and_answers(name) -> None:
    policy = make_policy(name)
    assert policy.spec.name == name
    policy.reset(range(len(INSTRUCTIONS)), INSTRUCTIONS)
    size = policy.spec.image_size
    for number in range(2):
        pixels = np.stack([drawn_frame(size, slot, number) for slot in range(len(INSTRUCTIONS))])
        answer = policy.act(Batch(pixels, np.zeros((len(pixels), 6), np.float32), np.ones(len(pixels), bool)))
        assert answer.shape == (len(pixels), 3)
        assert np.abs(answer).max() <= 1.0
        if name != "first-frame":  # it has learnt zeros
            assert np.ptp(answer, axis=0).max() > 0.05


def test_the_exported_hybrid_is_small_and_answers_as_pytorch_does() -> None:
    file = CHECKPOINTS / "hybrid-onnx" / "hybrid.onnx"
    assert file.stat().st_size <= 3.30 * MB
    assert compare(file, exportable("hybrid"), frames=8).mae <= 0.0005


def test_all_checkpoints_together_stay_within_30_mib() -> None:
    files = [path for path in CHECKPOINTS.rglob("*") if path.is_file()]
    assert {path.parent.name for path in files} == {
        "backbones",
        "hybrid-onnx",
        *(row.checkpoint or row.name for row in SYSTEMS.values() if row.head is not None),
    }
    assert sum(path.stat().st_size for path in files) < 30 * MIB
    assert len(PUBLISHED) == 21
