"""Splitting of a graph into a part that depends only on the instruction, run once per episode, and a part per frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import onnx

from policies.onnx.io_spec import INSTRUCTION_INPUTS


class SplitModel(NamedTuple):
    """Two models that together compute the same as the original."""

    episode: onnx.ModelProto | None  # from the words to ``episode_outputs``; None if nothing depends only on the words
    frame: onnx.ModelProto  # from the frame, the state, ``episode_outputs`` and possibly some of the words' inputs
    episode_outputs: tuple[str, ...]  # values that the first passes to the second


def split_by_instruction(model: onnx.ModelProto) -> SplitModel:
    """Split a checked model of one graph without subgraphs."""
    graph = onnx.shape_inference.infer_shapes(model).graph
    moving = {
        value.name: value.name not in INSTRUCTION_INPUTS for value in graph.input
    }  # whether a value depends on the frame
    early: list[onnx.NodeProto] = []
    late: list[onnx.NodeProto] = []
    for node in graph.node:
        known = [moving[name] for name in node.input if name in moving]
        if not known:  # a constant: both may need it
            early.append(node)
            late.append(node)
            continue
        (late if any(known) else early).append(node)
        moving.update(dict.fromkeys(node.output, any(known)))
    inputs = {value.name for value in graph.input}
    outputs = [value.name for value in graph.output]
    wanted = {*(name for node in late for name in node.input), *outputs}
    kept = sorted(name for name in wanted if name in moving and not moving[name] and name not in inputs)
    episode = _model(model, graph, early, [*INSTRUCTION_INPUTS], kept) if kept else None
    return SplitModel(episode, _model(model, graph, late, [*inputs & wanted, *kept], outputs), tuple(kept))


def _model(
    model: onnx.ModelProto,
    graph: onnx.GraphProto,
    nodes: Sequence[onnx.NodeProto],
    inputs: Sequence[str],
    outputs: Sequence[str],
) -> onnx.ModelProto:
    """Build a model of those ``nodes`` that the outputs need."""
    needed, used = set(outputs), []
    for node in reversed(nodes):
        if needed & set(node.output):
            used.append(node)
            needed.update(node.input)
    infos = {value.name: value for value in (*graph.input, *graph.value_info, *graph.output)}
    made = onnx.helper.make_graph(
        used[::-1],
        "part",
        [infos[name] for name in inputs],
        [infos[name] for name in outputs],
        [tensor for tensor in graph.initializer if tensor.name in needed],
    )
    return onnx.helper.make_model(made, opset_imports=model.opset_import, ir_version=model.ir_version)
