"""A description of an ONNX file to correct, for a file whose inputs and outputs can't be told."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from policies.formats.observation_format import STATE_COLUMNS
from policies.onnx.foreign.binding import CHANNELS, ModelTensors
from policies.onnx.foreign.description import SECTION
from policies.onnx.foreign.tensors import Tensor
from policies.specs.spec_file import format_yaml

TEMPLATE = """\
# Save this as {name}, correct it, and try again. Entries that you leave out are guessed.
# inputs:  {inputs}
# outputs: {outputs}
{values}"""


def format_template(tensors: ModelTensors, file: Path) -> str:
    """Format a description to correct, with a guess for everything."""
    inputs, outputs = list(tensors.inputs.values()), list(tensors.outputs.values())
    image = next((each for each in inputs if len(each.shape) in (4, 5)), None)
    state = next((each for each in inputs if each.is_real and len(each.shape) == 2), None)
    action = next((each for each in outputs if each.is_real and len(each.shape) in (2, 3)), outputs[0])
    columns = ["vx", "wz"] if action.shape[-1] == 2 else ["vx", "vy", "wz"]
    values: dict[str, Any] = {
        "image_size": None if image is None else _guess_size(image),
        "rate_hz": 10,
        "chunk": 1 if len(action.shape) == 2 else action.shape[1] or 8,
        "action": {"kind": "velocity", "columns": columns, "unit": "normalised"},
        "observation": _guess_observation(image, state),
        SECTION: _guess_section(inputs, image, state, action),
    }
    return TEMPLATE.format(
        name=file.with_suffix(".yaml"),
        inputs=", ".join(map(str, inputs)),
        outputs=", ".join(map(str, outputs)),
        values=format_yaml({key: value for key, value in values.items() if value}),
    )


def _is_channels_first(image: Tensor) -> bool:
    return image.shape[-3] == CHANNELS


def _guess_size(image: Tensor) -> list[int]:
    height, width = image.shape[-2:] if _is_channels_first(image) else image.shape[-3:-1]
    return [height or 224, width or 224]


def _guess_observation(image: Tensor | None, state: Tensor | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if image is not None:
        found = {"layout": "chw" if _is_channels_first(image) else "hwc", "colours": "rgb"}
        found["pixel_type"] = "unit" if image.is_real else "uint8"
    if state is not None:
        found["state"] = list(STATE_COLUMNS[: state.shape[-1]])
    return found


def _guess_section(
    inputs: Sequence[Tensor], image: Tensor | None, state: Tensor | None, action: Tensor
) -> dict[str, Any]:
    known = {"image": image, "state": state, "action": action}
    section: dict[str, Any] = {key: tensor.name for key, tensor in known.items() if tensor is not None}
    for each in inputs:
        if each in (image, state):
            continue
        if each.dtype == "int64":
            words = {"ids": each.name, "tokenizer": "tokenizer.json", "length": each.shape[-1] or 32}
            section.setdefault("instruction", words)
        else:
            section.setdefault("recurrent", {})[each.name] = f"{each.name}_out"
    return section
