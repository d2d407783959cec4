"""Laws of the files between a recording's workers and its writer: what goes in comes out, and no code is run."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from policies.dataset import Demonstration
from policies.dataset.demonstration import FrameCaption, SceneRef, SeenObject
from sim.record.handover import read_episode, write_episode

STEPS = 3
BARE = Demonstration(
    scene=None,
    instruction="drive to the “cup”",
    success=None,
    source="unknown",
    agent_pos=np.arange(6 * STEPS, dtype=np.float32).reshape(STEPS, 6) / 7,
    actions=np.linspace(-1, 1, 3 * STEPS, dtype=np.float32).reshape(STEPS, 3),
    executed=np.zeros((STEPS, 3), np.float32),
    pixels=np.arange(STEPS * 4 * 5 * 3, dtype=np.uint8).reshape(STEPS, 4, 5, 3),
)
FULL = Demonstration(
    scene=SceneRef("corridor", 7, 2),
    instruction="go",
    success=True,
    source="expert",
    agent_pos=BARE.agent_pos,
    actions=BARE.actions,
    executed=BARE.executed,
    captions=(FrameCaption(1, (SeenObject("blue box", (0.1, 0.2, 1 / 3, 0.9)),)), FrameCaption(2, ())),
    noise_burst=np.array([True, False, True]),
    clearance_m=np.float32([0.3, 0.2, 0.1]),
    pixels=BARE.pixels,
)


@pytest.mark.parametrize("demonstration", [BARE, FULL], ids=["bare", "full"])
def test_a_demonstration_comes_back_to_the_bit(demonstration: Demonstration, tmp_path: Path) -> None:
    write_episode(tmp_path / "0.npz", (demonstration, "success"))
    read, status = read_episode(tmp_path / "0.npz")
    assert status == "success"
    assert read is not None
    for field in fields(Demonstration):
        one, other = getattr(demonstration, field.name), getattr(read, field.name)
        if isinstance(one, np.ndarray):
            assert one.dtype == other.dtype
            np.testing.assert_array_equal(one, other)
        else:
            assert one == other, field.name


def test_an_episode_that_is_not_kept_comes_back_as_its_status(tmp_path: Path) -> None:
    write_episode(tmp_path / "0.npz", (None, "collision"))
    assert read_episode(tmp_path / "0.npz") == (None, "collision")


def test_a_file_with_a_pickle_in_it_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "0.npz", words=np.array([{"status": "success"}], object))
    with pytest.raises(ValueError, match="allow_pickle=False"):
        read_episode(tmp_path / "0.npz")
