from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.export.adapters import ExportablePolicy, load_exportable
from policies.export.parity import INSTRUCTIONS, ParityResult, draw_frame, measure_parity
from policies.onnx.policy import OnnxPolicy
from policies.policy import ObservationBatch

pytestmark = pytest.mark.slow  # needs an exported file


class _Shifted:
    """The file's own actions, shifted in the first slot."""

    def __init__(self, file: Path, shift: float) -> None:
        self._policy = OnnxPolicy.load(file, "shifted")
        self._shift = shift
        self.spec = self._policy.spec

    def reset(self, slots, instructions) -> None:
        self._policy.reset(slots, instructions)

    def act(self, batch: ObservationBatch) -> np.ndarray:
        actions = self._policy.act(batch)
        actions[0] += self._shift
        return actions


@pytest.fixture(scope="module")
def exportable(checkpoint: Path) -> ExportablePolicy:
    return load_exportable(str(checkpoint))


def test_a_file_differs_from_itself_by_nothing(file: Path, exportable: ExportablePolicy) -> None:
    same = replace(exportable, policy=_Shifted(file, 0.0))
    assert measure_parity(file, same, frames=2) == ParityResult(0.0, 0.0)


def test_a_shift_in_one_of_the_slots_is_found_in_full(file: Path, exportable: ExportablePolicy) -> None:
    found = measure_parity(file, replace(exportable, policy=_Shifted(file, 0.25)), frames=2)
    assert found.largest == pytest.approx(0.25, abs=1e-6)
    assert found.mae == pytest.approx(0.25 / len(INSTRUCTIONS), abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 100), st.integers(0, 50), st.integers(4, 40), st.integers(4, 40))
def test_a_frame_is_a_picture_of_its_size_and_always_the_same(
    episode: int, number: int, height: int, width: int
) -> None:
    frame = draw_frame((height, width), episode, number)
    assert (frame.shape, frame.dtype) == ((height, width, 3), np.uint8)
    assert np.array_equal(frame, draw_frame((height, width), episode, number))


def test_every_third_frame_is_noise_and_the_others_are_smooth() -> None:
    steps = [np.abs(np.diff(draw_frame((60, 80), 0, number).astype(float), axis=1)).mean() for number in range(6)]
    assert [step > 50.0 for step in steps] == [False, False, True] * 2


def test_frames_of_an_episode_and_frames_of_episodes_differ() -> None:
    frames = [draw_frame((60, 80), episode, number) for episode in range(2) for number in range(2)]
    assert len(np.unique(np.stack(frames), axis=0)) == 4
