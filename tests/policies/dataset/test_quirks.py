"""Quirks of public data sets, each with its report: what a set says of itself is honoured, or refused in a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from policies.dataset.episodes import open_dataset
from scenarios.common.errors import InputError

from .foreign import FRONT, TASKS, ForeignSet, encode, paint, write_published

WRIST = "observation.images.wrist"
CLOSE = 8.0  # mean difference of a frame that went through a codec


class Read(NamedTuple):
    """A data set that must be read right."""

    report: str
    made: ForeignSet
    after: Callable[[Path], Any] = lambda root: None
    instructions: tuple[str, ...] = TASKS


class Refused(NamedTuple):
    """A data set that contradicts itself, and the sentence that says so."""

    report: str
    made: ForeignSet | Callable[[Path], Any]
    sentence: str
    after: Callable[[Path], Any] = lambda root: None


def rename_tasks(root: Path) -> None:
    table = {"task_index": [0, 1], "task": ["stop at the ball", "stop at the cone"]}
    pq.write_table(pa.table(table), root / "meta/tasks.parquet")


def drop(*keys: str) -> Callable[[list[dict]], None]:
    return lambda rows: [row.pop(key) for row in rows for key in keys]  # type: ignore[return-value]


def leave_a_gap(rows: list[dict]) -> None:
    """As after deleting an episode of two frames between the others, without encoding the video anew."""
    for key in ("from_timestamp", "to_timestamp"):
        rows[1][f"videos/{FRONT}/{key}"] += 0.2


def start_all_at_zero(rows: list[dict]) -> None:
    for row in rows:
        row[f"videos/{FRONT}/from_timestamp"] = 0.0
        row[f"videos/{FRONT}/to_timestamp"] = row["length"] / 10


def set_rows(**values: object) -> Callable[[dict], None]:
    def edit(columns: dict) -> None:
        columns.update({name: [value] * len(columns["timestamp"]) for name, value in values.items()})

    return edit


def as_depth(info: dict) -> None:
    info["features"]["observation.images.front_depth"]["info"] = {"video.is_depth_map": True}


def stretch(columns: dict) -> None:
    """Rows that were recorded at half the stated rate."""
    columns["timestamp"] = pa.array(np.arange(len(columns["frame_index"])) / 5, pa.float32())


def reverse_lines(root: Path) -> None:
    for name in ("tasks", "episodes"):
        path = root / f"meta/{name}.jsonl"
        path.write_text("\n".join(reversed(path.read_text().splitlines())))


def claim_v3(info: dict) -> None:
    path = "{chunk_index:03d}/file-{file_index:03d}"
    changes = {"data_path": f"data/chunk-{path}.parquet", "video_path": f"videos/{{video_key}}/chunk-{path}.mp4"}
    info.update(codebase_version="v3.0", **changes)


def truncate_table(root: Path) -> None:
    path = root / "data/chunk-000/file-000.parquet"
    path.write_bytes(path.read_bytes()[:-20])


def swap_wz_first(actions: np.ndarray) -> np.ndarray:
    return actions[:, [2, 0, 1]]


READ = {
    "order of actions in a list of names": Read(
        "huggingface/lerobot PR 4452", ForeignSet(action_names=["wz", "vx", "vy"], columns=swap_wz_first)
    ),
    "order of actions in names by group": Read(
        "huggingface/lerobot PR 4416",
        ForeignSet(
            action_names={"motors": ["angular_z", "linear_x", "linear_y"]}, columns=lambda a: swap_wz_first(a) * 1.15
        ),
        lambda root: (root / "mapping.yaml").write_text("actions: {units: [m/s, rad/s]}"),
    ),
    "no tasks in the list of episodes": Read("huggingface/lerobot #4519", ForeignSet(edit_episodes=drop("tasks"))),
    "edited tasks": Read(
        "huggingface/lerobot PR 3651",
        ForeignSet(),
        rename_tasks,
        instructions=("stop at the ball", "stop at the cone"),
    ),
    "several tasks in an episode": Read(
        "Hebbian-Robotics/hflow PR 533",
        ForeignSet(task_of_frame=lambda episode, frame: int(frame >= 3)),
        instructions=TASKS * 2,
    ),
    "version 2.1": Read("huggingface/lerobot #2191", ForeignSet(version="v2.1")),
    "version 2.0": Read("huggingface/lerobot #2858", ForeignSet(version="v2.0")),
    "pictures in the table": Read("huggingface/lerobot #436", ForeignSet(pictures=True)),
    "pictures in the table, version 2.0": Read(
        "Physical-Intelligence/openpi #394", ForeignSet(pictures=True, version="v2.0")
    ),
    "no statistics": Read(
        "huggingface/lerobot PR 521", ForeignSet(version="v2.1", tasks=TASKS[:1] * 2), instructions=TASKS[:1] * 2
    ),
    "tasks in any order": Read("rerun-io/rerun PR 8909", ForeignSet(version="v2.1"), reverse_lines),
    "AV1": Read("dmlc/decord #319", ForeignSet(codec="libsvtav1", size=(64, 96))),
    "29.97 frames a second": Read("Hebbian-Robotics/hflow PR 461", ForeignSet(fps=29.97)),
    "59.94 frames a second of another size": Read(
        "nebius/nebius-physical-ai PR 415", ForeignSet(fps=59.94, size=(120, 160))
    ),
    "data and video files of different numbers": Read("starVLA/starVLA PR 285", ForeignSet(split=True)),
    "starts in the videos that differ between cameras": Read(
        "starVLA/starVLA #90",
        ForeignSet(
            more_cameras=(WRIST,), edit_episodes=lambda rows: rows[1].update({f"videos/{WRIST}/from_timestamp": 7.0})
        ),
    ),
    "a gap in the video where an episode was deleted": Read(
        "XenseRobotics-AI/xense-taccap-lerobot PR 74",
        ForeignSet(edit_episodes=leave_a_gap, edit_frames=lambda frames: [*frames[:6], *[frames[0]] * 2, *frames[6:]]),
    ),
    "depth beside colours": Read(
        "huggingface/lerobot #1144", ForeignSet(more_cameras=("observation.images.front_depth",), edit_info=as_depth)
    ),
    "64-bit numbers": Read("huggingface/lerobot #2284", ForeignSet(kind=pa.float64())),
}


@pytest.mark.parametrize("quirk", READ)
def test_a_quirk_is_read_right(tmp_path: Path, quirk: str) -> None:
    case = READ[quirk]
    root = case.made.write(tmp_path / "set")
    case.after(root)
    dataset = open_dataset(root)
    assert tuple(dataset.info(i).instruction for i in range(len(dataset))) == case.instructions
    actions = np.concatenate([dataset.signals(i).actions for i in range(len(dataset))])
    truth = np.concatenate([case.made.actions(e) for e in range(len(case.made.lengths))])
    np.testing.assert_allclose(actions, truth, atol=1e-6)
    frames = np.concatenate([list(dataset.frames(i)) for i in range(len(dataset))])
    painted = [paint(e, k, case.made.size) for e, n in enumerate(case.made.lengths) for k in range(n)]
    assert np.abs(frames.astype(float) - painted).mean(axis=(1, 2, 3)).max() < CLOSE
    assert dataset.fps == pytest.approx(case.made.fps)


def store_outside(root: Path) -> None:
    (root.parent / "other.bin").write_bytes(bytes(18 * 48 * 64 * 3))
    with h5py.File(root / "episode_1box_vert_left.h5", "r+") as file:
        del file["images"]
        place = [(str(root.parent / "other.bin"), 0, h5py.h5f.UNLIMITED)]
        file.create_dataset("images", (18, 48, 64, 3), np.uint8, external=place)


def link_outside(root: Path) -> None:
    with h5py.File(root / "episode_1box_vert_left.h5", "r+") as file:
        del file["images"]
        file["images"] = h5py.ExternalLink("../other.h5", "/images")


def lose_the_source(root: Path) -> None:
    with h5py.File(root / "episode_1box_vert_left.h5", "r+") as file:
        del file["images"]
        layout = h5py.VirtualLayout((18, 48, 64, 3), np.uint8)
        layout[:] = h5py.VirtualSource("gone.h5", "images", (18, 48, 64, 3))
        file.create_virtual_dataset("images", layout)


def delete_video(root: Path) -> None:
    (root / f"videos/{FRONT}/chunk-000/file-000.mp4").unlink()


def delete_table(root: Path) -> None:
    (root / "data/chunk-000/file-000.parquet").unlink()


def clear_place(rows: list[dict]) -> None:
    for row in rows:
        row[f"videos/{FRONT}/chunk_index"] = None


def encode_large(root: Path) -> None:
    """A video of another size than stated: nothing of that size may be allocated."""
    encode(root / f"videos/{FRONT}/chunk-000/file-000.mp4", [np.zeros((512, 512, 3), np.uint8)] * 11, 10)


REFUSED = {
    "all episodes at the start of one video": Refused(
        "huggingface/lerobot #2328", ForeignSet(edit_episodes=start_all_at_zero), "episodes 0 and 1 share a stretch of"
    ),
    "a frame too many": Refused(
        "OpenDriveLab/AgiBot-World #149",
        ForeignSet(edit_frames=lambda frames: [*frames[:3], frames[3], *frames[3:]]),
        "has 12 frames; the episodes in it end at frame 11",
    ),
    "a frame too few": Refused(
        "huggingface/lerobot #3883",
        ForeignSet(edit_frames=lambda frames: frames[:-1]),
        "has 10 frames; the episodes in it end at frame 11",
    ),
    "a stretch of another length": Refused(
        "huggingface/lerobot #2550",
        ForeignSet(edit_episodes=lambda rows: rows[1].update({f"videos/{FRONT}/to_timestamp": 9.0})),
        "episode 1 has 5 frames, but 8.4 s of",
    ),
    "no place in the videos": Refused(
        "huggingface/lerobot #2429", ForeignSet(edit_episodes=clear_place), "episode 0 .* impossible numbers"
    ),
    "a download that isn't complete": Refused(
        "Lifelong-Robot-Learning/LIBERO #148", ForeignSet(), "incomplete: .*file-000.parquet is missing", delete_table
    ),
    "a video that is missing": Refused(
        "huggingface/lerobot #2264", ForeignSet(), "incomplete: .*file-000.mp4 is missing", delete_video
    ),
    "times that don't ascend": Refused(
        "unitreerobotics/unitree_lerobot #41",
        ForeignSet(edit_rows=set_rows(timestamp=0.0)),
        "doesn't ascend in episode 0",
    ),
    "recorded slower than stated": Refused(
        "huggingface/lerobot PR 2786",
        ForeignSet(edit_rows=stretch),
        r"has 5 frames per second .* states 10: .*\('rate: 5'\)",
    ),
    "depth alone": Refused(
        "huggingface/lerobot PR 3644",
        ForeignSet(camera="observation.images.depth"),
        "no camera with colours: .*depth is depth",
    ),
    "files of version 2.1 under the name of 3.0": Refused(
        "huggingface/lerobot #2652", ForeignSet(version="v2.1", edit_info=claim_v3), "contains no parquet file"
    ),
    "a table whose end is missing": Refused(
        "huggingface/lerobot #2529", ForeignSet(), "not a readable parquet file", truncate_table
    ),
    "frames of another size than stated": Refused(
        "huggingface/lerobot #1346", ForeignSet(), "frames of 512x512 pixels; the data set states 48x64", encode_large
    ),
    "a virtual data set whose source is missing": Refused(
        "h5py/h5py #1546", write_published, "taken from 'images' in gone.h5, which is missing", lose_the_source
    ),
    "pixels that are stored in another file": Refused(
        "h5py/h5py #2891", write_published, "stored in other files", store_outside
    ),
    "a link to another file": Refused(
        "keras-team/keras PR 23163", write_published, "a link to another file", link_outside
    ),
}


@pytest.mark.parametrize("quirk", REFUSED)
def test_a_contradiction_is_refused(tmp_path: Path, quirk: str) -> None:
    case = REFUSED[quirk]
    root = tmp_path / "set"
    case.made.write(root) if isinstance(case.made, ForeignSet) else case.made(root)
    case.after(root)
    with pytest.raises(InputError, match=case.sentence):
        list(open_dataset(root).frames(0)), open_dataset(root).signals(0)


def test_published_files_are_blue_first(tmp_path: Path) -> None:
    """RoboTwin-Platform/RoboTwin #473: frames that only one decoder shows in their colours."""
    (episode,) = open_dataset(write_published(tmp_path / "set"))
    np.testing.assert_array_equal(episode.pixels[3], paint(0, 3))


