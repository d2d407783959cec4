from __future__ import annotations

import pytest
from onnx import TensorProto, helper

from policies.onnx.foreign.tensors import Tensor, read_tensors


def test_sizes_that_may_vary_are_none_and_one_for_one_robot() -> None:
    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, None])
    (tensor,) = read_tensors([value]).values()
    assert tensor == Tensor("x", "float32", (None, 3, None))
    assert tensor.sizes == (1, 3, 1)
    assert str(tensor) == "x float32 (n, 3, n)"


def test_weights_that_are_listed_as_inputs_are_left_out() -> None:
    value = helper.make_tensor_value_info("w", TensorProto.FLOAT, [3])
    assert read_tensors([value], besides=["w"]) == {}


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (helper.make_tensor_value_info("x", TensorProto.STRING, [1]), "and not numbers"),
        (helper.make_tensor_value_info("x", TensorProto.FLOAT, None), "isn't a tensor of known rank"),
        (helper.make_tensor_sequence_value_info("x", TensorProto.FLOAT, [1]), "isn't a tensor of known rank"),
    ],
)
def test_what_is_no_tensor_of_numbers_is_refused(value, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        read_tensors([value])
