from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policies.dataset import DatasetWriter
from policies.dataset.lerobot.index.info import is_text, is_vector, read_info
from policies.dataset.lerobot.layout import ACTION, DATA_PATH, EXECUTED, IMAGE, INFO_PATH, VIDEO_PATH
from scenarios.common.errors import InputError

from ...conftest import make

LENGTHS = (4, 1, 3)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    with DatasetWriter(tmp_path / "set", fps=5) as writer:
        for number, length in enumerate(LENGTHS):
            writer.add(make(length, number, 16))
    return tmp_path / "set"


def edit_info(root: Path, **changes: Any) -> None:
    path = root / INFO_PATH
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def read_feature(root: Path, name: str, **entry: Any) -> Any:
    features = json.loads((root / INFO_PATH).read_text())["features"]
    edit_info(root, features={**features, name: entry})
    return read_info(root).features[name]


def test_the_info_is_what_was_written(root: Path) -> None:
    info = read_info(root)
    assert (info.fps, info.episodes, info.frames, info.is_v2) == (5.0, len(LENGTHS), sum(LENGTHS), False)
    assert info.features.keys() >= {ACTION, EXECUTED}
    assert info.features[ACTION].columns == ("vx", "vy", "wz")
    assert info.features[IMAGE].size == (16, 16)
    assert (info.data_path, info.video_path) == (DATA_PATH, VIDEO_PATH)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"codebase_version": "v1.6"}, "codebase_version 'v1.6'; only v3.0, v2.1, v2.0 can be read"),
        ({"fps": True}, "fps True; expected frames per second"),
        ({"fps": 0.001}, "fps 0.001"),
        ({"total_frames": 0}, "states 3 episodes and 0 frames"),
        ({"features": []}, "lists no features"),
        ({"features": {"action": {"shape": None}}}, "feature 'action' in .* has shape None"),
        ({"features": {"../../x": {"dtype": "video", "shape": [4, 4, 3]}}}, "can't be the name of a folder"),
        ({"data_path": "/etc/passwd"}, "leaves the data set's folder"),
        ({"codebase_version": "v2.1", "chunks_size": 0}, "chunks_size 0"),
    ],
)
def test_an_info_that_cant_be_used_is_bad_input(root: Path, changes: dict[str, Any], complaint: str) -> None:
    edit_info(root, **changes)
    with pytest.raises(InputError, match=complaint):
        read_info(root)


@pytest.mark.parametrize(
    ("names", "columns"),
    [
        (["a", "b"], ("a", "b")),
        ({"motors": ["a", "b"]}, ("a", "b")),
        ({"left": ["a"], "right": ["b"]}, ("a", "b")),
        ({"b": 1, "a": 0}, ("a", "b")),
        (["a"], ()),
        (None, ()),
    ],
)
def test_names_of_columns_come_in_every_form(root: Path, names: object, columns: tuple[str, ...]) -> None:
    assert read_feature(root, "action", dtype="float64", shape=[2], names=names).columns == columns


@pytest.mark.parametrize(
    ("shape", "names", "size", "known"),
    [
        ([480, 640, 3], ["height", "width", "channels"], (480, 640), True),
        ([3, 480, 640], ["channels", "height", "width"], (480, 640), True),
        ([640, 480, 3], ["width", "height", "channel"], (480, 640), True),
        ([3, 480, 640], None, (480, 640), False),
        ([480, 640, 3], None, (480, 640), False),
    ],
)
def test_the_names_say_which_edge_is_which(
    root: Path, shape: list[int], names: object, size: object, known: bool
) -> None:
    camera = read_feature(root, "camera", dtype="video", shape=shape, names=names)
    assert (camera.size, camera.has_size_order) == (size, known)
    assert camera.allows_size((480, 640))
    assert camera.allows_size((640, 480)) != known


def test_depth_is_told_by_its_flag_or_its_name(root: Path) -> None:
    flag = {"info": {"video.is_depth_map": True}}
    assert read_feature(root, "camera", dtype="video", shape=[4, 4, 1], **flag).is_depth
    assert read_feature(root, "camera", dtype="video", shape=[4, 4, 1], is_depth_map=True).is_depth
    assert read_feature(root, "head_depth", dtype="video", shape=[4, 4, 3]).is_depth
    assert not read_feature(root, "camera", dtype="video", shape=[4, 4, 3], info={"video.is_depth_map": False}).is_depth


def test_vectors_are_numbers_that_are_no_index_and_texts_may_be_numbers_of_tasks(root: Path) -> None:
    features = read_info(root).features
    assert is_vector(features[ACTION])
    assert not is_vector(features["task_index"])
    assert not is_vector(features[IMAGE])
    for size in (0, -1, 2**70):
        assert not is_vector(read_feature(root, "action", dtype="float32", shape=[size]))
    assert is_text(read_feature(root, "language", dtype="string", shape=[1]))
    assert is_text(read_feature(root, "annotation.human.task", dtype="int64", shape=[1]))
    assert not is_text(features[ACTION])
