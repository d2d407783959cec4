from __future__ import annotations

import onnx
import pytest

from policies.onnx.io_spec import ACTIONS, INPUTS, INSTRUCTION_INPUTS, NEXT_STATE, OUTPUTS, STATE

pytestmark = pytest.mark.slow  # needs an exported file


def _types(values) -> dict[str, object]:
    kinds = onnx.helper.tensor_dtype_to_np_dtype
    return {value.name: kinds(value.type.tensor_type.elem_type) for value in values}


def test_an_exported_model_takes_and_gives_what_is_specified(model: onnx.ModelProto) -> None:
    assert _types(model.graph.input) == INPUTS
    assert _types(model.graph.output) == OUTPUTS


def test_the_state_that_comes_out_fits_where_it_goes_in(model: onnx.ModelProto) -> None:
    shapes = {
        value.name: [size.dim_value for size in value.type.tensor_type.shape.dim]
        for value in (*model.graph.input, *model.graph.output)
    }
    assert shapes[STATE] == shapes[NEXT_STATE]
    assert len(shapes[ACTIONS]) == 3
    assert INPUTS[STATE] == OUTPUTS[NEXT_STATE]


def test_no_name_is_both_an_input_and_an_output_and_the_words_are_inputs() -> None:
    assert not set(INPUTS) & set(OUTPUTS)
    assert set(INSTRUCTION_INPUTS) < set(INPUTS)
