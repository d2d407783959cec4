from __future__ import annotations

import numpy as np
import pytest

from policies.onnx.io_spec import CLIP_IDS, INSTRUCTION_INPUTS, KOSMOS2_IDS, LENGTHS, OUTPUTS, PIXELS, STATE
from policies.onnx.session import create_session
from policies.onnx.split import split_by_instruction

pytestmark = pytest.mark.slow  # needs an exported file


def _inputs() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {
        PIXELS: rng.integers(0, 256, (1, 224, 224, 3)).astype(np.uint8),
        CLIP_IDS: np.array([[0, 90, 91, 3] + [1] * 20]),
        KOSMOS2_IDS: np.array([[0, 4, 5, 6, 90, 91, 9] + [1] * 17]),
        LENGTHS: np.array([7]),
        STATE: rng.standard_normal((1, 1, 24)).astype(np.float32),
    }


def test_both_parts_together_answer_as_the_whole(model) -> None:
    inputs, parts = _inputs(), split_by_instruction(model)
    whole = create_session(model, "cpu").run(list(OUTPUTS), inputs)
    kept = create_session(parts.episode, "cpu").run(
        parts.episode_outputs, {name: inputs[name] for name in INSTRUCTION_INPUTS}
    )
    frame = create_session(parts.frame, "cpu")
    given = {**inputs, **dict(zip(parts.episode_outputs, kept, strict=True))}
    answer = frame.run(list(OUTPUTS), {value.name: given[value.name] for value in frame.get_inputs()})
    for one, other in zip(whole, answer, strict=True):
        assert np.allclose(one, other, atol=1e-6)


def test_the_frames_part_holds_nothing_of_the_text_tower(model) -> None:
    parts = split_by_instruction(model)
    assert CLIP_IDS not in {value.name for value in parts.frame.graph.input}
    assert PIXELS not in {value.name for value in parts.episode.graph.input}
    norms = [sum(node.op_type == "LayerNormalization" for node in m.graph.node) for m in (parts.episode, parts.frame)]
    assert norms[0] == 3  # one layer's two, and the last
    assert sum(norms) == sum(node.op_type == "LayerNormalization" for node in model.graph.node)
