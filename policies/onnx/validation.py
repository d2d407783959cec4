"""Validation of ONNX files from untrusted sources: only plain, self-contained policies are accepted.

A file can name other files to read as weights (CVE-2026-27489, CVE-2026-34446, CVE-2026-34447) or operators of custom
libraries; neither reaches ONNX Runtime.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import onnx

from policies.onnx.io_spec import INPUTS, OUTPUTS
from scenarios.common.errors import InputError

LARGEST_BYTES = 256 * 2**20
DOMAINS = ("", "ai.onnx")


def read_model(path: Path) -> onnx.ModelProto:
    """Read the model in a file, and check its safety and validity.

    Raises:
        InputError: There is no such file, or it isn't a plain, self-contained model.
    """
    try:
        size = path.stat().st_size
        if size > LARGEST_BYTES:
            raise ValueError(f"it has {size} bytes, and at most {LARGEST_BYTES} are allowed")
        model = onnx.load_model_from_string(path.read_bytes())
        check_model(model)
    except OSError as error:
        raise InputError(f"'{path}' can't be read: {error.strerror}; give an ONNX file") from error
    except Exception as error:  # a damaged file may make the checker raise anything
        raise invalid_policy_error(path, error) from error
    return model


def invalid_policy_error(path: Path, error: Exception) -> InputError:
    """Build the error for a file that isn't a valid policy."""
    lines = str(error).strip().splitlines()
    reason = lines[0].rstrip(".") if lines else type(error).__name__
    return InputError(f"'{path}' is not an ONNX policy: {reason}; 'python -m policies.export NAME' writes one")


def check_model(model: onnx.ModelProto) -> None:
    """Check a model's safety and its validity.

    Raises:
        ValueError, onnx.checker.ValidationError, onnx.shape_inference.InferenceError: A check fails.
    """
    if not model.HasField("graph"):
        raise ValueError("it contains no graph")
    if model.functions or model.training_info:
        raise ValueError("it contains functions or training graphs")
    domains = {opset.domain for opset in model.opset_import}
    for graph in _graphs(model.graph):
        domains |= {node.domain for node in graph.node}
        _check_tensors(graph)
    if foreign := sorted(domains - set(DOMAINS)):
        raise ValueError(f"it uses operators of the domain '{foreign[0]}', and only ONNX's own are allowed")
    onnx.checker.check_model(model, full_check=True)


def check_interface(model: onnx.ModelProto) -> None:
    """Check that a model has the inputs and outputs that ``policies.export`` gives it.

    Raises:
        ValueError: It has others.
    """
    _check_values("input", model.graph.input, {name: str(kind) for name, kind in INPUTS.items()})
    _check_values("output", model.graph.output, {name: str(kind) for name, kind in OUTPUTS.items()})


def _graphs(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    """Yield a graph and its subgraphs."""
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            for inner in (*attribute.graphs, *([attribute.g] if attribute.HasField("g") else [])):
                yield from _graphs(inner)


def _check_tensors(graph: onnx.GraphProto) -> None:
    attributes = [attribute for node in graph.node for attribute in node.attribute]
    if graph.sparse_initializer or any(a.HasField("sparse_tensor") or a.sparse_tensors for a in attributes):
        raise ValueError("it contains sparse weights")
    held = [tensor for a in attributes for tensor in (*a.tensors, *([a.t] if a.HasField("t") else []))]
    for tensor in (*graph.initializer, *held):
        if tensor.data_location != onnx.TensorProto.DEFAULT or tensor.external_data:
            raise ValueError(
                f"its weight '{tensor.name}' is in another file: export all into one (external_data=False of "
                "torch.onnx.export)"
            )


def _check_values(what: str, values: list[onnx.ValueInfoProto], wanted: dict[str, str]) -> None:
    given = {
        value.name: str(onnx.helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type)) for value in values
    }
    if given != wanted:
        needed = ", ".join(f"{name} ({kind})" for name, kind in wanted.items())
        raise ValueError(f"its {what}s must be {needed}")
    for value in values:
        if not all(size.HasField("dim_value") and size.dim_value > 0 for size in value.type.tensor_type.shape.dim):
            raise ValueError(f"the shape of its {what} '{value.name}' isn't constant")
