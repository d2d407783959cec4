from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from policies.dataset import Dataset, DatasetWriter, FrameCaption
from scenarios.common.errors import InputError

from ..conftest import MakeDemonstration


def write(root: Path, demonstrations: list, **options: int) -> Path:
    with DatasetWriter(root, **options) as writer:
        for each in demonstrations:
            writer.add(each)
    return root


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"actions": np.zeros((3, 3))}, "actions float64"),
        ({"agent_pos": np.zeros((4, 6), np.float32)}, "agent_pos"),
        ({"executed": np.full((3, 3), np.nan, np.float32)}, "finite"),
        ({"pixels": np.zeros((3, 64, 64, 3), np.float32)}, "pixels float32"),
        ({"pixels": np.zeros((2, 64, 64, 3), np.uint8)}, "pixels uint8"),
        ({"pixels": np.zeros((3, 63, 64, 3), np.uint8)}, "even"),
        ({"pixels": np.zeros((3, 32, 32, 3), np.uint8)}, "32x32"),
        ({"instruction": ""}, "instruction"),
        ({"noise_burst": np.zeros(3)}, "noise_burst float64"),
        ({"clearance_m": np.zeros(2, np.float32)}, r"clearance_m float32 \(2,\)"),
        ({"clearance_m": np.full(3, np.inf, np.float32)}, "clearance_m that are not finite"),
        ({"clearance_m": None}, r"the optional columns \['noise_burst'\]; earlier ones have"),
        ({"captions": (FrameCaption(3, ()),)}, "frame 3"),
        ({"actions": np.zeros((0, 3), np.float32)}, "no frames"),
    ],
)
def test_a_misfit_is_refused_and_the_rest_stays_whole(
    tmp_path: Path, demonstration: MakeDemonstration, changes: dict, complaint: str
) -> None:
    with DatasetWriter(tmp_path / "set") as writer:
        writer.add(demonstration(2))
        with pytest.raises(InputError, match=complaint):
            writer.add(demonstration(3, **changes))
        writer.add(demonstration(4))
    assert [each.length for each in Dataset(tmp_path / "set")] == [2, 4]


def test_a_fault_while_writing_discards_the_set(
    tmp_path: Path, demonstration: MakeDemonstration, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: object, pixels: np.ndarray) -> None:
        raise OSError("no space left on device")

    with DatasetWriter(tmp_path / "set") as writer:
        writer.add(demonstration(2))
        monkeypatch.setattr("policies.dataset.lerobot.video.RollingVideo.add", full)
        with pytest.raises(OSError, match="no space"):
            writer.add(demonstration(3))
        with pytest.raises(InputError, match="closed"):
            writer.add(demonstration(3))
    assert os.listdir(tmp_path) == []


def test_large_files_are_followed_by_new_ones_in_new_chunks(tmp_path: Path, demonstration: MakeDemonstration) -> None:
    grey = np.random.default_rng(0).integers(0, 256, (8, 60, 64, 64, 1)).astype(np.uint8).repeat(3, axis=-1)
    originals = [demonstration(60, number, pixels=grey[number]) for number in range(8)]
    root = write(tmp_path / "video", originals, video_file_mb=1, chunk_files=1)
    videos = sorted(p.relative_to(root).as_posix() for p in root.rglob("*.mp4"))
    assert len(videos) > 1
    assert videos[1].endswith("chunk-001/file-000.mp4")
    assert all((root / name).stat().st_size < 1.1 * 2**20 for name in videos)
    for ours, original in zip(Dataset(root), originals, strict=True):
        assert np.abs(ours.pixels.astype(int) - original.pixels).mean() < 15  # noise of another episode: 85


def test_counts_and_boundaries_stand_in_the_metadata(tmp_path: Path, demonstration: MakeDemonstration) -> None:
    lengths = [5, 1, 8]
    root = write(tmp_path / "set", [demonstration(n, i) for i, n in enumerate(lengths)])
    info = json.loads((root / "meta/info.json").read_text())
    assert (info["total_episodes"], info["total_frames"], info["total_tasks"]) == (3, 14, 2)
    table = pq.read_table(root / "meta/episodes/chunk-000/file-000.parquet")
    assert table["dataset_from_index"].to_pylist() == [0, 5, 6]
    assert table["dataset_to_index"].to_pylist() == [5, 6, 14]
    np.testing.assert_allclose(table["videos/observation.images.front/from_timestamp"].to_pylist(), [0, 0.5, 0.6])
    np.testing.assert_allclose(table["videos/observation.images.front/to_timestamp"].to_pylist(), [0.5, 0.6, 1.4])
    rows = pq.read_table(root / "data/chunk-000/file-000.parquet")
    assert rows["index"].to_pylist() == list(range(14))
    assert rows["frame_index"].to_pylist() == [*range(5), 0, *range(8)]
    assert [i for i, done in enumerate(rows["next.done"].to_pylist()) if done] == [4, 5, 13]
    assert [i for i, done in enumerate(rows["next.success"].to_pylist()) if done] == [4, 5]  # the third one failed


def test_statistics_of_the_set_are_those_of_all_its_frames(tmp_path: Path, demonstration: MakeDemonstration) -> None:
    originals = [demonstration(n, i) for i, n in enumerate([5, 1, 8])]
    root = write(tmp_path / "set", originals)
    stats = json.loads((root / "meta/stats.json").read_text())
    actions = np.concatenate([d.actions for d in originals]).astype(np.float64)
    for key, values in {"mean": actions.mean(0), "std": actions.std(0), "min": actions.min(0), "count": [14]}.items():
        np.testing.assert_allclose(stats["action"][key], values, rtol=1e-9)
    pixels = np.concatenate([d.pixels for d in originals])[:, ::4, ::4] / 255
    np.testing.assert_allclose(np.ravel(stats["observation.images.front"]["mean"]), pixels.mean((0, 1, 2)), rtol=1e-9)
    np.testing.assert_allclose(np.ravel(stats["observation.images.front"]["std"]), pixels.std((0, 1, 2)), rtol=1e-9)


def test_equal_demonstrations_make_equal_files(tmp_path: Path, demonstration: MakeDemonstration) -> None:
    originals = [demonstration(n, i) for i, n in enumerate([5, 1, 8])]
    one, two = (write(tmp_path / name, originals) for name in ("one", "two"))
    names = sorted(p.relative_to(one) for p in one.rglob("*") if p.is_file())
    assert names == sorted(p.relative_to(two) for p in two.rglob("*") if p.is_file())
    for name in names:
        assert (one / name).read_bytes() == (two / name).read_bytes(), name
    assert Dataset(one).fingerprint == Dataset(two).fingerprint
