"""Quantization of stored weights: 32 bits, 16 bits, or 8-bit matrices with a scale per channel.

The graph always computes in 32 bits: the runtime converts smaller weights to floats once.
"""

from __future__ import annotations

import numpy as np
import onnx_ir as ir

from policies.export.graph_edits import get_constant_array, get_shape, make_constant

PRECISIONS = ("fp32", "fp16", "int8")
FEWEST = 8  # entries: smaller constants stay as they are
FEWEST_QUANTISED = 1024

CHANNELS = {  # axis with one scale per index, by the operator and the input that is the matrix
    ("MatMul", 1): 1,
    ("Gemm", 1): 1,
    ("Conv", 1): 0,
    ("Gather", 0): 0,
    ("GRU", 1): 1,
    ("GRU", 2): 1,
    ("LSTM", 1): 1,
    ("LSTM", 2): 1,
}


def quantise_weights(graph: ir.Graph, precision: str) -> None:
    """Store a graph's constants in a precision.

    Constants that 16 bits can't represent exactly stay in 32 bits: they were computed, whereas weights were rounded
    before.
    """
    for value in list(graph.initializers.values()):
        array = get_constant_array(value)
        if array is None or array.dtype != np.float32 or array.size < FEWEST:
            continue
        levels = np.unique(array)
        axis = _scale_axis(value)
        if len(levels) == 2:
            _store_two_levels(graph, value, array, levels)
        elif precision == "int8" and axis is not None and array.size >= FEWEST_QUANTISED:
            _store_int8(graph, value, array, axis)
        elif precision != "fp32" and np.array_equal(array, array.astype(np.float16).astype(np.float32)):
            half = make_constant(graph, f"{value.name}.half", array.astype(np.float16))
            _replace_constant(graph, value, "Cast", [half], {"to": ir.DataType.FLOAT.value})


def _store_two_levels(graph: ir.Graph, value: ir.Value, array: np.ndarray, levels: np.ndarray) -> None:
    """Store a constant of two distinct numbers as a mask."""
    low, high = (make_constant(graph, "level", level) for level in levels)
    _replace_constant(
        graph, value, "Where", [make_constant(graph, f"{value.name}.mask", array == levels[1]), high, low], {}
    )


def _store_int8(graph: ir.Graph, value: ir.Value, array: np.ndarray, axis: int) -> None:
    others = tuple(other for other in range(array.ndim) if other != axis)
    scale = np.abs(array).max(axis=others) / 127.0
    scale = np.where(scale > 0.0, scale, 1.0).astype(np.float32)
    along = scale.reshape([-1 if at == axis else 1 for at in range(array.ndim)])
    rounded = np.clip(np.rint(array / along), -127, 127).astype(np.int8)
    inputs = [make_constant(graph, f"{value.name}.int8", rounded), make_constant(graph, f"{value.name}.scale", scale)]
    _replace_constant(graph, value, "DequantizeLinear", inputs, {"axis": axis})


def _scale_axis(value: ir.Value) -> int | None:
    """Return the axis along which a matrix's scales vary; None if it isn't used as a matrix."""
    axes = {CHANNELS.get((use.node.op_type, use.idx)) for use in value.uses()}
    axis = axes.pop() if len(axes) == 1 else None
    return axis if axis is not None and len(get_shape(value)) > axis else None


def _replace_constant(
    graph: ir.Graph, value: ir.Value, operator: str, inputs: list[ir.Value], attributes: dict[str, int]
) -> None:
    """Replace a constant by the output of a new node."""
    made = ir.Value(shape=value.shape, type=value.type)
    graph.insert_before(graph[0], ir.node(operator, inputs, attributes, outputs=[made]))
    value.replace_all_uses_with(made)
    del graph.initializers[value.name or ""]
