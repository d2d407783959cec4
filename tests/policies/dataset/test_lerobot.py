"""The lerobot library loads what is written here, and what it writes is read here.

Skipped where lerobot isn't installed: it is no dependency of this project, and its pins (torch, datasets, av) are older
than ours. An environment of its own runs it: ``pip install lerobot==0.4.4 pytest`` and ``PYTHONPATH=<repository>``.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from policies.dataset import Dataset, DatasetWriter, Demonstration

pytest.importorskip("lerobot.datasets.lerobot_dataset", reason="the lerobot library is not installed")

import torch
from lerobot.datasets.compute_stats import aggregate_stats, compute_episode_stats
from lerobot.datasets.lerobot_dataset import LeRobotDataset

IMAGE = "observation.images.front"
LENGTHS = (12, 1, 7, 30)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Demonstration]]:
    from .conftest import make

    root = tmp_path_factory.mktemp("sets") / "ours"
    demonstrations = [make(length, number) for number, length in enumerate(LENGTHS)]
    with DatasetWriter(root) as writer:
        for each in demonstrations:
            writer.add(each)
    return root, demonstrations


@pytest.fixture(scope="module")
def loaded(written: tuple[Path, list[Demonstration]]) -> LeRobotDataset:
    return LeRobotDataset("local/ours", root=written[0], video_backend="pyav")


def test_lerobot_finds_every_frame_episode_and_task(
    loaded: LeRobotDataset, written: tuple[Path, list[Demonstration]]
) -> None:
    assert (len(loaded), loaded.num_episodes, loaded.fps) == (sum(LENGTHS), len(LENGTHS), 10)
    index = 0
    for number, demonstration in enumerate(written[1]):
        row = loaded.meta.episodes[number]
        assert (row["dataset_from_index"], row["dataset_to_index"]) == (index, index + demonstration.length)
        assert row["scene/scenario"] == demonstration.scene.scenario
        for frame in range(demonstration.length):  # each look-up checks the frame's time stamp to 0.1 ms
            item = loaded[index]
            assert (item["episode_index"], item["frame_index"], item["index"]) == (number, frame, index)
            assert item["task"] == demonstration.instruction
            assert torch.equal(item["action"], torch.from_numpy(demonstration.actions[frame]))
            assert torch.equal(item["executed_action"], torch.from_numpy(demonstration.executed[frame]))
            assert torch.equal(item["observation.state"], torch.from_numpy(demonstration.agent_pos[frame]))
            assert bool(item["next.done"]) == (frame == demonstration.length - 1)
            picture = (item[IMAGE].permute(1, 2, 0) * 255).numpy()
            assert np.abs(picture - demonstration.pixels[frame]).mean() < 2.0  # its decoder darkens by one level
            index += 1


def test_lerobot_reads_windows_in_time_and_single_episodes(written: tuple[Path, list[Demonstration]]) -> None:
    window = {IMAGE: [-0.1, 0.0], "action": [0.0, 0.1, 0.2], "observation.state": [-0.1, 0.0]}
    root, demonstrations = written
    whole = LeRobotDataset("local/ours", root=root, video_backend="pyav", delta_timestamps=window)
    item = whole[LENGTHS[0] - 1]  # last frame of the first episode
    assert item[IMAGE].shape == (2, 3, 64, 64)
    assert item["action_is_pad"].tolist() == [False, True, True]
    assert torch.equal(item["action"][0], torch.from_numpy(demonstrations[0].actions[-1]))
    third = LeRobotDataset("local/ours", root=root, video_backend="pyav", episodes=[2], delta_timestamps=window)
    assert len(third) == LENGTHS[2]
    assert torch.equal(third[3]["action"], torch.from_numpy(demonstrations[2].actions[3:6]))


def test_lerobot_reads_a_record_every_three_tenths_of_a_second(tmp_path: Path) -> None:
    from .conftest import make

    originals = [make(18, number) for number in range(3)]
    with DatasetWriter(tmp_path / "set", fps=Fraction(10, 3)) as writer:
        for each in originals:
            writer.add(each)
    window = {IMAGE: [-0.3, 0.0], "action": [0.3 * k for k in range(10)]}
    read = LeRobotDataset("local/ours", root=tmp_path / "set", video_backend="pyav", delta_timestamps=window)
    for index in (0, 17, 18, 40, 53):
        item, original = read[index], originals[index // 18]
        picture = (item[IMAGE][-1].permute(1, 2, 0) * 255).numpy()
        assert np.abs(picture - original.pixels[index % 18]).mean() < 2.0
        assert torch.equal(item["action"][0], torch.from_numpy(original.actions[index % 18]))
        assert item["action_is_pad"].sum() == max(0, index % 18 + 10 - 18)


def test_statistics_equal_those_of_lerobot(loaded: LeRobotDataset, written: tuple[Path, list[Demonstration]]) -> None:
    features = {name: loaded.features[name] for name in ("action", "observation.state")}
    theirs = aggregate_stats(
        [compute_episode_stats({"action": d.actions, "observation.state": d.agent_pos}, features) for d in written[1]]
    )
    for name, entries in theirs.items():
        assert loaded.meta.stats[name].keys() == entries.keys()
        for key, values in entries.items():
            if not key.startswith("q"):  # their quantiles come from histograms: coarse for episodes this short
                np.testing.assert_allclose(loaded.meta.stats[name][key], values, atol=1e-5, err_msg=f"{name} {key}")
    shapes = {key: values.shape for key, values in loaded.meta.stats[IMAGE].items()}
    assert shapes == {key: (1,) if key == "count" else (3, 1, 1) for key in theirs["action"]}
    mean = np.concatenate([d.pixels for d in written[1]]).mean(axis=(0, 1, 2)) / 255
    np.testing.assert_allclose(loaded.meta.stats[IMAGE]["mean"].reshape(3), mean, atol=0.01)


@pytest.mark.parametrize("codec", ["h264", "libsvtav1"])
def test_a_set_that_lerobot_wrote_is_read(tmp_path: Path, codec: str) -> None:
    from .conftest import make

    originals = [make(length, number) for number, length in enumerate((12, 8, 30))]
    features = {
        IMAGE: {"dtype": "video", "shape": (64, 64, 3), "names": ["height", "width", "channels"]},
        "observation.state": {"dtype": "float32", "shape": (6,), "names": ["vx", "vy", "wz", "x", "y", "yaw"]},
        "action": {"dtype": "float32", "shape": (3,), "names": ["vx", "vy", "wz"]},
    }
    theirs = LeRobotDataset.create("local/theirs", fps=10, features=features, root=tmp_path / "theirs", vcodec=codec)
    for each in originals:
        for frame in range(each.length):
            theirs.add_frame(
                {
                    IMAGE: each.pixels[frame],
                    "observation.state": each.agent_pos[frame],
                    "action": each.actions[frame],
                    "task": each.instruction,
                }
            )
        theirs.save_episode()
    theirs.finalize()
    read = Dataset(tmp_path / "theirs")
    assert len(read) == 3
    for ours, original in zip(read, originals, strict=True):
        assert (ours.scene, ours.success, ours.source, ours.captions) == (None, None, "unknown", ())
        assert ours.instruction == original.instruction
        np.testing.assert_array_equal(ours.actions, original.actions)
        np.testing.assert_array_equal(ours.executed, original.actions)
        np.testing.assert_array_equal(ours.agent_pos, original.agent_pos)
        assert np.abs(ours.pixels.astype(float) - original.pixels).mean() < 4.0
