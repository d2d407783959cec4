from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from policies.dataset.hdf5.episodes import describe_contents, find_files, list_episodes
from policies.dataset.hdf5.reader import Hdf5Dataset
from scenarios.common.errors import InputError

from ..foreign import paint, write_published


def write_foreign(folder: Path, name: str = "episode_0.hdf5", **attributes: object) -> Path:
    """As ALOHA's files: names with slashes, no rate, no instruction."""
    folder.mkdir(exist_ok=True)
    with h5py.File(folder / name, "w") as file:
        file["observations/images/cam_front"] = np.stack([paint(0, k) for k in range(6)])
        file["observations/images/cam_depth"] = np.zeros((6, 4, 4, 3), np.uint8)
        file["action"] = np.tile(np.float32([0.1, 0.2, 0.3]), (6, 1))
        file["action"].attrs["names"] = ["gripper", "x.vel", "theta.vel"]
        file.attrs.update(attributes)
    return folder


def test_files_are_found_by_either_suffix(tmp_path: Path) -> None:
    for name in ("b.h5", "a.HDF5", "c.txt"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "d.h5").mkdir()
    assert [path.name for path in find_files(tmp_path)] == ["a.HDF5", "b.h5"]


def test_a_published_file_says_all_by_its_layout(tmp_path: Path) -> None:
    episodes = list_episodes(find_files(write_published(tmp_path / "set")))
    contents = describe_contents(tmp_path / "set", episodes)
    assert (contents.colours, contents.has_odometry, contents.missing_rate) == ("bgr", False, None)
    assert contents.rate == pytest.approx(10 / 3)
    assert contents.vectors[0].columns == ("linear_x", "linear_y", "angular_z")


def test_another_layout_needs_what_it_doesnt_say(tmp_path: Path) -> None:
    root = write_foreign(tmp_path / "set")
    with pytest.raises(InputError) as raised:
        Hdf5Dataset(root)
    assert "doesn't state its rate" in str(raised.value)
    assert "has no instruction" in str(raised.value)
    (root / "mapping.yaml").write_text("rate: 50\ninstruction: go to the door")
    (episode,) = Hdf5Dataset(root)
    assert episode.instruction == "go to the door"
    np.testing.assert_array_equal(episode.pixels[5], paint(0, 5))
    np.testing.assert_allclose(episode.actions[0], np.array([0.2, 0, np.radians(0.3)]) / 1.15, rtol=1e-6)
    assert not episode.agent_pos.any()


def test_a_stated_rate_and_a_text_of_another_name_are_taken(tmp_path: Path) -> None:
    root = write_foreign(tmp_path / "set", fps=np.array([25]), prompt=b"go left", words="go right")
    read = Hdf5Dataset(root)
    assert (read.fps, read.info(0).instruction) == (25.0, "go left")
    (root / "mapping.yaml").write_text("instruction: {from: words}")
    assert Hdf5Dataset(root).info(0).instruction == "go right"


def test_a_text_that_isnt_one_is_bad_input(tmp_path: Path) -> None:
    root = write_published(tmp_path / "set", instruction=np.array(["go", "stop"], object))
    with pytest.raises(InputError, match=r"attribute 'instruction' of .*; expected one text"):
        Hdf5Dataset(root)
