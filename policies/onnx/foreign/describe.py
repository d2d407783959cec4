"""The description of a model of others: what is given, completed by what its shapes tell, and checked against them."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import onnx

from policies.formats.action_format import VELOCITY
from policies.formats.observation_format import NATIVE, STATE_COLUMNS, Layout, ObservationFormat
from policies.onnx.foreign.binding import ModelTensors, UnclearError, bind_tensors, find_layout
from policies.onnx.foreign.description import Bindings, OnnxDescription, read_bindings, split_description
from policies.onnx.foreign.template import format_template
from policies.onnx.foreign.tensors import Tensor, read_tensors
from policies.onnx.validation import invalid_policy_error
from policies.policy import PolicySpec
from policies.specs.data_node import DataNode
from policies.specs.spec_file import default_spec, parse_spec
from scenarios.common.errors import InputError
from scenarios.robot import ACTION_SIZE


def describe_model(
    model: onnx.ModelProto, file: Path, name: str, node: DataNode | None, folder: Path
) -> OnnxDescription:
    """Describe a checked model.

    Args:
        model: The model.
        file: Its file, for errors.
        name: Name of the policy.
        node: What the user says of it; None for nothing.
        folder: Where relative paths in it start.

    Raises:
        InputError: The description is wrong or contradicts the model; or something can't be told: then the error ends
            in a description to correct.
    """
    try:
        inside = (tensor.name for tensor in model.graph.initializer)
        tensors = ModelTensors(read_tensors(model.graph.input, inside), read_tensors(model.graph.output))
    except (ValueError, KeyError) as error:
        raise invalid_policy_error(file, ValueError(str(error))) from error
    spec_entries, section, whole = split_description(node)
    try:
        bindings = bind_tensors(tensors, read_bindings(section, folder))
        base = guess_spec(tensors, bindings, name, spec_entries)
    except UnclearError as error:
        raise InputError(f"'{file}': {error}: describe the file\n\n{format_template(tensors, file)}") from error
    except InputError as error:
        raise (whole if node is not None else DataNode(f"'{file}'", {})).error(str(error)) from error
    spec = base if node is None else parse_spec(DataNode(whole.place, spec_entries), name, folder, base)
    spec = replace(spec, parameters=spec.parameters or sum(math.prod(each.dims) for each in model.graph.initializer))
    _check_agreement(tensors, bindings, spec, file)
    return OnnxDescription(spec, bindings)


def guess_spec(tensors: ModelTensors, bindings: Bindings, name: str, given: dict[str, DataNode]) -> PolicySpec:
    """Guess the spec by the shapes.

    Args:
        tensors: The model's inputs and outputs.
        bindings: Which of them is which.
        name: Name of the policy.
        given: Entries of the spec that needn't be guessed.

    Raises:
        UnclearError: Something can't be told, and isn't given.
    """
    assert bindings.action is not None  # it is bound
    image = None if bindings.image is None else tensors.inputs[bindings.image]
    observation, size = _guess_observation(tensors, bindings, image, given)
    *_, width = tensors.outputs[bindings.action].shape
    if width != ACTION_SIZE and "action" not in given:
        raise UnclearError(f"what the columns of the action {tensors.outputs[bindings.action]} are can't be told")
    chunk = _chunk(tensors.outputs[bindings.action], given)
    return replace(
        default_spec(name),
        image_size=size,
        history=0 if bindings.recurrent else observation.frames,
        chunk=chunk,
        action=VELOCITY,
        observation=observation,
    )


def _guess_observation(
    tensors: ModelTensors, bindings: Bindings, image: Tensor | None, given: dict[str, DataNode]
) -> tuple[ObservationFormat, tuple[int, int] | None]:
    changes: dict[str, Any] = {
        "pixels_key": bindings.image,
        "state_key": bindings.state,
        "instruction_key": None if bindings.instruction is None else bindings.instruction.ids,
    }
    said = given["observation"].entries("an observation") if "observation" in given else {}
    if bindings.state is not None and "state" not in said:
        state = tensors.inputs[bindings.state]
        if state.shape[-1] != len(STATE_COLUMNS):
            raise UnclearError(f"what the columns of the state {state} are can't be told")
    if image is None:
        return replace(NATIVE, **changes), None
    layout, height, width = find_layout(image)
    changes |= {"layout": cast(Layout, layout), "pixel_type": "unit" if image.is_real else "uint8"}
    if len(image.shape) == 5 and "frames" not in said:
        if image.shape[1] is None:
            raise UnclearError(f"how many frames {image} contains can't be told")
        changes["frames"] = image.shape[1]
    if "image_size" in given:
        return replace(NATIVE, **changes), None  # it is read later
    if height is None or width is None:
        raise UnclearError(f"the size of the image {image} can't be told")
    return replace(NATIVE, **changes), (height, width)


def _chunk(action: Tensor, given: dict[str, DataNode]) -> int:
    if len(action.shape) == 2:
        return 1
    if action.shape[1] is None and "chunk" not in given:
        raise UnclearError(f"how many actions a chunk of {action} has can't be told")
    return action.shape[1] or 1


def _check_agreement(tensors: ModelTensors, bindings: Bindings, spec: PolicySpec, file: Path) -> None:
    """Check a spec against the model's shapes.

    Raises:
        InputError: They differ.
    """
    assert bindings.action is not None  # it is bound
    wanted: list[tuple[Tensor, int, int, str]] = []
    action = tensors.outputs[bindings.action]
    wanted.append((action, -1, len(spec.action.columns), f"actions {', '.join(spec.action.columns)}"))
    if len(action.shape) == 3:
        wanted.append((action, 1, spec.chunk, f"chunks of {spec.chunk}"))
    elif spec.chunk > 1:
        raise InputError(f"'{file}': the output {action} contains no chunk, and its description says {spec.chunk}")
    if bindings.state is not None:
        columns = spec.observation.state
        wanted.append((tensors.inputs[bindings.state], -1, len(columns), f"state {', '.join(columns)}"))
    if bindings.image is not None:
        wanted += _expected_sizes(tensors.inputs[bindings.image], spec, file)
    if (words := bindings.instruction) is not None:
        wanted += [
            (tensors.inputs[one], -1, words.length, f"{words.length} ids") for one in (words.ids, words.mask) if one
        ]
    for tensor, axis, size, what in wanted:
        if tensor.shape[axis] not in (None, size):
            raise InputError(f"'{file}': its description says {what}, and its {tensor} doesn't fit that")


def _expected_sizes(image: Tensor, spec: PolicySpec, file: Path) -> list[tuple[Tensor, int, int, str]]:
    form = spec.observation
    if spec.image_size is None:
        raise InputError(f"'{file}': its input {image} is an image, and its description has no 'image_size'")
    height, width = spec.image_size
    axes = (-2, -1, -3) if form.layout == "chw" else (-3, -2, -1)
    sizes = [
        (image, axis, size, f"images of {height}x{width}, {form.layout}")
        for axis, size in zip(axes, (height, width, 3), strict=True)
    ]
    if len(image.shape) == 5:
        sizes.append((image, 1, form.frames, f"{form.frames} frames"))
    elif form.frames > 1:
        raise InputError(f"'{file}': {image} has no axis for the {form.frames} frames of its description")
    return sizes