@pytest.mark.parametrize(
    "text",
    [
        b"go to the ball",
        np.bytes_(b"go to the ball"),
        np.array([b"go to the ball"]),
        np.array("go to the ball", h5py.string_dtype()),
    ],
)
def test_attributes_are_texts_whatever_they_are_stored_as(tmp_path: Path, text: Any) -> None:
    """h5py/h5py #379: fixed-length strings are read as bytes."""
    (episode,) = open_dataset(write_published(tmp_path / "set", instruction=text))
    assert episode.instruction == "go to the ball"


def test_the_other_suffix_is_recognised(tmp_path: Path) -> None:
    """RoboTwin-Platform/RoboTwin #473, too: its files end in .hdf5."""
    assert len(open_dataset(write_published(tmp_path / "set", "episode_1box_vert_left.HDF5"))) == 1


def test_groups_of_a_file_are_episodes_in_order_of_their_numbers(tmp_path: Path) -> None:
    """ARISE-Initiative/robomimic #216: demo_0, demo_1, ... in one file, of which demo_10 isn't the third."""
    root = tmp_path / "set"
    root.mkdir()
    with h5py.File(root / "demo.hdf5", "w") as file:
        for number in (0, 1, 2, 10):
            group = file.create_group(f"data/demo_{number}")
            group["obs/agentview_image"] = np.stack([paint(number, k) for k in range(3)])
            group["actions"] = np.full((3, 2), number / 20)
    (tmp_path / "map.yaml").write_text(
        "rate: 20\ninstruction: go to the door\nactions: {columns: {vx: 0, wz: 1}, units: normalised}\n"
    )
    dataset = open_dataset(root, tmp_path / "map.yaml")
    assert [float(dataset.signals(i).actions[0, 0]) for i in range(4)] == pytest.approx([0, 0.05, 0.1, 0.5])
    np.testing.assert_array_equal(next(dataset.frames(3, [2])), paint(10, 2))
    assert (dataset.fps, dataset.mapping.axes) == (20.0, ("vx", "wz"))


def test_there_are_at_least_twenty_quirks_each_with_its_report() -> None:
    reports = [case.report for case in (*READ.values(), *REFUSED.values())]
    assert len(set(reports)) >= 20
    assert all(re.fullmatch(r"[\w.-]+/[\w.-]+ (#|PR )\d+", report) for report in reports)
