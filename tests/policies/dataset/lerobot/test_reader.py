from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.dataset import Dataset, DatasetWriter, Demonstration, FrameCaption, SceneRef, SeenObject
from policies.dataset.lerobot.video import VideoReader
from scenarios.common.errors import InputError

from ..conftest import make

INFO = "meta/info.json"
EPISODES = "meta/episodes/chunk-000/file-000.parquet"
TASKS = "meta/tasks.parquet"
DATA = "data/chunk-000/file-000.parquet"
VIDEO = "videos/observation.images.front/chunk-000/file-000.mp4"
LENGTHS = (4, 1, 9, 2)


def write(root: Path, demonstrations: list[Demonstration]) -> Path:
    with DatasetWriter(root) as writer:
        for each in demonstrations:
            writer.add(each)
    return root


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / np.square(a.astype(float) - b).mean()))


def same_but_pixels(a: Demonstration, b: Demonstration) -> bool:
    names = ("agent_pos", "actions", "executed", "noise_burst", "clearance_m")
    arrays = all(np.array_equal(getattr(a, n), getattr(b, n)) for n in names)
    empty = {n: np.empty(0) for n in ("pixels", *names)}
    rest = [[v for v in vars(replace(d, **empty)).values() if not isinstance(v, np.ndarray)] for d in (a, b)]
    return arrays and rest[0] == rest[1]


@pytest.fixture
def originals() -> list[Demonstration]:
    return [make(length, number) for number, length in enumerate(LENGTHS)]


@pytest.fixture
def root(tmp_path: Path, originals: list[Demonstration]) -> Path:
    return write(tmp_path / "set", originals)


texts = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=12)
units = st.floats(0, 1)


@st.composite
def demonstrations(draw: st.DrawFn) -> Demonstration:
    length = draw(st.integers(1, 6))
    floats = st.floats(width=32, allow_nan=False, allow_infinity=False)

    def table(width: int) -> np.ndarray:
        values = draw(st.lists(floats, min_size=length * width, max_size=length * width))
        return np.array(values, dtype=np.float32).reshape(length, width)

    seen = st.builds(SeenObject, texts, st.tuples(units, units, units, units))
    frames = draw(st.lists(st.integers(0, length - 1), unique=True, max_size=3).map(sorted))
    return make(
        length,
        scene=draw(st.none() | st.builds(SceneRef, texts, st.integers(0, 2**63 - 1), st.integers(0, 10**6))),
        instruction=draw(texts),
        success=draw(st.none() | st.booleans()),
        source=draw(texts),
        agent_pos=table(6),
        actions=table(3),
        executed=table(3),
        captions=tuple(FrameCaption(frame, tuple(draw(st.lists(seen, max_size=2)))) for frame in frames),
    )


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(demonstrations(), min_size=1, max_size=4))
def test_what_was_written_is_read_bit_for_bit(
    tmp_path_factory: pytest.TempPathFactory, given_ones: list[Demonstration]
) -> None:
    read = list(Dataset(write(tmp_path_factory.mktemp("d") / "set", given_ones)))
    assert len(read) == len(given_ones)
    for ours, original in zip(read, given_ones, strict=True):
        assert same_but_pixels(ours, original)
        assert ours.pixels.shape == original.pixels.shape


@pytest.mark.parametrize("fps", [1, 3, Fraction(10, 3), 30, 60])
def test_frames_are_found_at_any_rate(tmp_path: Path, fps: int | Fraction) -> None:
    originals = [make(length, number) for number, length in enumerate((50, 1, 7))]
    with DatasetWriter(tmp_path / "set", fps=fps) as writer:
        for each in originals:
            writer.add(each)
    dataset = Dataset(tmp_path / "set")
    assert dataset.fps == float(fps)
    for i in (2, 0, 1):
        assert psnr(dataset.demonstration(i).pixels, originals[i].pixels) > 40


@pytest.mark.parametrize("size", [64, 224])
def test_frames_come_back_close_and_in_their_places(tmp_path: Path, size: int) -> None:
    originals = [make(length, number, size) for number, length in enumerate((12, 1, 7))]
    for ours, original in zip(Dataset(write(tmp_path / "set", originals)), originals, strict=True):
        assert psnr(ours.pixels, original.pixels) > 40
        assert abs((ours.pixels.astype(float) - original.pixels).mean()) < 0.3  # no darkening
        for k, frame in enumerate(ours.pixels):  # neighbours are at least 6 dB worse
            others = [psnr(frame, o) for j, o in enumerate(original.pixels) if j != k]
            assert psnr(frame, original.pixels[k]) > max(others, default=0) + 6


