"""Which input and output is which: as described, and where shapes and names tell it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from policies.onnx.foreign.description import Bindings
from policies.onnx.foreign.tensors import Tensor
from scenarios.common.errors import unknown_name

IMAGE_RANKS = (4, 5)  # (1, H, W, 3), (1, 3, H, W), or with frames after the 1
ACTION_RANKS = (2, 3)  # (1, k), (1, c, k)
NEXT = ("next_{}", "new_{}", "{}_out", "{}_next", "{}_new")  # names of a recurrent state's output
CHANNELS = 3


class UnclearError(ValueError):
    """What an input or output is can't be told, in a part of a sentence."""


@dataclass(frozen=True)
class ModelTensors:
    """The inputs and outputs of a model, by name."""

    inputs: Mapping[str, Tensor]
    outputs: Mapping[str, Tensor]


def bind_tensors(tensors: ModelTensors, given: Bindings) -> Bindings:
    """Complete what is given.

    Raises:
        InputError: A given name isn't one of the model's.
        UnclearError: An input or output is left, or none can be the action.
    """
    _check_names(tensors, given)
    pairs = given.recurrent or _find_pairs(tensors)
    given = replace(given, recurrent=pairs)
    free = [tensor for name, tensor in tensors.inputs.items() if name not in _bound_inputs(given)]
    if given.image is None:
        images = [tensor for tensor in free if _can_be_image(tensor)]
        if len(images) > 1:
            raise UnclearError(f"which of {_list(images)} is the image can't be told")
        given = replace(given, image=images[0].name if images else None)
    free = [tensor for tensor in free if tensor.name != given.image]
    if given.state is None and len(free) == 1 and _can_be_state(free[0]):
        given = replace(given, state=free.pop().name)
    if unknown := [tensor for tensor in free if tensor.name != given.state]:
        raise UnclearError(f"what the input {unknown[0]} is can't be told")
    if given.image is None and given.state is None:
        raise UnclearError("it has neither an image nor a state as an input")
    return given if given.action is not None else replace(given, action=_find_action(tensors, given))


def find_layout(image: Tensor) -> tuple[str, int | None, int | None]:
    """Return the layout of an image, and its height and width; None for one that may vary.

    Raises:
        UnclearError: The place of the channels can't be told.
    """
    *_, first, second, third = image.shape
    if (first == CHANNELS) == (third == CHANNELS):
        raise UnclearError(f"where the channels of {image} are can't be told")
    return ("chw", second, third) if first == CHANNELS else ("hwc", first, second)


def _check_names(tensors: ModelTensors, given: Bindings) -> None:
    outputs = [given.action, *(output for _, output in given.recurrent)]
    for what, names, known in (
        ("input", _bound_inputs(given), tensors.inputs),
        ("output", outputs, tensors.outputs),
    ):
        for name in names:
            if name is not None and name not in known:
                raise unknown_name(f"{what} of the model", name, known)


def _bound_inputs(given: Bindings) -> list[str]:
    words = [] if given.instruction is None else [given.instruction.ids, given.instruction.mask]
    names = [given.image, given.state, *(name for name, _ in given.recurrent), *words]
    return [name for name in names if name is not None]


def _find_pairs(tensors: ModelTensors) -> tuple[tuple[str, str], ...]:
    """Find recurrent states: an input and an output of equal type and shape, whose names belong together."""
    pairs = []
    for name, tensor in tensors.inputs.items():
        names = [pattern.format(name) for pattern in NEXT] + [name.replace("in", "out"), name.replace("0", "n")]
        for output in names:
            found = tensors.outputs.get(output)
            if found is not None and output != name and (found.dtype, found.shape) == (tensor.dtype, tensor.shape):
                pairs.append((name, output))
                break
    return tuple(pairs)


def _can_be_image(tensor: Tensor) -> bool:
    channels_known = len(tensor.shape) in IMAGE_RANKS and CHANNELS in (tensor.shape[-1], tensor.shape[-3])
    return channels_known and (tensor.is_real or tensor.dtype == "uint8")


def _can_be_state(tensor: Tensor) -> bool:
    return tensor.is_real and len(tensor.shape) == 2


def _find_action(tensors: ModelTensors, bindings: Bindings) -> str:
    passed_on = {output for _, output in bindings.recurrent}
    found = [tensor for name, tensor in tensors.outputs.items() if name not in passed_on]
    possible = [tensor for tensor in found if tensor.is_real and len(tensor.shape) in ACTION_RANKS]
    if len(possible) != 1:
        raise UnclearError(f"which of the outputs {_list(found)} is the action can't be told")
    return possible[0].name


def _list(tensors: list[Tensor]) -> str:
    return ", ".join(map(str, tensors)) or "(none)"
