from __future__ import annotations

import onnx
import pytest

from policies.export import onnx_file
from policies.export.__main__ import main
from policies.export.adapters import load_exportable
from policies.export.parity import measure_parity
from policies.onnx.validation import check_model
from scenarios.common.errors import InputError


def test_the_file_answers_as_pytorch_does(file, checkpoint) -> None:
    found = measure_parity(file, load_exportable(str(checkpoint)), frames=6)
    assert found.mae < 1e-6
    assert found.largest < 1e-5


def test_the_file_holds_little_more_than_its_weights(file, checkpoint) -> None:
    weights = (checkpoint / "model.safetensors").stat().st_size
    assert file.stat().st_size < weights + 20_000


def test_the_file_is_plain_onnx_and_passes_the_checks(model) -> None:
    check_model(model)
    assert {opset.domain for opset in model.opset_import} == {""}
    assert not any(node.doc_string or node.name for node in model.graph.node)


def test_only_the_last_row_of_the_decoders_last_layer_is_computed(model) -> None:
    shapes = {
        value.name: [size.dim_value for size in value.type.tensor_type.shape.dim]
        for value in onnx.shape_inference.infer_shapes(model).graph.value_info
    }
    gelus = [shapes[node.output[0]] for node in model.graph.node if node.op_type == "Gelu"]
    assert [1, 48] in gelus  # the last layer's, of 48 channels
    assert [28, 48] in gelus  # the first layer's: 4 latents and 24 ids


def test_a_file_that_is_too_far_off_is_not_written(file, model, checkpoint, tmp_path, monkeypatch) -> None:
    out = tmp_path / "far.onnx"
    monkeypatch.setattr(onnx_file, "build_onnx_model", lambda policy, precision: model)
    monkeypatch.setitem(onnx_file.LARGEST_MAE, "fp16", -1.0)
    with pytest.raises(InputError, match="off on average"):
        onnx_file.export_policy(str(checkpoint), out, "fp16")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["no-such-policy"], "unknown policy"),
        (["hybrid", "--out", "model.bin"], "ends in .onnx"),
        (["hybrid", "--out", "no/such/folder/a.onnx"], "in a folder that is there"),
        (["hybrid", "--precision", "fp8"], "known are fp16, fp32, int8"),
    ],
)
def test_bad_input_is_one_sentence(arguments, sentence) -> None:
    with pytest.raises(InputError) as raised:
        main(arguments)
    assert sentence in str(raised.value)
    assert "\n" not in str(raised.value)


def test_another_kind_of_checkpoint_is_bad_input(tmp_path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(InputError, match="another kind of model"):
        load_exportable(str(tmp_path))


def test_a_policy_without_a_network_is_bad_input() -> None:
    with pytest.raises(InputError, match="'straight' can't be exported"):
        load_exportable("straight")
