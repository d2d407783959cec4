"""Graph pass that removes the batch axis of size 1 from inner values: (1, t, c) becomes (t, c).

A matrix product with its bias is then a plain ``Gemm``, for which runtimes have their fastest kernels.
"""

from __future__ import annotations

import onnx_ir as ir

from policies.export.graph_edits import (
    get_attribute,
    get_constant_array,
    get_shape,
    insert_node,
    insert_reshape,
    prune_graph,
    replace_node,
)

ELEMENTWISE = frozenset({"Add", "Sub", "Mul", "Div", "Gelu", "Sigmoid", "Tanh", "Relu", "Erf"})
ROWWISE = ELEMENTWISE | {"LayerNormalization", "MatMul", "Concat"}


def squeeze_batch(graph: ir.Graph) -> None:
    """Replace row-wise operations on (1, t, c) values by operations on (t, c) matrices."""
    for node in list(graph):
        if node.op_type in ROWWISE and _is_batch_of_one(node):
            _squeeze_node(node)
    cancel_reshapes(graph)


def _is_batch_of_one(node: ir.Node) -> bool:
    """Return whether a node's output is (1, t, c) and can be computed without its first axis."""
    if len(node.outputs) != 1 or len(get_shape(node.outputs[0])) != 3 or get_shape(node.outputs[0])[0] != 1:
        return False
    if node.op_type == "MatMul":
        return len(get_shape(node.inputs[1])) == 2
    if node.op_type == "Concat":
        return get_attribute(node, "axis", 0) != 0
    return True


def _squeeze_node(node: ir.Node) -> None:
    inputs = [
        insert_reshape(node, value, get_shape(value)[1:]) if value is not None and len(get_shape(value)) == 3 else value
        for value in node.inputs
    ]
    attributes = {name: entry.value for name, entry in node.attributes.items()}
    if node.op_type == "Concat" and attributes["axis"] > 0:
        attributes["axis"] -= 1
    shape = get_shape(node.outputs[0])
    (rows,) = insert_node(node, node.op_type, inputs, [shape[1:]], attributes)
    replace_node(node, [insert_reshape(node, rows, shape)])


def cancel_reshapes(graph: ir.Graph) -> None:
    """Merge consecutive reshapes into the last one, and remove those that don't change the shape."""
    for node in list(graph):
        if node.op_type != "Reshape":
            continue
        source = node.inputs[0]
        while source is not None and (maker := source.producer()) is not None and maker.op_type == "Reshape":
            source = maker.inputs[0]
        if source is None:
            continue
        if get_shape(source) == get_shape(node.outputs[0]) and not node.outputs[0].is_graph_output():
            replace_node(node, [source])
        else:
            node.replace_input_with(0, source)
    prune_graph(graph)


def fuse_bias(graph: ir.Graph) -> None:
    """Fuse a matrix product and the addition of a constant row into one ``Gemm``."""
    for node in list(graph):
        if node.op_type != "Add":
            continue
        for product, bias in (node.inputs, node.inputs[::-1]):
            maker = None if product is None else product.producer()
            if (
                product is not None
                and maker is not None
                and maker.op_type == "MatMul"
                and len(product.uses()) == 1
                and len(get_shape(product)) == 2
                and get_constant_array(maker.inputs[1]) is not None
                and get_constant_array(bias) is not None
                and get_shape(bias) == get_shape(product)[1:]
            ):
                replace_node(node, insert_node(node, "Gemm", [*maker.inputs, bias], [get_shape(product)]))
                break
    prune_graph(graph)
