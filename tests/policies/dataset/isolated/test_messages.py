"""What crosses to the process that parses a data set comes back equal."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from policies.dataset import Demonstration, EpisodeInfo, FrameCaption, SceneRef, SeenObject
from policies.dataset.demonstration import DatasetNote, DemonstrationSignals
from policies.dataset.isolated import messages
from policies.dataset.mapping.mapping import Column, DatasetMapping, Instruction, Units, VectorMapping
from policies.host.standalone.messages import pack_message, unpack_message

SCENE = SceneRef("folder \udcff/own.yaml", 2**64 + 7, 3)  # a path whose bytes are no text
CAPTION = FrameCaption(2, (SeenObject("blue box", (0.1, 0.2, 1 / 3, 1.0)),))
ACTIONS = VectorMapping("action", {"vx": Column("0", 0), "wz": Column("turn", 2)}, Units("km/h", "deg/s"), {"wz": -1})
STATE = VectorMapping("state", {"x": Column("x", 1)}, None, {}, {"x": 0.01})


def send(message: Any) -> Any:
    """What arrives of a message."""
    return unpack_message(pack_message({"sent": message}))["sent"]


@pytest.mark.parametrize("scene", [None, SCENE])
@pytest.mark.parametrize("success", [None, True, False])
def test_the_description_of_an_episode_comes_back_equal(scene: SceneRef | None, success: bool | None) -> None:
    info = EpisodeInfo(3, "drive to the red ball", scene, success, "expert")
    assert messages.decode_info(send(messages.encode_info(info))) == info


@pytest.mark.parametrize("noise_burst", [None, np.array([True, False])])
def test_an_episode_comes_back_equal_with_arrays_of_its_own(noise_burst: np.ndarray | None) -> None:
    numbers = np.arange(6, dtype=np.float32).reshape(2, 3)
    arrays = {"agent_pos": np.zeros((2, 6), np.float32), "actions": numbers, "executed": -numbers}
    sent = Demonstration(
        SCENE, "go", True, "expert", **arrays, captions=(CAPTION,), noise_burst=noise_burst, pixels=np.zeros(1)
    )
    came = messages.decode_signals(send(messages.encode_signals(sent)))
    assert type(came) is DemonstrationSignals
    for field in fields(DemonstrationSignals):
        wanted, found = getattr(sent, field.name), getattr(came, field.name)
        if isinstance(wanted, np.ndarray):
            assert found.dtype == wanted.dtype
            np.testing.assert_array_equal(found, wanted)
            found[...] = 0  # raises where it can't be written to
        else:
            assert found == wanted


@pytest.mark.parametrize("state", ["none", STATE])
@pytest.mark.parametrize("instruction", [Instruction(), Instruction(text="go"), Instruction(source="task")])
def test_a_mapping_comes_back_equal(state: VectorMapping | str, instruction: Instruction) -> None:
    mapping = DatasetMapping("front", "bgr", 10 / 3, ACTIONS, state, instruction, is_given=True, states_rate=False)
    assert messages.decode_mapping(send(messages.encode_mapping(mapping))) == mapping


def test_notes_come_back_equal() -> None:
    notes = (DatasetNote("2 tasks", "Episodes are cut."), DatasetNote("é", "ü"))
    assert messages.decode_notes(send(messages.encode_notes(notes))) == notes
