"""Small ONNX files of others: one product of the flattened inputs, or a sum with a recurrent state."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

FLOAT, BYTE, WORD = TensorProto.FLOAT, TensorProto.UINT8, TensorProto.INT64


def save_graph(path: Path, inputs, outputs, nodes, weights=()) -> Path:
    values = [[helper.make_tensor_value_info(*each) for each in side] for side in (inputs, outputs)]
    held = [numpy_helper.from_array(np.asarray(value, np.float32), name) for name, value in weights]
    graph = helper.make_graph(nodes, "policy", *values, held)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    path.write_bytes(model.SerializeToString())
    return path


def save_camera_policy(path: Path, columns: int = 3, layout: str = "chw", kind: int = FLOAT, batch: int | str = "n"):
    """Mean of each channel times 1, 2, 3, ... in as many columns as asked for: 4 x 6 pixels."""
    shape = (batch, 3, 4, 6) if layout == "chw" else (batch, 4, 6, 3)
    axes = [2, 3] if layout == "chw" else [1, 2]
    nodes = [helper.make_node("Cast", ["camera"], ["floats"], to=FLOAT)]
    nodes += [helper.make_node("ReduceMean", ["floats"], ["means"], axes=axes, keepdims=0)]
    nodes += [helper.make_node("MatMul", ["means", "mix"], ["command"])]
    mix = np.eye(3, columns) * np.arange(1, columns + 1)
    return save_graph(path, [("camera", kind, shape)], [("command", FLOAT, (batch, columns))], nodes, [("mix", mix)])


def save_counter(path: Path, width: int = 3, state: str = "h_in", passed: str = "h_out") -> Path:
    """A state policy that adds its state to a memory, and answers with the memory."""
    nodes = [helper.make_node("Add", ["speed", state], [passed]), helper.make_node("Identity", [passed], ["command"])]
    sizes = (1, width)
    inputs = [("speed", FLOAT, sizes), (state, FLOAT, sizes)]
    return save_graph(path, inputs, [("command", FLOAT, sizes), (passed, FLOAT, sizes)], nodes)
