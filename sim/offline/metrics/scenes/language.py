"""The language gap: how much an instruction with another side or target changes the actions, as it should."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

CHOICE = 0.1  # mean difference of the expert's actions from which on a frame is a choice
SIDE_WZ = 0.2  # difference of the expert's turns from which on the instructions ask for different sides


class SecondInstruction(NamedTuple):
    """An episode's frames under a second instruction, which its scene allows, too; all arrays are (t, axes)."""

    labels: np.ndarray
    """The expert's actions under the episode's own instruction."""
    predictions: np.ndarray
    """The policy's under the episode's own."""
    other_labels: np.ndarray
    """The expert's under the second one."""
    other_predictions: np.ndarray
    """The policy's under the second one."""
    turn: int
    """Number of the axis wz."""


def measure_language_gap(told: SecondInstruction | None) -> float:
    """Compute the policy's change of action over the expert's, on frames with a choice; NaN if there are none.

    1 is as much as the expert's; 0 is a policy that doesn't listen.
    """
    if told is None or not (chosen := select_choice_frames(told)).any():
        return math.nan
    own = np.abs(told.other_predictions - told.predictions)[chosen].mean()
    return float(own / np.abs(told.other_labels - told.labels)[chosen].mean())


def measure_side_agreement(told: SecondInstruction | None) -> float:
    """Compute the share of frames in which the policy's turn changes to the side that the second instruction asks for.

    NaN if the expert's turn never changes by more than ``SIDE_WZ``.
    """
    if told is None:
        return math.nan
    wanted = (told.other_labels - told.labels)[:, told.turn]
    given = (told.other_predictions - told.predictions)[:, told.turn]
    asked = select_turn_frames(told)
    return float((np.sign(given) == np.sign(wanted))[asked].mean()) if asked.any() else math.nan


def select_choice_frames(told: SecondInstruction) -> np.ndarray:
    """Select the frames (t,) in which the expert does something else under the second instruction."""
    mask: np.ndarray = np.abs(told.other_labels - told.labels).mean(axis=1) > CHOICE
    return mask


def select_turn_frames(told: SecondInstruction) -> np.ndarray:
    """Select the frames (t,) in which the second instruction asks for a turn to another side."""
    mask: np.ndarray = np.abs((told.other_labels - told.labels)[:, told.turn]) > SIDE_WZ
    return mask
