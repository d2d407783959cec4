"""Graph pass that moves a one-row ``Gather`` upstream, so that only that row is computed.

Only the state at the prompt's last token of a decoder's last layer is used. The pass is exact: a row's values don't
depend on whether other rows are computed.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import onnx_ir as ir

from policies.export.batch_squeeze import ELEMENTWISE
from policies.export.graph_edits import get_attribute, get_shape, insert_node, make_constant, prune_graph, replace_node


def push_down_row_selection(graph: ir.Graph) -> None:
    """Move every selection of one row as far upstream as nothing else needs the other rows."""
    for node in list(graph):
        if node.op_type == "GatherND":
            _simplify(graph, node)
    prune_graph(graph)
    while any(_lift(graph, value) for value in _selected(graph)):
        pass
    prune_graph(graph)


def _simplify(graph: ir.Graph, node: ir.Node) -> None:
    """Replace ``GatherND`` of (0, row) from (1, t, c) by ``Gather`` of the row."""
    rows, indices = node.inputs
    if get_attribute(node, "batch_dims", 0) or get_shape(indices) != (1, 2) or get_shape(rows)[0] != 1 or rows is None:
        return
    last = make_constant(graph, "one", np.array(1, np.int64))
    (row,) = insert_node(node, "Gather", [indices, last], [(1,)], {"axis": 1})
    _, count, *rest = get_shape(rows)
    target = make_constant(graph, "shape", np.array([count, *rest], np.int64))
    (matrix,) = insert_node(node, "Reshape", [rows, target], [(count, *rest)])
    replace_node(node, insert_node(node, "Gather", [matrix, row], [(1, *rest)], {"axis": 0}))


def _selected(graph: ir.Graph) -> Iterator[ir.Value]:
    """Yield the values whose every use is the same selection of one row."""
    seen: set[ir.Value] = set()
    for node in list(graph):
        value = node.inputs[0] if node.op_type == "Gather" else None
        if value is None or value in seen or value.is_graph_output() or value.producer() is None:
            continue
        seen.add(value)
        if len({_selection(use.node) for use in value.uses()}) == 1 and _selection(node) is not None:
            yield value


def _selection(node: ir.Node) -> tuple[ir.Value, int] | None:
    """Return the row that a node selects and the axis; None if it doesn't select one row."""
    if node.op_type != "Gather" or node.inputs[1] is None or get_shape(node.inputs[1]) != (1,):
        return None
    return node.inputs[1], get_attribute(node, "axis", 0) % len(get_shape(node.inputs[0]))


def _lift(graph: ir.Graph, value: ir.Value) -> bool:
    """Move the selections from a value to the inputs of the node that computes it; return whether that was possible."""
    maker, users = value.producer(), [use.node for use in value.uses()]
    found = _selection(users[0])
    if maker is None or found is None or len(maker.outputs) != 1:
        return False
    row, axis = found
    axes = _axes(maker, axis)
    if axes is None:
        return False
    inputs = [
        source if at is None or source is None else _pick(maker, source, row, at)
        for source, at in zip(maker.inputs, axes, strict=True)
    ]
    attributes = {name: entry.value for name, entry in maker.attributes.items()}
    shape = _one(get_shape(value), axis)
    if maker.op_type == "Reshape":
        inputs[1] = make_constant(graph, "shape", np.array(shape, np.int64))
        attributes = {}
    (picked,) = insert_node(maker, maker.op_type, inputs, [shape], attributes)
    for user in users:
        replace_node(user, [picked])
    graph.remove(maker, safe=True)
    return True


def _pick(place: ir.Node, source: ir.Value, row: ir.Value, axis: int) -> ir.Value:
    for use in source.uses():  # another user may already have the same selection
        if _selection(use.node) == (row, axis):
            return use.node.outputs[0]
    return insert_node(place, "Gather", [source, row], [_one(get_shape(source), axis)], {"axis": axis})[0]


def _one(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    return (*shape[:axis], 1, *shape[axis + 1 :])


def _axes(maker: ir.Node, axis: int) -> list[int | None] | None:
    """Return the axis of each operand to select along, for a selection along this axis of the output.

    An operand's axis is None if it needs no selection; the result is None if the selection can't be moved.
    """
    shapes = [get_shape(value) if value is not None else () for value in maker.inputs]
    output = get_shape(maker.outputs[0])
    last = len(output) - 1
    if maker.op_type in ELEMENTWISE:
        return [_aligned(shape, output, axis) for shape in shapes]
    if maker.op_type in ("LayerNormalization", "Softmax"):
        return [axis, *[None] * (len(shapes) - 1)] if axis < get_attribute(maker, "axis", -1) % len(output) else None
    if maker.op_type == "MatMul":
        if axis == last:
            return None
        return [_aligned(shapes[0], output, axis), None if axis == last - 1 else _aligned(shapes[1], output, axis)]
    if maker.op_type == "Transpose":
        return [list(get_attribute(maker, "perm", range(last, -1, -1)))[axis]]
    if maker.op_type == "Reshape":
        return _reshaped(shapes[0], output, axis)
    if maker.op_type == "Attention" and axis == 2 and len(shapes[0]) == 4:  # (n, heads, queries, width)
        mask = [_aligned(shape, (*output[:3], shapes[1][2]), axis) for shape in shapes[3:4]]
        return [2, None, None, *mask] if len(shapes) <= 4 else None
    return None


def _aligned(shape: tuple[int, ...], output: tuple[int, ...], axis: int) -> int | None:
    """Return the axis of an operand that is broadcast to this axis of the output; None if it is constant along it."""
    own = axis - len(output) + len(shape)
    return own if own >= 0 and shape[own] > 1 else None


def _reshaped(source: tuple[int, ...], output: tuple[int, ...], axis: int) -> list[int | None] | None:
    """Return the axis of a reshape's operand with the same size and the same number of entries before it."""
    before = int(np.prod(output[:axis]))
    for own, size in enumerate(source):
        if size == output[axis] and int(np.prod(source[:own])) == before:
            return [own, None]
    return None
