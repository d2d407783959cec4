from __future__ import annotations

import numpy as np
import pytest

from policies.train.loop.schedule import warmup_cosine


def test_the_learning_rate_warms_up_and_falls_to_its_floor() -> None:
    shares = [warmup_cosine(step, 1000, 10, 0.1) for step in range(1001)]
    assert shares[0] == pytest.approx(0.1)
    assert int(np.argmax(shares)) in range(8, 12)
    assert shares[1000] == pytest.approx(0.1)
