from __future__ import annotations

import pytest

from sim.report.control_lines import format_control


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ((0.1, (224, 224), 1, 1), "10 Hz, frames of 224x224, replan horizon 1 of 1 action"),
        ((0.3, None, 1, 1), "3.33 Hz, no frames, replan horizon 1 of 1 action"),
        ((0.3, None), "3.33 Hz, no frames"),
        ((0.2, (96, 128), 16, 8), "5 Hz, frames of 96x128, replan horizon 8 of 16 actions"),
    ],
)
def test_rate_frame_size_and_replan_horizon_are_told(facts, text) -> None:
    assert format_control(*facts) == text
