"""Laws of the paths that a page holds."""

from __future__ import annotations

import numpy as np
from rows import make_rows

from sim.report.sections import path_map
from sim.report.sections.path_map import make_path_map, pack_path

PATHS = {row.key: [(10, 20), (30, 20), (30, -5)] for row in make_rows()}


def test_every_driven_episode_is_in_its_cell_with_its_ending():
    found = make_path_map(make_rows(), PATHS)
    assert found.names == {"policy": ["good", "bad"], "scenario": ["corridor"], "perturbation": ["none"]}
    assert {cell: len(episodes) for cell, episodes in found.cells.items()} == {"0 0 0": 12, "1 0 0": 12}
    number, ending, steps = found.cells["0 0 0"][0]
    assert (number, found.endings[ending], steps) == (0, "collision", [10, 20, 20, 0, 0, -25])


def test_the_sums_of_the_steps_are_the_corners():
    corners = [(5, -7), (105, -3), (60, 44), (60, 45)]
    assert np.cumsum(np.reshape(pack_path(corners), (-1, 2)), axis=0).tolist() == [list(each) for each in corners]


def test_where_room_is_short_every_cell_keeps_its_first_episodes(monkeypatch):
    monkeypatch.setattr(path_map, "MAX_PATHS", 10)
    found = make_path_map(make_rows(), PATHS)
    assert {cell: [each[0] for each in episodes] for cell, episodes in found.cells.items()} == {
        "0 0 0": [0, 1, 2, 3, 4], "1 0 0": [0, 1, 2, 3, 4]
    }  # fmt: skip
    assert found.left_out == 14


def test_without_paths_there_is_no_map():
    assert make_path_map(make_rows(), {}) is None
