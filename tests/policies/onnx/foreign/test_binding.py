from __future__ import annotations

import pytest

from policies.onnx.foreign.binding import ModelTensors, UnclearError, bind_tensors, find_layout
from policies.onnx.foreign.description import Bindings
from policies.onnx.foreign.tensors import Tensor
from scenarios.common.errors import InputError

IMAGE = Tensor("rgb", "uint8", (1, 8, 8, 3))
DEPTH = Tensor("depth", "float32", (1, 1, 8, 8))
STATE = Tensor("obs", "float32", (None, 6))
MEMORY, PASSED = Tensor("h_in", "float32", (1, 1, 4)), Tensor("h_out", "float32", (1, 1, 4))
WORDS = Tensor("ids", "int64", (1, 8))
ACTION, VALUE = Tensor("a", "float32", (1, 3)), Tensor("v", "float32", (1,))


def tensors(inputs, outputs) -> ModelTensors:
    return ModelTensors({each.name: each for each in inputs}, {each.name: each for each in outputs})


@pytest.mark.parametrize(
    ("inputs", "outputs", "given", "found"),
    [
        ([IMAGE], [ACTION], Bindings(), Bindings("rgb", None, "a")),
        ([IMAGE, STATE], [ACTION, VALUE], Bindings(), Bindings("rgb", "obs", "a")),
        ([STATE], [ACTION], Bindings(), Bindings(None, "obs", "a")),
        ([IMAGE, MEMORY], [ACTION, PASSED], Bindings(), Bindings("rgb", None, "a", (("h_in", "h_out"),))),
        (
            [IMAGE, MEMORY],
            [ACTION, Tensor("b", "float32", (1, 1, 4))],
            Bindings(action="a", recurrent=(("h_in", "b"),)),
            Bindings("rgb", None, "a", (("h_in", "b"),)),
        ),
    ],
)
def test_shapes_and_names_tell_which_is_which(inputs, outputs, given, found) -> None:
    assert bind_tensors(tensors(inputs, outputs), given) == found


@pytest.mark.parametrize(
    ("inputs", "outputs", "sentence"),
    [
        ([IMAGE, Tensor("wrist", "uint8", (1, 8, 8, 3))], [ACTION], "which of rgb .* is the image"),
        ([IMAGE, WORDS], [ACTION], "what the input ids int64 \\(1, 8\\) is"),
        ([IMAGE, DEPTH], [ACTION], "what the input depth"),
        ([IMAGE], [ACTION, Tensor("b", "float32", (1, 2))], "which of the outputs a .*, b .* is the action"),
        ([IMAGE], [VALUE], "which of the outputs v .* is the action"),
        ([IMAGE, MEMORY], [ACTION], "what the input h_in"),
        ([], [ACTION], "neither an image nor a state"),
    ],
)
def test_what_can_not_be_told_is_said(inputs, outputs, sentence) -> None:
    with pytest.raises(UnclearError, match=sentence):
        bind_tensors(tensors(inputs, outputs), Bindings())


def test_a_name_that_the_model_does_not_have_is_answered_with_the_nearest() -> None:
    with pytest.raises(InputError, match="unknown input of the model 'rbg': did you mean 'rgb'"):
        bind_tensors(tensors([IMAGE], [ACTION]), Bindings(image="rbg"))


@pytest.mark.parametrize(
    ("shape", "layout"),
    [
        ((1, 8, 9, 3), ("hwc", 8, 9)),
        ((1, 3, 8, 9), ("chw", 8, 9)),
        ((1, 2, 3, None, 9), ("chw", None, 9)),
    ],
)
def test_the_axis_of_three_is_that_of_the_channels(shape, layout) -> None:
    assert find_layout(Tensor("x", "uint8", shape)) == layout


@pytest.mark.parametrize("shape", [(1, 3, 8, 3), (1, 8, 8, 8)])
def test_channels_on_both_sides_or_on_none_can_not_be_told(shape) -> None:
    with pytest.raises(UnclearError, match="where the channels of x"):
        find_layout(Tensor("x", "uint8", shape))
