"""Takes the batch of one out of the inner values: (1, t, c) becomes (t, c).

A matrix product with its bias is then a plain ``Gemm``, which runtimes have their fastest code for.
"""

from __future__ import annotations

import onnx_ir as ir

from policies.export.graph_edits import array_of, attribute, insert, prune, replace, reshaped, shape_of

ELEMENTWISE = frozenset({"Add", "Sub", "Mul", "Div", "Gelu", "Sigmoid", "Tanh", "Relu", "Erf"})
ROWWISE = ELEMENTWISE | {"LayerNormalization", "MatMul", "Concat"}


def flatten(graph: ir.Graph) -> None:
    """Compute row by row on matrices wherever a value's first axis has size 1."""
    for node in list(graph):
        if node.op_type in ROWWISE and _is_batch_of_one(node):
            _flatten(node)
    cancel_reshapes(graph)


def _is_batch_of_one(node: ir.Node) -> bool:
    """Whether a node's answer is (1, t, c), made from such operands and from others that don't vary with t's batch."""
    if len(node.outputs) != 1 or len(shape_of(node.outputs[0])) != 3 or shape_of(node.outputs[0])[0] != 1:
        return False
    if node.op_type == "MatMul":
        return len(shape_of(node.inputs[1])) == 2
    if node.op_type == "Concat":
        return attribute(node, "axis", 0) != 0
    return True


def _flatten(node: ir.Node) -> None:
    inputs = [
        reshaped(node, value, shape_of(value)[1:]) if value is not None and len(shape_of(value)) == 3 else value
        for value in node.inputs
    ]
    attributes = {name: entry.value for name, entry in node.attributes.items()}
    if node.op_type == "Concat" and attributes["axis"] > 0:
        attributes["axis"] -= 1
    shape = shape_of(node.outputs[0])
    (rows,) = insert(node, node.op_type, inputs, [shape[1:]], attributes)
    replace(node, [reshaped(node, rows, shape)])


def cancel_reshapes(graph: ir.Graph) -> None:
    """Of reshapes in a row only the last counts, and none where the shape is what it was."""
    for node in list(graph):
        if node.op_type != "Reshape":
            continue
        source = node.inputs[0]
        while source is not None and (maker := source.producer()) is not None and maker.op_type == "Reshape":
            source = maker.inputs[0]
        if source is None:
            continue
        if shape_of(source) == shape_of(node.outputs[0]) and not node.outputs[0].is_graph_output():
            replace(node, [source])
        else:
            node.replace_input_with(0, source)
    prune(graph)


def fuse_bias(graph: ir.Graph) -> None:
    """A product of matrices and the addition of a constant row become one ``Gemm``."""
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
                and len(shape_of(product)) == 2
                and array_of(maker.inputs[1]) is not None
                and array_of(bias) is not None
                and shape_of(bias) == shape_of(product)[1:]
            ):
                replace(node, insert(node, "Gemm", [*maker.inputs, bias], [shape_of(product)]))
                break
    prune(graph)
