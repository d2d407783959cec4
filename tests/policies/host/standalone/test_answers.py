"""What is no answer of a policy."""

from __future__ import annotations

import numpy as np
import pytest

from policies.host.standalone.answers import read_answer


@pytest.mark.parametrize("answer", [np.zeros((2, 3), complex), np.zeros((2, 3), "M8[s]"), np.zeros(2, "f4,f4")])
def test_what_numpy_would_convert_is_no_answer_if_it_is_no_number(answer: np.ndarray) -> None:
    with pytest.raises(TypeError, match="not of numbers"):
        read_answer(answer, "act")
