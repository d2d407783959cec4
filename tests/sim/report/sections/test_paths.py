"""Laws of the paths that a report draws."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.report.sections.paths import TOLERANCE_CM, read_paths, simplify_path
from sim.results.run_files import TRAJECTORIES


def write_steps(folder, cells):
    """Write the trajectories of cells, (policy, episode) -> points in m."""
    steps = [(policy, episode, *point) for (policy, episode), points in cells.items() for point in points]
    policies, episodes, xs, ys = zip(*steps, strict=True)
    names = {"policy": policies, "scenario": ["corridor"] * len(steps), "perturbation": ["none"] * len(steps)}
    columns = {name: pa.array(list(values)).dictionary_encode() for name, values in names.items()}
    columns |= {"episode": pa.array(episodes, pa.int32())}
    columns |= {name: pa.array(values, pa.float32()) for name, values in (("x_m", xs), ("y_m", ys))}
    pq.write_table(pa.table(columns), folder / TRAJECTORIES, row_group_size=3)


def test_a_path_across_row_groups_is_read_as_one(tmp_path):
    corner = [(0, 0), (1, 0), (2, 0), (2, 1), (2, 2)]
    write_steps(tmp_path, {("a", 0): corner, ("a", 1): [(5, 5), (5, 6)], ("b", 0): [(1, 1)]})
    wanted = {("a", "corridor", "none", 0), ("a", "corridor", "none", 1), ("b", "corridor", "none", 0)}
    assert read_paths(tmp_path, wanted) == {
        ("a", "corridor", "none", 0): [(0, 0), (200, 0), (200, 200)],
        ("a", "corridor", "none", 1): [(500, 500), (500, 600)],
        ("b", "corridor", "none", 0): [(100, 100)],
    }
    assert set(read_paths(tmp_path, {("a", "corridor", "none", 1)})) == {("a", "corridor", "none", 1)}


def test_a_run_without_trajectories_has_no_paths(tmp_path):
    assert read_paths(tmp_path, {("a", "corridor", "none", 0)}) == {}


def test_no_driven_point_is_further_from_the_simplified_path_than_the_tolerance():
    turn = np.linspace(0.0, 6.0, 400)
    spiral = 30.0 * np.column_stack([turn * np.cos(turn), turn * np.sin(turn)])
    kept = np.array(simplify_path(spiral), float)
    assert len(kept) < 60
    along = np.linspace(0.0, 1.0, 200)[:, None, None]
    dense = (kept[:-1] + along * (kept[1:] - kept[:-1])).reshape(-1, 2)
    distances = np.hypot(*(spiral[:, None] - dense).transpose(2, 0, 1)).min(axis=1)
    assert distances.max() < TOLERANCE_CM + 1.0  # corners are rounded to whole cm
