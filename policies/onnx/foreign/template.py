"""A description of an ONNX file to correct, for a file whose inputs and outputs can't be told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from policies.formats.observation_format import STATE_COLUMNS
from policies.onnx.foreign.binding import ModelTensors
from policies.onnx.foreign.description import SECTION
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
    observation: dict[str, Any] = {}
    section: dict[str, Any] = {}
    if image is not None:
        observation |= {"layout": "chw" if image.shape[-3] == 3 else "hwc", "colours": "rgb"}
        observation["pixel_type"] = "unit" if image.is_real else "uint8"
        section["image"] = image.name
    if state is not None:
        observation["state"] = list(STATE_COLUMNS[: state.shape[-1] or len(STATE_COLUMNS)])
        section["state"] = state.name
    section["action"] = action.name
    bound = set(section.values())
    rest = [each for each in inputs if each.name not in bound]
    for each in rest:
        if each.dtype == "int64":
            words = {"ids": each.name, "tokenizer": "tokenizer.json", "length": each.shape[-1] or 32}
            section.setdefault("instruction", words)
        else:
            section.setdefault("recurrent", {})[each.name] = f"{each.name}_out"
    values: dict[str, Any] = {
        "image_size": None if image is None else [224, 224],
        "rate_hz": 10,
        "chunk": 1 if len(action.shape) == 2 else action.shape[1] or 8,
        "action": {"kind": "velocity", "columns": columns, "unit": "normalised"},
        "observation": observation,
        SECTION: section,
    }
    if image is not None and None not in (image.shape[-3:]):
        values["image_size"] = list(image.shape[-2:] if observation["layout"] == "chw" else image.shape[-3:-1])
    return TEMPLATE.format(
        name=file.with_suffix(".yaml"),
        inputs=", ".join(map(str, inputs)),
        outputs=", ".join(map(str, outputs)),
        values=format_yaml({key: value for key, value in values.items() if value is not None and value != {}}),
    )
