from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import onnx
import onnx_ir as ir
import pytest

from policies.export.batch_squeeze import cancel_reshapes, fuse_bias, squeeze_batch
from policies.export.row_selection import push_down_row_selection
from policies.onnx.session import create_session

TOKENS, WIDTH, WIDE = 5, 8, 12


def _weights(*shape: int) -> np.ndarray:
    return np.random.default_rng(shape).standard_normal(shape).astype(np.float32)


def _layer(rows: bool) -> onnx.ModelProto:
    """x + f(norm(x)), all rows or the one at ``last``."""
    make, number = onnx.helper.make_node, onnx.numpy_helper.from_array
    nodes = [
        make("LayerNormalization", ["x", "scale", "shift"], ["n"]),
        make("MatMul", ["n", "w1"], ["h1"]),
        make("Add", ["h1", "b1"], ["h"]),
        make("Gelu", ["h"], ["g"]),
        make("MatMul", ["g", "w2"], ["o1"]),
        make("Add", ["b2", "o1"], ["o"]),
        make("Add", ["x", "o"], ["y" if rows else "all"]),
    ]
    inputs = [onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1, TOKENS, WIDTH])]
    shape: list[int] = [1, TOKENS, WIDTH]
    if not rows:
        nodes += [
            make("Unsqueeze", ["last", "one"], ["place"]),
            make("Concat", ["zero", "place"], ["index"], axis=1),
            make("GatherND", ["all", "index"], ["y"]),
        ]
        inputs.append(onnx.helper.make_tensor_value_info("last", onnx.TensorProto.INT64, [1]))
        shape = [1, WIDTH]
    constants = {
        "scale": _weights(WIDTH),
        "shift": _weights(WIDTH) + 1,
        "w1": _weights(WIDTH, WIDE),
        "b1": _weights(WIDE),
        "w2": _weights(WIDE, WIDTH),
        "b2": _weights(WIDTH),
        "zero": np.zeros((1, 1), np.int64),
        "one": np.array([1]),
    }
    output = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, shape)
    tensors = [number(array, name) for name, array in constants.items()]
    graph = onnx.helper.make_graph(nodes, "layer", inputs, [output], tensors)
    opset = onnx.helper.make_opsetid("", 20)
    return onnx.shape_inference.infer_shapes(onnx.helper.make_model(graph, opset_imports=[opset], ir_version=10))


def _changed(model: onnx.ModelProto, *passes: Callable[[ir.Graph], None]) -> onnx.ModelProto:
    held = ir.from_proto(model)
    for change in passes:
        change(held.graph)
    proto = ir.to_proto(held)
    onnx.checker.check_model(proto, full_check=True)
    return proto


def _run(model: onnx.ModelProto, **inputs: np.ndarray) -> np.ndarray:
    answer: np.ndarray = create_session(model, "cpu").run(["y"], inputs)[0]
    return answer


def test_rows_are_computed_as_matrices_with_the_bias_in_the_product() -> None:
    model, x = _layer(rows=True), _weights(1, TOKENS, WIDTH)
    changed = _changed(model, squeeze_batch, fuse_bias)
    operators = Counter(node.op_type for node in changed.graph.node)
    assert operators.pop("Reshape") <= 3  # the input's, once for each of its two uses, and the output's
    assert operators == {"LayerNormalization": 1, "Gemm": 2, "Gelu": 1, "Add": 1}
    assert np.allclose(_run(changed, x=x), _run(model, x=x), atol=1e-6)


@pytest.mark.parametrize("last", [0, 3, 4])
def test_one_row_is_selected_before_the_layer_and_comes_to_the_same(last) -> None:
    model, x = _layer(rows=False), _weights(1, TOKENS, WIDTH)
    changed = _changed(model, squeeze_batch, push_down_row_selection, cancel_reshapes, fuse_bias)
    shapes = {
        value.name: [size.dim_value for size in value.type.tensor_type.shape.dim] for value in changed.graph.value_info
    }
    products = [node for node in changed.graph.node if node.op_type == "Gemm"]
    assert [shapes[node.output[0]] for node in products] == [[1, WIDE], [1, WIDTH]]
    given = {"x": x, "last": np.array([last])}
    assert np.allclose(_run(changed, **given), _run(model, **given), atol=1e-6)


def test_rows_that_others_need_stay() -> None:
    model, x = _layer(rows=False), _weights(1, TOKENS, WIDTH)
    extra = onnx.helper.make_tensor_value_info("g", onnx.TensorProto.FLOAT, [1, TOKENS, WIDE])
    model.graph.output.append(extra)
    changed = _changed(model, push_down_row_selection)
    session = create_session(changed, "cpu")
    given = {"x": x, "last": np.array([2])}
    for one, other in zip(
        session.run(["y", "g"], given), create_session(model, "cpu").run(["y", "g"], given), strict=True
    ):
        assert np.allclose(one, other, atol=1e-6)
