"""What comes with the package: every published system drives, and the exported file is the network it was made of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from policies.export.adapters import load_exportable
from policies.export.parity import INSTRUCTIONS, draw_frame, measure_parity
from policies.names.shipped import TRAINED_REFERENCES
from policies.policy import ObservationBatch, Policy, ShareablePolicy
from policies.registry import CHECKPOINTS, make_policy
from policies.systems.table import PUBLISHED, SYSTEMS
from scenarios.common.errors import InputError

MB, MIB = 10**6, 2**20

DEAF = {
    "mobile-vla",
    "first-frame",
    "wordless",
}  # no text reaches the first's head, as published; of the next see below
BLIND = {"first-frame"}  # it has learnt zeros


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_system_answers_by_what_it_sees_and_is_told(name) -> None:
    policy = make_policy(name)
    assert policy.spec.name == name
    assert isinstance(policy, ShareablePolicy)
    frames = [draw_frame(policy.spec.image_size, number, 0) for number in range(4)]
    seen = _answers(policy, frames, [INSTRUCTIONS[0]] * len(frames))
    told = _answers(policy, [frames[0]] * len(INSTRUCTIONS), INSTRUCTIONS)
    for answers in (seen, told):
        assert np.abs(answers).max() <= 1.0
    assert (np.ptp(seen, axis=0).max() > 0.05) == (name not in BLIND)
    assert (np.ptp(told, axis=0).max() > 0.05) == (name not in DEAF)


@pytest.mark.parametrize("name", ["wordless", *TRAINED_REFERENCES])
def test_a_missing_checkpoint_says_how_to_train_it(name, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("policies.names.shipped.CHECKPOINTS", tmp_path)
    with pytest.raises(InputError, match=r"run 'python .*train"):
        make_policy(name)


def _answers(policy: Policy, frames: Sequence[np.ndarray], instructions: Sequence[str]) -> np.ndarray:
    """What a policy does, (n, 3), where each of n robots sees one frame twice."""
    policy.reset(range(len(frames)), instructions)
    batch = ObservationBatch(np.stack(frames), np.zeros((len(frames), 6), np.float32), np.ones(len(frames), bool))
    for _ in range(2):
        answer = policy.act(batch)
    assert answer.shape == (len(frames), 3)
    return answer


def test_the_exported_hybrid_is_small_and_answers_as_pytorch_does() -> None:
    file = CHECKPOINTS / "hybrid-onnx" / "hybrid.onnx"
    assert file.stat().st_size <= 3.30 * MB
    assert measure_parity(file, load_exportable("hybrid"), frames=8).mae <= 0.0005


def test_checkpoints_stay_small() -> None:
    files = [path for path in CHECKPOINTS.rglob("*") if path.is_file()]
    assert {path.parent.name for path in files} == {
        "backbones",
        "blind",
        "hybrid-onnx",
        *TRAINED_REFERENCES,
        *(row.checkpoint or row.name for row in SYSTEMS.values() if row.head is not None),
    }
    sizes = {path: path.stat().st_size for path in files}
    of_reference = sum(size for path, size in sizes.items() if path.parent.name == "reference")
    assert sum(sizes.values()) - of_reference < 32 * MIB
    assert of_reference < 5.2 * MB
    assert len(PUBLISHED) == 21
