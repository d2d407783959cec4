from __future__ import annotations

import base64
import zlib
from collections.abc import Callable

import numpy as np
import onnx
import pytest

from policies.onnx import metadata, validation
from policies.registry import make_policy
from scenarios.common.errors import InputError

pytestmark = pytest.mark.slow  # needs an exported file


def _external(model: onnx.ModelProto) -> None:
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")


def _external_in_an_attribute(model: onnx.ModelProto) -> None:
    tensor = onnx.numpy_helper.from_array(np.zeros(3, np.float32), "inner")
    tensor.external_data.add(key="location", value="../weights.bin")
    model.graph.node.insert(0, onnx.helper.make_node("Constant", [], ["inner"], value=tensor))


def _sparse(model: onnx.ModelProto) -> None:
    values = onnx.numpy_helper.from_array(np.ones(1, np.float32), "few")
    indices = onnx.numpy_helper.from_array(np.zeros(1, np.int64), "places")
    model.graph.sparse_initializer.append(onnx.helper.make_sparse_tensor(values, indices, [8]))


def _custom_operator(model: onnx.ModelProto) -> None:
    model.graph.node[-1].domain = "com.example"


def _custom_domain(model: onnx.ModelProto) -> None:
    model.opset_import.add(domain="com.microsoft", version=1)


def _function(model: onnx.ModelProto) -> None:
    model.functions.add(name="mine", domain="")


def _unknown_operator(model: onnx.ModelProto) -> None:
    model.graph.node[-1].op_type = "Sideways"


def _cut_weights(model: onnx.ModelProto) -> None:
    tensor = max(model.graph.initializer, key=lambda tensor: len(tensor.raw_data))
    tensor.raw_data = tensor.raw_data[:10]


def _other_input(model: onnx.ModelProto) -> None:
    model.graph.input.add().CopyFrom(onnx.helper.make_tensor_value_info("speed", onnx.TensorProto.FLOAT, [1]))


def _any_batch(model: onnx.ModelProto) -> None:
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_param = "n"


def _no_metadata(model: onnx.ModelProto) -> None:
    model.ClearField("metadata_props")


def _metadata(key: str, value: str) -> Callable[[onnx.ModelProto], None]:
    def spoil(model: onnx.ModelProto) -> None:
        next(entry for entry in model.metadata_props if entry.key == key).value = value

    return spoil


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_external, "is in another file"),
        (_external_in_an_attribute, "is in another file"),
        (_sparse, "sparse"),
        (_custom_operator, "domain 'com.example'"),
        (_custom_domain, "domain 'com.microsoft'"),
        (_function, "functions"),
        (_unknown_operator, "Sideways"),
        (_cut_weights, "is not an ONNX policy"),
        (_other_input, "its inputs must be pixels"),
        (_any_batch, "'pixels' isn't constant"),
        (_no_metadata, "no metadata"),
        (_metadata(metadata.METADATA_KEY, '{"schema": 2}'), "'schema' must be 1"),
        (_metadata(metadata.METADATA_KEY, "[]"), "can't be read"),
        (_metadata(metadata.TOKENIZER, "????"), "can't be read"),
        (_metadata(metadata.TOKENIZER, base64.b85encode(zlib.compress(b'{"model": 3}')).decode()), "tokenizer"),
    ],
)
def test_a_file_with_anything_but_a_plain_policy_is_refused_in_one_sentence(model, tmp_path, spoil, reason) -> None:
    spoil(model)
    path = tmp_path / "spoilt.onnx"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(InputError, match=reason) as caught:
        make_policy(str(path))
    assert "is not an ONNX policy" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"not a model", bytes(range(256)) * 40])
def test_what_is_no_model_is_refused_in_one_sentence(tmp_path, content) -> None:
    path = tmp_path / "noise.onnx"
    path.write_bytes(content)
    with pytest.raises(InputError, match="is not an ONNX policy"):
        make_policy(str(path))


def test_a_file_cut_short_is_refused(file, tmp_path) -> None:
    path = tmp_path / "short.onnx"
    path.write_bytes(file.read_bytes()[:-1000])
    with pytest.raises(InputError, match="is not an ONNX policy"):
        make_policy(str(path))


def test_a_file_that_is_too_large_is_not_even_read(file, monkeypatch) -> None:
    monkeypatch.setattr(validation, "LARGEST_BYTES", 1000)
    with pytest.raises(InputError, match="at most 1000 are allowed"):
        make_policy(str(file))


def test_a_tokenizer_that_would_inflate_without_end_is_refused(model, monkeypatch) -> None:
    monkeypatch.setattr(metadata, "LARGEST_TOKENIZER", 1000)
    with pytest.raises(ValueError, match="more than 1000 bytes"):
        metadata.decode_metadata({entry.key: entry.value for entry in model.metadata_props}, "test")


def test_a_file_that_is_not_there_is_bad_input() -> None:
    with pytest.raises(InputError):
        make_policy("no/such/file.onnx")
