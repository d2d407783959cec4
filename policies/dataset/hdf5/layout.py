"""The published layout of demonstrations: one HDF5 file per episode.

It comes from the public repository minuum/vla (written by ``mobile_vla_data_collector.py``, read by
``mobile_vla_h5_dataset.py``): ``images`` (t, H, W, 3) uint8; ``actions`` (t, 3) float32, linear_x and linear_y in m/s,
angular_z in rad/s; ``action_event_types`` (t,) text; the attributes ``episode_name``, ``num_frames``,
``total_duration`` in seconds and ``action_chunk_size``. The instruction is given only by the cell in the file's name:
``..._1box_vert_left.h5``.

The collector stores its camera's messages as ``bgr8``, so blue comes first; files written here contain RGB.

Files written here contain more, which published readers ignore: ``agent_pos``, ``executed_actions``, and attributes for
the instruction, the period, the driver and the scene. Captions are not saved.
"""

from __future__ import annotations

import re

import numpy as np

SUFFIX = ".h5"
SUFFIXES = (SUFFIX, ".hdf5")  # that are read
EVENT_TYPES = "action_event_types"
AGENT_POS, EXECUTED_ACTIONS = "agent_pos", "executed_actions"  # ours
PUBLISHED_COLUMNS = ("linear_x", "linear_y", "angular_z")  # of the actions, in m/s and rad/s
CHUNK = 18  # frames of a published episode, and its ``action_chunk_size``
START, PRESS, STOP = "episode_start", "start_action", "stop_action"

_CELL = re.compile(r"(?<!\d)([12])box_(?:(?:vert|hori)_)?(left|right)")
_OBSTACLES = {"1": "single box obstacle", "2": "two box obstacles"}


def event_types(actions: np.ndarray) -> list[str]:
    """Return the event type of each record, as in published recordings: its start, a key press, or a stop."""
    moves = np.any(actions != 0.0, axis=1)  # (t,)
    return [START if k == 0 else PRESS if move else STOP for k, move in enumerate(moves)]


def parse_instruction(name: str) -> str | None:
    """Return the published instruction of the cell in a file's name, such as ``1box_vert_left``; None without one."""
    found = _CELL.search(name)
    if found is None:
        return None
    return f"Navigate around the {_OBSTACLES[found[1]]} by going {found[2]} to track the target cup"
