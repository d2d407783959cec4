"""A layer of a transformer as an ONNX model, for graph passes to change."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx
import onnx_ir as ir

from policies.onnx.session import create_session

TOKENS, WIDTH, WIDE = 5, 8, 12


def draw_weights(*shape: int) -> np.ndarray:
    return np.random.default_rng(shape).standard_normal(shape).astype(np.float32)


def build_layer(rows: bool) -> onnx.ModelProto:
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
        "scale": draw_weights(WIDTH),
        "shift": draw_weights(WIDTH) + 1,
        "w1": draw_weights(WIDTH, WIDE),
        "b1": draw_weights(WIDE),
        "w2": draw_weights(WIDE, WIDTH),
        "b2": draw_weights(WIDTH),
        "zero": np.zeros((1, 1), np.int64),
        "one": np.array([1]),
    }
    output = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, shape)
    tensors = [number(array, name) for name, array in constants.items()]
    graph = onnx.helper.make_graph(nodes, "layer", inputs, [output], tensors)
    opset = onnx.helper.make_opsetid("", 20)
    return onnx.shape_inference.infer_shapes(onnx.helper.make_model(graph, opset_imports=[opset], ir_version=10))


def apply_passes(model: onnx.ModelProto, *passes: Callable[[ir.Graph], None]) -> onnx.ModelProto:
    held = ir.from_proto(model)
    for change in passes:
        change(held.graph)
    proto = ir.to_proto(held)
    onnx.checker.check_model(proto, full_check=True)
    return proto


def run_model(model: onnx.ModelProto, **inputs: np.ndarray) -> np.ndarray:
    answer: np.ndarray = create_session(model, "cpu").run(["y"], inputs)[0]
    return answer
