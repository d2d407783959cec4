"""Loads a policy from any ONNX file: one of ``policies.export``, or another that a description fits."""

from __future__ import annotations

import hashlib
from pathlib import Path

import onnx

from policies.onnx.foreign.describe import describe_model
from policies.onnx.foreign.policy import ForeignOnnxPolicy
from policies.onnx.io_spec import INPUTS
from policies.onnx.metadata import METADATA_KEY
from policies.onnx.policy import OnnxPolicy
from policies.onnx.validation import invalid_policy_error, read_model
from policies.policy import Policy
from policies.specs.data_node import DataNode, parse_yaml_node
from policies.specs.spec_file import read_text_file
from scenarios.common.errors import InputError


def load_onnx_policy(file: Path, name: str, description: DataNode | None, folder: Path) -> Policy:
    """Load a file.

    Args:
        file: The file.
        name: Name of the policy.
        description: Which input is which, for a file of others; None: a YAML file beside it, or what its shapes tell.
        folder: Where relative paths in the description start.

    Raises:
        InputError: It can't be read, isn't safe, or what its inputs and outputs are can't be told.
    """
    model = read_model(file)
    try:
        return _make_policy(model, file, name, description, folder)
    except InputError:
        raise
    except Exception as error:  # a damaged file may make ONNX Runtime, or what reads its tokenizer, raise anything
        raise invalid_policy_error(file, error) from error


def _make_policy(
    model: onnx.ModelProto, file: Path, name: str, description: DataNode | None, folder: Path
) -> OnnxPolicy | ForeignOnnxPolicy:
    if _is_own(model):
        if description is not None:
            raise InputError(f"'{file}' was written by policies.export and describes itself: omit --policy-args")
        return OnnxPolicy.from_model(model, file, name)
    if description is None and (beside := find_description(file)) is not None:
        description = parse_yaml_node(read_text_file(beside), str(beside))
    described = describe_model(model, file, name, description, folder)
    digest = hashlib.sha256(model.SerializeToString()).hexdigest()
    return ForeignOnnxPolicy(described, model, digest)


def find_description(file: Path) -> Path | None:
    """Find the YAML file of the same name beside an ONNX file."""
    suffixes = (".yaml", ".yml", ".YAML", ".YML")
    return next((found for suffix in suffixes if (found := file.with_suffix(suffix)).is_file()), None)


def _is_own(model: onnx.ModelProto) -> bool:
    names = {value.name for value in model.graph.input}
    return names == set(INPUTS) or any(entry.key == METADATA_KEY for entry in model.metadata_props)
