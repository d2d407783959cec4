from __future__ import annotations

import onnx
import pytest

from policies.onnx.validation import check_model

pytestmark = pytest.mark.slow  # needs an exported file


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
