from __future__ import annotations

import numpy as np
import onnx
import onnx_ir as ir
import pytest

from policies.export.quantization import quantise_weights
from policies.onnx.session import create_session

pytestmark = pytest.mark.slow  # needs an exported file

ROWS, WIDTH, WIDE = 3, 32, 48


def _model(weight: np.ndarray, bias: np.ndarray) -> ir.Model:
    node = onnx.helper.make_node("Gemm", ["x", "w", "b"], ["y"])
    graph = onnx.helper.make_graph(
        [node],
        "product",
        [onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [ROWS, WIDTH])],
        [onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [ROWS, WIDE])],
        [onnx.numpy_helper.from_array(weight, "w"), onnx.numpy_helper.from_array(bias, "b")],
    )
    opset = onnx.helper.make_opsetid("", 20)
    return ir.from_proto(onnx.helper.make_model(graph, opset_imports=[opset], ir_version=10))


def _drawn(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal(shape).astype(np.float16).astype(np.float32)


def _stored(weight: np.ndarray, bias: np.ndarray, precision: str) -> onnx.ModelProto:
    model = _model(weight, bias)
    quantise_weights(model.graph, precision)
    proto = ir.to_proto(model)
    onnx.checker.check_model(proto, full_check=True)
    return proto


def _kinds(model: onnx.ModelProto) -> set[str]:
    return {str(onnx.numpy_helper.to_array(tensor).dtype) for tensor in model.graph.initializer}


def test_16_bits_are_exact_for_weights_that_came_from_16_bits() -> None:
    weight, bias, x = _drawn(WIDTH, WIDE), _drawn(WIDE), _drawn(ROWS, WIDTH)
    stored = _stored(weight, bias, "fp16")
    assert _kinds(stored) == {"float16"}
    whole = create_session(ir.to_proto(_model(weight, bias)), "cpu").run(None, {"x": x})[0]
    assert np.array_equal(create_session(stored, "cpu").run(None, {"x": x})[0], whole)


def test_a_computed_constant_that_16_bits_would_round_stays() -> None:
    stored = _stored(_drawn(WIDTH, WIDE), np.sin(np.arange(WIDE, dtype=np.float32)), "fp16")
    assert _kinds(stored) == {"float16", "float32"}


def test_8_bits_round_each_column_by_its_own_scale() -> None:
    weight, bias = _drawn(WIDTH, WIDE), _drawn(WIDE)
    weight[:, 0] *= 1000.0
    stored = _stored(weight, bias, "int8")
    answer = create_session(stored, "cpu").run(None, {"x": np.eye(ROWS, WIDTH, dtype=np.float32)})[0] - bias
    error = np.abs(answer - weight[:ROWS]).max(axis=0)
    assert (error <= np.abs(weight).max(axis=0) / 127.0 / 2.0 + 1e-5).all()
    assert sum(len(tensor.raw_data) for tensor in stored.graph.initializer) < 1.3 * weight.size


def test_a_mask_of_two_levels_is_stored_as_one() -> None:
    mask = np.where(np.arange(WIDTH * WIDE).reshape(WIDTH, WIDE) % 3 == 0, 0.0, -1e9).astype(np.float32)
    stored = _stored(mask, _drawn(WIDE), "fp32")
    assert "bool" in _kinds(stored)
    answer = create_session(stored, "cpu").run(None, {"x": np.eye(ROWS, WIDTH, dtype=np.float32)})[0]
    assert np.allclose(answer, mask[:ROWS] + _drawn(WIDE))


@pytest.mark.parametrize("precision", ["fp32", "fp16", "int8"])
def test_a_column_of_zeros_stays_zero(precision) -> None:
    weight = _drawn(WIDTH, WIDE)
    weight[:, 5] = 0.0
    stored = _stored(weight, _drawn(WIDE), precision)
    answer = create_session(stored, "cpu").run(None, {"x": _drawn(ROWS, WIDTH)})[0]
    assert np.allclose(answer[:, 5], _drawn(WIDE)[5])
