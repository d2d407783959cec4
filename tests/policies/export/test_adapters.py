"""Every kind of trained policy as a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest

from policies.backbones.text.prompts import PromptEncoder
from policies.export import adapters
from policies.export.adapters import load_exportable
from policies.export.onnx_file import export_policy
from policies.export.parity import measure_parity
from policies.onnx.policy import OnnxPolicy
from policies.policy import ObservationBatch
from policies.registry import make_policy
from policies.systems.ensemble import EnsemblePolicy
from policies.systems.table import SYSTEMS
from scenarios.common.errors import InputError

# One of each kind of head, of features and of window.
KINDS = ("enhanced-norm", "clip-lstm", "mobile-vla", "simple-clip", "hybrid", "robovlms", "optimized-2d", "advanced")


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_a_systems_file_answers_as_pytorch_does(name, systems, tmp_path) -> None:
    out = tmp_path / "system.onnx"
    export_policy(str(systems / name), out, "fp16")
    policy = load_exportable(str(systems / name))
    found = measure_parity(out, policy, frames=SYSTEMS[name].window + 3)
    assert found.largest < 1e-5
    file, network = OnnxPolicy.load(out, name).spec, policy.policy.spec
    assert replace(file, runtime="") == replace(network, runtime="")


def _ensemble(folder: Path, checkpoint: Path) -> EnsemblePolicy:
    members = [make_policy(str(path)) for path in (checkpoint, folder / "mobile-vla", folder / "robovlms")]
    return EnsemblePolicy(members, (0.5, 0.2, 0.3), "trio")


@pytest.mark.slow
def test_an_ensembles_file_answers_as_its_members_mean(systems, checkpoint, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(adapters, "make_policy", lambda name: _ensemble(systems, checkpoint))
    out = tmp_path / "trio.onnx"
    export_policy("trio", out, "fp16")
    assert measure_parity(out, load_exportable("trio"), frames=12).largest < 1e-5


@pytest.mark.slow
def test_members_that_share_backbones_store_them_once(systems, tmp_path, monkeypatch) -> None:
    members = [make_policy(str(systems / name)) for name in ("mobile-vla", "enhanced-norm")]
    monkeypatch.setattr(adapters, "make_policy", lambda name: EnsemblePolicy(members, (0.5, 0.5), "pair"))
    pair, alone = tmp_path / "pair.onnx", tmp_path / "alone.onnx"
    export_policy("pair", pair, "fp16")
    monkeypatch.undo()
    export_policy(str(systems / "enhanced-norm"), alone, "fp16")
    head = sum(weight.numel() for weight in members[0].system.parameters())
    assert pair.stat().st_size < alone.stat().st_size + 2 * head + 10_000


def test_an_ensemble_whose_members_read_words_differently_is_bad_input(systems, checkpoint, monkeypatch) -> None:
    policy = _ensemble(systems, checkpoint)
    network = policy.members[0].model
    monkeypatch.setattr(network, "prompts", PromptEncoder(network.prompts.clip, network.prompts.kosmos2, 20))
    monkeypatch.setattr(adapters, "make_policy", lambda name: policy)
    with pytest.raises(InputError, match="different tokenizers"):
        load_exportable("trio")


@pytest.mark.slow
def test_a_file_of_blended_chunks_carries_its_decay(systems, tmp_path) -> None:
    out = tmp_path / "advanced.onnx"
    export_policy(str(systems / "advanced"), out, "fp16")
    model = onnx.load(out)
    (entry,) = [each for each in model.metadata_props if each.key == "mobile_vla_policy"]
    assert '"blending":0.01' in entry.value
    entry.value = entry.value.replace('"blending":0.01', '"blending":null')
    onnx.save(model, tmp_path / "plain.onnx")
    blended, plain = (OnnxPolicy.load(tmp_path / name, "file") for name in ("advanced.onnx", "plain.onnx"))
    answers = []
    for policy in (blended, plain):
        policy.reset([0], ["go"])
        answers.append([policy.act(frame)[0] for frame in _frames(3)])
    assert np.allclose(answers[0][0], answers[1][0], atol=1e-6)
    assert not np.allclose(answers[0][2], answers[1][2], atol=1e-6)


def _frames(count: int) -> Iterator[ObservationBatch]:
    rng = np.random.default_rng(0)
    for _ in range(count):
        pixels = rng.integers(0, 256, (1, 224, 224, 3)).astype(np.uint8)
        yield ObservationBatch(pixels, np.zeros((1, 6), np.float32), np.ones(1, bool))


def test_another_kind_of_checkpoint_is_bad_input(tmp_path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(InputError, match="another kind of model"):
        load_exportable(str(tmp_path))


def test_a_policy_without_a_network_is_bad_input() -> None:
    with pytest.raises(InputError, match="'straight' can't be exported"):
        load_exportable("straight")