def test_any_order_gives_the_same_frames_as_front_to_back(root: Path) -> None:
    forward = [each.pixels for each in Dataset(root)]
    dataset = Dataset(root)
    for i in (3, 0, 2, 2, 1, 3, 0, 1):
        np.testing.assert_array_equal(dataset.demonstration(i).pixels, forward[i])


def test_front_to_back_never_seeks(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_seek(self: VideoReader, time_s: float) -> None:
        raise AssertionError(f"sought {time_s}")

    monkeypatch.setattr(VideoReader, "_seek", no_seek)
    assert [each.length for each in Dataset(root)] == list(LENGTHS)


def test_info_tells_an_episode_without_its_frames(root: Path, originals: list[Demonstration]) -> None:
    dataset = Dataset(root)
    for i, original in enumerate(originals):
        info = dataset.info(i)
        assert info.length == original.length
        for name in ("instruction", "scene", "success", "source"):
            assert getattr(info, name) == getattr(original, name)
    for outside in (-1, len(originals)):
        with pytest.raises(IndexError):
            dataset.info(outside)


def test_the_fingerprint_tells_contents_apart_not_places(root: Path, originals: list[Demonstration]) -> None:
    first = Dataset(root).fingerprint
    moved = root.rename(root.parent / "moved")
    assert Dataset(moved).fingerprint == first
    (moved / "README.md").write_text("notes are no content")
    assert Dataset(moved).fingerprint == first
    actions = originals[1].actions.copy()
    actions[0, 0] = np.nextafter(actions[0, 0], np.float32(2))
    changed = [originals[0], replace(originals[1], actions=actions), *originals[2:]]
    assert Dataset(write(root.parent / "other", changed)).fingerprint != first


def without_columns(path: Path, *names: str) -> None:
    pq.write_table(pq.read_table(path).drop_columns(list(names)), path)


def edit_info(root: Path, edit: Callable[[dict], object]) -> None:
    info = json.loads((root / INFO).read_text())
    edit(info)
    (root / INFO).write_text(json.dumps(info))


def test_a_set_without_our_columns_is_read(root: Path, originals: list[Demonstration]) -> None:
    ours = ["scene/scenario", "scene/suite_seed", "scene/episode", "demonstration/source", "demonstration/success"]
    without_columns(root / EPISODES, *ours)
    own_columns = ("executed_action", "noise_burst", "clearance_m")
    without_columns(root / DATA, *own_columns)
    edit_info(root, lambda info: [info["features"].pop(name) for name in own_columns])
    (root / "meta/captions.jsonl").unlink()
    for read, original in zip(Dataset(root), originals, strict=True):
        assert (read.scene, read.source, read.captions) == (None, "unknown", ())
        assert read.success == original.success  # from next.success
        assert (read.noise_burst, read.clearance_m) == (None, None)
        np.testing.assert_array_equal(read.executed, original.actions)
    edit_info(root, lambda info: info["features"].pop("next.success"))
    assert Dataset(root).info(0).success is None


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def set_feature(name: str, key: str, value: object) -> Callable[[Path], None]:
    return lambda root: edit_info(root, lambda info: info["features"][name].update({key: value}))


def set_info(key: str, value: object) -> Callable[[Path], None]:
    return lambda root: edit_info(root, lambda info: info.update({key: value}))


def replace_episodes(name: str, values: list) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        table = pq.read_table(root / EPISODES)
        column = pa.array(values, table.schema.field(name).type)
        pq.write_table(table.set_column(table.column_names.index(name), name, column), root / EPISODES)

    return change


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda root: (root / INFO).unlink(), "not a LeRobot data set"),
        (lambda root: (root / INFO).write_text("{"), "not valid JSON"),
        (lambda root: (root / INFO).write_text("[]"), "codebase_version"),
        (set_info("codebase_version", "v1.6"), "codebase_version 'v1.6'; only v3.0, v2.1, v2.0"),
        (set_info("codebase_version", "v2.1"), "fields may only be episode_chunk, episode_index, video_key"),
        (set_info("fps", 0), "fps 0"),
        (set_info("fps", "ten"), "fps 'ten'"),
        (set_info("total_episodes", 5), "4 different episodes in 4 rows; meta/info.json states 5"),
        (set_info("total_frames", 99), "99"),
        (set_info("features", None), "no features"),
        (set_info("data_path", "../data/file.parquet"), "leaves"),
        (set_info("video_path", "/etc/passwd"), "leaves"),
        (set_info("video_path", "{video_key.__class__}"), "fields may only be"),
        (set_info("video_path", "{chunk_index:999999999d}"), "fields may only be"),
        (set_info("video_path", None), "expected a path"),
        (set_info("video_path", "{"), "not a path template"),
        (set_feature("observation.images.front", "dtype", "image"), "lacks the column 'observation.images.front'"),
        (set_feature("observation.images.front", "shape", [480, 640, 3]), "64x64 pixels; the data set states 480x640"),
        (set_feature("action", "shape", "three"), "shape 'three'"),
        (lambda root: (root / EPISODES).unlink(), "no parquet file"),
        (lambda root: truncate(root / EPISODES), "truncated"),
        (lambda root: without_columns(root / EPISODES, "length"), "lacks the column 'length'"),
        (replace_episodes("episode_index", [0, 2, 1, 3]), "rows of episode 1; expected"),
        (replace_episodes("episode_index", [0, 1, 1, 3]), "3 different episodes in 4 rows"),
        (replace_episodes("length", [4, 1, -9, 2]), "impossible numbers"),
        (replace_episodes("length", [4, None, 9, 2]), "impossible numbers"),
        (lambda root: pq.write_table(pa.table({"task_index": ["nan"], "task": ["go"]}), root / TASKS), "it is damaged"),
        (lambda root: pq.write_table(pq.read_table(root / TASKS).slice(0, 0), root / TASKS), "the list of tasks lacks"),
        (lambda root: (root / DATA).unlink(), "file-000.parquet is missing"),
        (lambda root: truncate(root / DATA), "truncated"),
        (lambda root: (root / VIDEO).unlink(), "mp4 is missing"),
        (lambda root: truncate(root / VIDEO), "truncated"),
        (lambda root: (root / VIDEO).write_bytes(b""), "not a readable video"),
        (lambda root: (root / "meta/captions.jsonl").write_text("{}\n"), "captions.jsonl is not readable"),
    ],
)
def test_damage_is_told_in_one_sentence_on_opening(root: Path, damage: Callable[[Path], None], complaint: str) -> None:
    damage(root)
    with pytest.raises(InputError, match=complaint) as caught:
        Dataset(root)
    assert "\n" not in str(caught.value)


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no data set at"):
        Dataset(tmp_path / "nowhere")


