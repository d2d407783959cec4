from pathlib import Path

import h5py
import numpy as np
import pytest

from policies.dataset.hdf5.reader import Hdf5Dataset
from policies.dataset.hdf5.writer import Hdf5Writer, scene_label
from scenarios.robot import ACTION_SCALE

from ..conftest import make

KEYS = np.float32([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 0, 0], [0, -1, 0]])


def test_a_file_is_what_published_readers_expect(tmp_path: Path) -> None:
    demonstration = make(5, actions=KEYS, executed=KEYS)
    with Hdf5Writer(tmp_path / "set", label=lambda _: "1box_vert_left") as writer:
        writer.add(demonstration)
    (path,) = (tmp_path / "set").iterdir()
    assert path.name == "episode_0000_1box_vert_left.h5"
    with h5py.File(path) as file:
        assert file["images"].dtype == np.uint8
        assert file["images"].shape == (5, 64, 64, 3)
        assert file["actions"].dtype == np.float32
        assert np.array_equal(file["actions"][:], np.float32(ACTION_SCALE) * KEYS)  # m/s, as recorded
        events = [word.decode() for word in file["action_event_types"][:]]
        assert events == ["episode_start", "start_action", "start_action", "stop_action", "start_action"]
        assert file.attrs["num_frames"] == 5
        assert file.attrs["total_duration"] == pytest.approx(5 * 0.3)
        assert file.attrs["action_chunk_size"] == 18
        assert file.attrs["episode_name"] == path.stem
    assert np.array_equal(Hdf5Dataset(tmp_path / "set").demonstration(0).actions, KEYS)  # exactly


def test_a_file_is_named_after_its_scene_unless_told(tmp_path: Path) -> None:
    demonstrations = [make(2, 3), make(2, 1, scene=None)]
    with Hdf5Writer(tmp_path / "set") as writer:
        for each in demonstrations:
            writer.add(each)
    names = [f"episode_{k:04d}_{scene_label(each)}" for k, each in enumerate(demonstrations)]
    assert sorted(path.stem for path in (tmp_path / "set").iterdir()) == names
    assert names[1] == "episode_0001_unknown"
