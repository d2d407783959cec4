from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from policies.dataset import Demonstration
from policies.dataset.hdf5.reader import Hdf5Dataset
from policies.dataset.hdf5.writer import Hdf5Writer
from policies.dataset.mapping.convert import integrate_odometry
from scenarios.common.errors import InputError
from scenarios.robot import ACTION_SCALE, KEY_PRESS_PERIOD_S

from ..conftest import make

KEYS = np.float32([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 0, 0], [0, -1, 0]])


def written(root: Path, *demonstrations: Demonstration) -> Path:
    with Hdf5Writer(root) as writer:
        for each in demonstrations:
            writer.add(each)
    return root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return written(tmp_path / "set", make(5, 0), make(3, 1), make(4, 2, scene=None, success=None))


def files(root: Path) -> list[Path]:
    return sorted(root.iterdir())


def test_what_was_written_is_read(root: Path) -> None:
    originals = [make(5, 0), make(3, 1), make(4, 2, scene=None, success=None)]
    read = Hdf5Dataset(root)
    assert len(read) == 3
    assert read.fps == pytest.approx(1 / KEY_PRESS_PERIOD_S)
    for ours, original in zip(read, originals, strict=True):
        assert (ours.scene, ours.instruction, ours.success, ours.source) == (
            original.scene,
            original.instruction,
            original.success,
            original.source,
        )
        np.testing.assert_array_equal(ours.pixels, original.pixels)
        np.testing.assert_array_equal(ours.agent_pos, original.agent_pos)
        np.testing.assert_allclose(ours.actions, original.actions, atol=1e-6)
        np.testing.assert_allclose(ours.executed, original.executed, atol=1e-6)


def published(path: Path, actions: np.ndarray = KEYS) -> None:
    """A file with nothing but what the published collector writes."""
    path.parent.mkdir(exist_ok=True)
    with h5py.File(path, "w") as file:
        file.create_dataset("images", data=np.arange(len(actions) * 12, dtype=np.uint8).reshape(-1, 2, 2, 3))
        file.create_dataset("actions", data=ACTION_SCALE * actions)
        words = ["episode_start", *["start_action"] * (len(actions) - 1)]
        file.create_dataset("action_event_types", data=np.array(words, dtype=h5py.string_dtype()))


def test_a_published_file_is_read_with_what_it_lacks_made_good(tmp_path: Path) -> None:
    published(tmp_path / "robot" / "episode_20250808_123136_2box_hori_right.h5")
    (read,) = Hdf5Dataset(tmp_path / "robot")
    assert read.instruction == "Navigate around the two box obstacles by going right to track the target cup"
    assert (read.scene, read.success, read.source) == (None, None, "unknown")
    np.testing.assert_allclose(read.executed, KEYS, atol=1e-7)
    step = ACTION_SCALE * KEY_PRESS_PERIOD_S
    np.testing.assert_allclose(read.agent_pos[:, 3], step * np.array([0, 0, 1, 2, 2]), atol=1e-6)
    np.testing.assert_allclose(read.agent_pos[:, 4], step * np.array([0, 0, 0, 1, 1]), atol=1e-6)
    blue_first = np.arange(len(KEYS) * 12, dtype=np.uint8).reshape(-1, 2, 2, 3)
    assert np.array_equal(read.pixels, blue_first[..., ::-1])
    (tmp_path / "robot.yaml").write_text("colours: rgb")
    (turned,) = Hdf5Dataset(tmp_path / "robot", tmp_path / "robot.yaml")
    assert np.array_equal(turned.pixels, blue_first)


@given(arrays(np.float64, st.tuples(st.integers(1, 20), st.just(3)), elements=st.floats(-1, 1)))
def test_dead_reckoning_adds_each_motion_in_the_frame_of_its_start(actions: np.ndarray) -> None:
    known = integrate_odometry(actions, 0.3)
    pose = np.zeros(3)
    for k, action in enumerate(actions):
        np.testing.assert_allclose(known[k, 3:5], pose[:2], atol=1e-4)
        assert abs(np.angle(np.exp(1j * (known[k, 5] - pose[2])))) < 1e-4
        vx, vy, wz = ACTION_SCALE * action
        cos, sin = np.cos(pose[2]), np.sin(pose[2])
        pose += 0.3 * np.array([cos * vx - sin * vy, sin * vx + cos * vy, wz])
    assert not known[0].any()


def rewrite(key: str, values: object) -> object:
    """Damage: another data set under this name in the second file, or none."""

    def change(root: Path) -> None:
        with h5py.File(files(root)[1], "r+") as file:
            del file[key]
            if values is not None:
                file.create_dataset(key, data=values)

    return change


def set_attribute(name: str, value: object) -> object:
    def change(root: Path) -> None:
        with h5py.File(files(root)[1], "r+") as file:
            file.attrs.pop(name)
            if value is not None:
                file.attrs[name] = value

    return change


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (rewrite("actions", None), "lacks the data set 'actions'"),
        (rewrite("actions", np.zeros((3, 7))), r"expected \(3, 3\)"),
        (rewrite("actions", np.zeros((2, 3))), r"expected \(3, 3\)"),
        (rewrite("images", np.zeros((3, 4, 4), np.uint8)), r"expected \(3, H, W, 3\)"),
        (rewrite("images", np.zeros((3, 4, 4, 3))), "expected uint8"),
        (rewrite("agent_pos", np.zeros((3, 2))), r"expected \(3, 6\)"),
        (set_attribute("instruction", None), "has no instruction"),
        (set_attribute("period_s", 0.29), "the same for all"),
        (set_attribute("period_s", 0.1), r"3 records of 0.1 s each; .* 'total_duration' states 0.9 s: .*'rate: 3.333'"),
        (set_attribute("period_s", 0.0), "expected a number above 0"),
        (set_attribute("num_frames", 4), "has 3 frames; its attribute 'num_frames' states 4"),
        (set_attribute("success", "perhaps"), "expected a number"),
        (lambda root: files(root)[1].write_bytes(files(root)[1].read_bytes()[:500]), "truncated"),
        (lambda root: [path.unlink() for path in files(root)], "no episodes"),
    ],
)
def test_damage_is_a_sentence(root: Path, damage: object, complaint: str) -> None:
    damage(root)  # type: ignore[operator]
    with pytest.raises(InputError, match=complaint):
        Hdf5Dataset(root)


def test_the_fingerprint_tells_contents_apart(tmp_path: Path) -> None:
    first, same, other = (written(tmp_path / name, make(3, n)) for name, n in (("a", 0), ("b", 0), ("c", 1)))
    assert Hdf5Dataset(first).fingerprint == Hdf5Dataset(same).fingerprint != Hdf5Dataset(other).fingerprint