def test_a_video_shorter_than_its_episodes_is_refused(root: Path, tmp_path: Path) -> None:
    short = write(tmp_path / "short", [make(6)])
    (short / VIDEO).replace(root / VIDEO)
    with pytest.raises(InputError, match="6 frames; the episodes in it end at frame 16"):
        Dataset(root)


def test_frames_that_are_not_at_their_times_are_refused(root: Path) -> None:
    replace_episodes("videos/observation.images.front/from_timestamp", [0.05, 0.45, 0.55, 1.45])(root)
    replace_episodes("videos/observation.images.front/to_timestamp", [0.45, 0.55, 1.45, 1.65])(root)
    with pytest.raises(InputError, match="no frame at"):
        Dataset(root).demonstration(0)


def test_damage_inside_a_video_is_told_when_its_episode_is_read(root: Path) -> None:
    content = bytearray((root / VIDEO).read_bytes())
    start = content.index(b"mdat") + 2000
    content[start : start + 4000] = bytes(4000)
    (root / VIDEO).write_bytes(bytes(content))
    with pytest.raises(InputError, match=r"file-000\.mp4"):
        list(Dataset(root))


def test_rows_that_contradict_the_episodes_are_refused(root: Path) -> None:
    table = pq.read_table(root / DATA)
    pq.write_table(table.slice(0, table.num_rows - 1), root / DATA)
    with pytest.raises(InputError, match="rows of episode 3"):
        Dataset(root)
