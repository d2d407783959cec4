"""Conversion of a torch module to an ONNX model: tracing, constant folding, graph passes, short names."""

from __future__ import annotations

import contextlib
import copy
import logging
import math
import warnings
from collections.abc import Iterator

import onnx
import onnx_ir as ir
import onnx_ir.passes.common as passes
import torch
from onnxscript.optimizer import fold_constants

from policies.export.adapters import ExportablePolicy
from policies.export.batch_squeeze import cancel_reshapes, fuse_bias, squeeze_batch
from policies.export.graph_edits import get_shape
from policies.export.quantization import quantise_weights
from policies.export.row_selection import push_down_row_selection
from policies.onnx.io_spec import ACTIONS, INPUTS, NEXT_STATE
from policies.onnx.metadata import PolicyMetadata, encode_metadata

OPSET = 20  # supported by every execution provider
# Operators that only move a weight's numbers are folded; folding those that compute would make the file larger.
MOVES = frozenset({"Transpose", "Slice", "Concat", "Reshape", "Unsqueeze", "Squeeze", "Cast", "Identity", "Expand"})
LARGEST_FOLDED = 256  # entries of a folded computed constant
PRODUCER = "mobile-vla-sim"


def build_onnx_model(policy: ExportablePolicy, precision: str) -> onnx.ModelProto:
    """Build the ONNX model of a policy, with its metadata.

    Args:
        policy: The policy.
        precision: Of the stored weights, one of ``policies.export.quantization.PRECISIONS``.
    """
    module = policy.module
    if precision != "fp32":  # weights are then exact in 16 bits, unlike computed constants
        module = copy.deepcopy(module)
        with torch.no_grad():
            for weight in module.parameters():
                weight.copy_(weight.to(torch.float16))
    model = _trace_model(policy, module)
    fold_constants(
        model,
        onnx_shape_inference=True,
        input_size_limit=2**40,
        output_size_limit=2**40,
        should_fold=_is_worth_folding,
    )
    squeeze_batch(model.graph)
    push_down_row_selection(model.graph)
    cancel_reshapes(model.graph)
    fuse_bias(model.graph)
    quantise_weights(model.graph, precision)
    for tidy in (
        passes.RemoveUnusedNodesPass(),
        passes.CommonSubexpressionEliminationPass(),
        passes.DeduplicateInitializersPass(),
        passes.RemoveUnusedNodesPass(),
        passes.TopologicalSortPass(),
        passes.ClearMetadataAndDocStringPass(),
    ):
        tidy(model)
    _name_briefly(model.graph)
    model.producer_name, model.producer_version, model.graph.name = PRODUCER, "", "policy"
    model.metadata_props.clear()
    model.metadata_props.update(encode_metadata(build_metadata(policy)))
    proto = ir.to_proto(model)
    proto.graph.ClearField("value_info")
    return proto


def build_metadata(policy: ExportablePolicy) -> PolicyMetadata:
    """Collect the metadata of the file."""
    spec, prompts = policy.policy.spec, policy.prompts
    own_clip = prompts.clip is not prompts.kosmos2
    return PolicyMetadata(
        kind=policy.kind,
        spec=spec,
        temporal_ensembling=policy.temporal_ensembling,
        layout=prompts.layout,
        kosmos2_tokenizer=prompts.kosmos2.backend_tokenizer.to_str(),
        clip_tokenizer=prompts.clip.backend_tokenizer.to_str() if own_clip else None,
    )


def _trace_model(policy: ExportablePolicy, module: torch.nn.Module) -> ir.Model:
    spec = policy.policy.spec
    if policy.state.any():
        raise ValueError(f"the initial state of '{spec.name}' must be zeros")
    if spec.image_size is None:
        raise ValueError(f"policy '{spec.name}' takes no frames")
    pixels = torch.zeros(1, *spec.image_size, 3, dtype=torch.uint8)
    example = (pixels, *policy.prompts.encode(["go"]), policy.state)
    with _quiet(), torch.no_grad():
        traced = torch.export.export(module.eval(), example, strict=False)
        program = torch.onnx.export(
            traced,
            (),
            dynamo=True,
            opset_version=OPSET,
            input_names=list(INPUTS),
            output_names=[ACTIONS, NEXT_STATE],
            verbose=False,
        )
    if program is None:
        raise RuntimeError("torch.onnx.export returned nothing")
    return program.model


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Silence the exporter's warnings about optional packages."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def _is_worth_folding(node: ir.Node) -> bool | None:
    """Return whether to fold a node; None leaves the decision to the optimizer."""
    if node.op_type in MOVES:
        return None
    known = [value for value in node.outputs if value.shape is not None and value.shape.is_static()]
    return None if all(math.prod(get_shape(value)) <= LARGEST_FOLDED for value in known) else False


def _name_briefly(graph: ir.Graph) -> None:
    """Replace the 600 or so names by numbers, which makes the file smaller."""
    held = list(graph.initializers.values())
    graph.initializers.clear()
    for number, value in enumerate(held):
        value.name = f"w{number}"
        graph.initializers[value.name] = value
    number = 0
    for node in graph:
        node.name = None
        for value in node.outputs:
            if not value.is_graph_output():
                value.name, number = str(number), number + 1
