import numpy as np
import pytest

from policies.dataset.hdf5.layout import event_types, parse_instruction


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("episode_1_1box_vert_left_medium", "single box obstacle by going left"),
        ("episode_20251106_2box_right_core", "two box obstacles by going right"),
        ("episode_11box_left", None),
        ("episode_20250808", None),
    ],
)
def test_a_cell_in_the_name_gives_the_published_sentence(name: str, words: str | None) -> None:
    found = parse_instruction(name)
    assert found is None if words is None else words in found


def test_a_record_is_the_start_a_press_or_a_stop() -> None:
    actions = np.array([[1.0, 0, 0], [0, 0, 0], [0, 0, -0.5]])
    assert event_types(actions) == ["episode_start", "stop_action", "start_action"]
