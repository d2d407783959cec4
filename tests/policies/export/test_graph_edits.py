from __future__ import annotations

import numpy as np
import onnx
import onnx_ir as ir
import pytest

from policies.export.graph_edits import (
    get_attribute,
    get_constant_array,
    get_shape,
    insert_node,
    insert_reshape,
    make_constant,
    prune_graph,
    replace_node,
)

from .layers import TOKENS, WIDE, WIDTH, apply_passes, build_layer, draw_weights, run_model


def _graph() -> ir.Graph:
    return ir.from_proto(build_layer(rows=True)).graph


def _find_node(graph: ir.Graph, operator: str) -> ir.Node:
    return next(node for node in graph if node.op_type == operator)


def _double_gelu(graph: ir.Graph) -> None:
    """Gelu(x) becomes Gelu(x) + Gelu(x)."""
    node = _find_node(graph, "Gelu")
    shape = get_shape(node.outputs[0])
    (once,) = insert_node(node, "Gelu", node.inputs, [shape])
    replace_node(node, insert_node(node, "Add", [once, once], [shape]))


def test_shapes_are_those_of_the_values_and_unknown_ones_are_an_error() -> None:
    node = _find_node(_graph(), "Gelu")
    assert get_shape(node.outputs[0]) == (1, TOKENS, WIDE)
    for value in (None, ir.Value(name="any"), ir.Value(name="free", shape=ir.Shape([1, "n"]))):
        with pytest.raises(ValueError, match="no static shape"):
            get_shape(value)


def test_only_constants_have_an_array() -> None:
    product = _find_node(_graph(), "MatMul")
    assert np.array_equal(get_constant_array(product.inputs[1]), draw_weights(WIDTH, WIDE))
    assert get_constant_array(product.inputs[0]) is None
    assert get_constant_array(None) is None


def test_an_attribute_that_is_not_set_has_its_default() -> None:
    node = ir.node("Softmax", [ir.Value(name="x")], {"axis": 1})
    assert (get_attribute(node, "axis", -1), get_attribute(node, "other", -1)) == (1, -1)


def test_constants_of_one_origin_get_names_of_their_own() -> None:
    graph = _graph()
    made = [make_constant(graph, "w1", np.full(3, number, np.float32)) for number in range(3)]
    assert len({value.name for value in made} | {"w1"}) == 4
    for number, value in enumerate(made):
        assert graph.initializers[value.name] is value
        assert get_constant_array(value).tolist() == [number] * 3


def test_a_value_that_has_the_shape_is_not_reshaped() -> None:
    graph = _graph()
    node, before = _find_node(graph, "Gelu"), len(list(graph))
    assert insert_reshape(node, node.inputs[0], (1, TOKENS, WIDE)) is node.inputs[0]
    assert len(list(graph)) == before


def test_constants_are_reshaped_without_a_node_and_others_by_one() -> None:
    graph = _graph()
    node, before = _find_node(graph, "MatMul"), len(list(graph))
    constant = insert_reshape(node, node.inputs[1], (WIDE, WIDTH))
    assert np.array_equal(get_constant_array(constant), draw_weights(WIDTH, WIDE).reshape(WIDE, WIDTH))
    assert len(list(graph)) == before
    moved = insert_reshape(node, node.inputs[0], (TOKENS, WIDTH))
    assert (moved.producer().op_type, get_shape(moved)) == ("Reshape", (TOKENS, WIDTH))
    assert len(list(graph)) == before + 1


def test_a_replaced_node_is_gone_and_its_users_take_the_new_value() -> None:
    changed = apply_passes(build_layer(rows=True), _double_gelu)
    operators = [node.op_type for node in changed.graph.node]
    assert operators.count("Gelu") == 1
    assert operators.index("Gelu") < len(operators) - 1 - operators[::-1].index("Add")
    gelu = next(node for node in changed.graph.node if node.op_type == "Gelu")
    doubled = next(node for node in changed.graph.node if list(node.input) == [gelu.output[0]] * 2)
    assert any(doubled.output[0] in node.input for node in changed.graph.node if node.op_type == "MatMul")


def test_replacing_the_node_of_an_output_keeps_the_outputs_name_and_values() -> None:
    def swap(graph: ir.Graph) -> None:
        last = next(node for node in graph if node.outputs[0].is_graph_output())
        replace_node(last, insert_node(last, "Add", last.inputs[::-1], [get_shape(last.outputs[0])]))

    model, x = build_layer(rows=True), draw_weights(1, TOKENS, WIDTH)
    changed = apply_passes(model, swap)
    assert [value.name for value in changed.graph.output] == ["y"]
    assert np.allclose(run_model(changed, x=x), run_model(model, x=x), atol=1e-6)


def test_pruning_removes_chains_that_nobody_uses_and_nothing_else() -> None:
    model, x = build_layer(rows=True), draw_weights(1, TOKENS, WIDTH)
    before = [node.op_type for node in model.graph.node]
    for number, source in enumerate(("g", "idle0")):
        model.graph.node.insert(0, onnx.helper.make_node("Relu", [source], [f"idle{number}"]))
    held = ir.from_proto(model)
    prune_graph(held.graph)
    pruned = ir.to_proto(held)
    onnx.checker.check_model(pruned, full_check=True)
    assert sorted(node.op_type for node in pruned.graph.node) == sorted(before)
    assert np.allclose(run_model(pruned, x=x), run_model(build_layer(rows=True), x=x), atol=1e-6)


def test_a_node_outside_of_a_graph_cannot_be_replaced() -> None:
    value = ir.Value(name="x", shape=ir.Shape([2]))
    node = ir.node("Relu", [value], outputs=[ir.Value(name="y", shape=ir.Shape([2]))])
    with pytest.raises(ValueError, match="is not in a graph"):
        replace_node(node, [value])
