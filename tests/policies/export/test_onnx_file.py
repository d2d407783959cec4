from __future__ import annotations

import pytest

from policies.export import onnx_file
from policies.export.adapters import load_exportable
from policies.export.onnx_file import export_policy
from policies.export.parity import measure_parity
from scenarios.common.errors import InputError

pytestmark = pytest.mark.slow  # needs an exported file


def test_the_file_answers_as_pytorch_does(file, checkpoint) -> None:
    found = measure_parity(file, load_exportable(str(checkpoint)), frames=6)
    assert found.mae < 1e-6
    assert found.largest < 1e-5


def test_the_file_holds_little_more_than_its_weights(file, checkpoint) -> None:
    weights = (checkpoint / "model.safetensors").stat().st_size
    assert file.stat().st_size < weights + 20_000


def test_a_file_that_is_too_far_off_is_not_written(file, model, checkpoint, tmp_path, monkeypatch) -> None:
    out = tmp_path / "far.onnx"
    monkeypatch.setattr(onnx_file, "build_onnx_model", lambda policy, precision: model)
    monkeypatch.setitem(onnx_file.LARGEST_MAE, "fp16", -1.0)
    with pytest.raises(InputError, match=r"differ from the network's by .* on average"):
        export_policy(str(checkpoint), out, "fp16")
    assert list(tmp_path.iterdir()) == []
