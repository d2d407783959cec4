from __future__ import annotations

import pytest

from policies.export.__main__ import main
from scenarios.common.errors import InputError


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["no-such-policy"], "unknown policy"),
        (["hybrid", "--out", "model.bin"], "must end in .onnx"),
        (["hybrid", "--out", "no/such/folder/a.onnx"], "there is no folder"),
        (["hybrid", "--precision", "fp8"], "known are fp16, fp32, int8"),
    ],
)
def test_bad_input_is_one_sentence(arguments, sentence) -> None:
    with pytest.raises(InputError) as raised:
        main(arguments)
    assert sentence in str(raised.value)
    assert "\n" not in str(raised.value)
