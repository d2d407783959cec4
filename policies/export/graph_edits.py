"""Small edits of an ONNX graph with static shapes, used by the graph passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx_ir as ir


def get_shape(value: ir.Value | None) -> tuple[int, ...]:
    """Return the shape of a value.

    Raises:
        ValueError: A size is unknown or dynamic.
    """
    if value is None or value.shape is None or not value.shape.is_static():
        raise ValueError(f"value {value and value.name!r} has no static shape")
    return value.shape.numpy()


def get_constant_array(value: ir.Value | None) -> np.ndarray | None:
    """Return the array of a constant value; None if it isn't constant."""
    return None if value is None or value.const_value is None else value.const_value.numpy()


def get_attribute(node: ir.Node, name: str, default: Any) -> Any:
    """Return the value of a node's attribute, or ``default`` if it isn't set."""
    return node.attributes[name].value if name in node.attributes else default


def make_constant(graph: ir.Graph, near: str, array: np.ndarray) -> ir.Value:
    """Add a constant to a graph; its name is ``near``, with a number if that is taken."""
    name, number = near, 0
    while name in graph.initializers:
        name, number = f"{near}.{number}", number + 1
    value = ir.Value(name=name, shape=ir.Shape(array.shape), type=ir.TensorType(ir.DataType.from_numpy(array.dtype)))
    value.const_value = ir.tensor(array, name=name)
    graph.register_initializer(value)
    return value


def insert_node(
    before: ir.Node,
    operator: str,
    inputs: Sequence[ir.Value | None],
    shapes: Sequence[tuple[int, ...]],
    attributes: Mapping[str, Any] | None = None,
) -> list[ir.Value]:
    """Insert a new node before another one and return its outputs, with the first input's type and these shapes."""
    first = inputs[0]
    outputs = [ir.Value(shape=ir.Shape(shape), type=first.type if first is not None else None) for shape in shapes]
    before.prepend(ir.node(operator, inputs, attributes or {}, outputs=outputs))
    return outputs


def insert_reshape(before: ir.Node, value: ir.Value, shape: tuple[int, ...]) -> ir.Value:
    """Return a value in another shape, by a ``Reshape`` before a node; constants are reshaped directly."""
    if get_shape(value) == shape:
        return value
    graph, held = _graph(before), get_constant_array(value)
    if held is not None:
        return make_constant(graph, value.name or "constant", held.reshape(shape))
    target = make_constant(graph, "shape", np.array(shape, np.int64))
    return insert_node(before, "Reshape", [value, target], [shape])[0]


def replace_node(node: ir.Node, values: Sequence[ir.Value]) -> None:
    """Replace all uses of a node's outputs by these values, and remove it."""
    for old, new in zip(node.outputs, values, strict=True):
        if old.is_graph_output():
            new.name, old.name = old.name, None
        old.replace_all_uses_with(new, replace_graph_outputs=True)
    _graph(node).remove(node, safe=True)


def prune_graph(graph: ir.Graph) -> None:
    """Sort the nodes topologically, and remove unused ones."""
    graph.sort()
    for node in reversed(graph):
        if not any(value.uses() or value.is_graph_output() for value in node.outputs):
            graph.remove(node, safe=True)


def _graph(node: ir.Node) -> ir.Graph:
    if not isinstance(node.graph, ir.Graph):
        raise ValueError(f"node {node.name!r} is not in a graph")
    return node.graph
