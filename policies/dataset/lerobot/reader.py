"""Reader of LeRobot data sets: checked when opened, read one episode at a time, frame by frame."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa

from policies.dataset import scene_files
from policies.dataset.captions import CaptionFile
from policies.dataset.demonstration import STATE_SIZE, DatasetNote, Demonstration, DemonstrationSignals, EpisodeInfo
from policies.dataset.lerobot import layout
from policies.dataset.lerobot.clips import ClipReader, check_clips, check_size
from policies.dataset.lerobot.images import read_images
from policies.dataset.lerobot.index.episodes import read_episodes
from policies.dataset.lerobot.index.info import DatasetInfo, is_text, is_vector, read_info
from policies.dataset.lerobot.index.parquet import RowReader, read_numbers
from policies.dataset.lerobot.index.segments import Segment, describe_tasks, list_segments
from policies.dataset.lerobot.index.tasks import read_tasks
from policies.dataset.mapping.contents import CameraFeature, DatasetContents, VectorFeature
from policies.dataset.mapping.convert import convert_actions, convert_states, integrate_odometry
from policies.dataset.mapping.mapping import FROM_ACTIONS, VectorMapping
from policies.dataset.mapping.resolve import resolve_mapping
from scenarios.common.errors import InputError, damage_as_input_error

_RATE_TOLERANCE = 0.1  # share by which the times of an episode's frames may contradict the stated rate


class Dataset:
    """A LeRobot data set of version 3.0, 2.1 or 2.0, written here or elsewhere.

    A mapping says which features are the camera, the actions and the state. Data sets from elsewhere may lack what only
    ours have: then ``executed`` equals ``actions``, ``scene``, ``noise_burst`` and ``clearance_m`` are None, ``source``
    is ``"unknown"``, and ``success`` is taken from ``next.success`` in the last row, or is None.

    Reading episodes in ascending order is fastest: each video is then decoded once, from front to back.

    Args:
        root: The data set's folder.
        mapping: A mapping file; None to guess from names, or to use ``mapping.yaml`` in the folder.

    Raises:
        InputError: There is no data set of these versions, it is incomplete or damaged, contradicts itself, or needs a
            mapping. Damage inside videos and pictures is found when an episode is read.
    """

    def __init__(self, root: Path, mapping: Path | None = None) -> None:
        self.root = Path(root)
        with self._reading():
            self._open(mapping)

    def _open(self, mapping: Path | None) -> None:
        self._info = read_info(self.root)
        tasks = read_tasks(self.root)
        self.mapping = resolve_mapping(describe_contents(self.root, self._info, tasks is not None), mapping)
        self._camera = self._info.features[self.mapping.camera]
        self._episodes = read_episodes(self.root, self._info, self.mapping.camera)
        self._columns = self._list_columns()
        needed = [*self._columns[:2], *([self._camera.name] if self._camera.dtype == "image" else [])]
        self._segments = list_segments(self._episodes, tasks, self.mapping.instruction, needed)
        self._captions = CaptionFile(self.root / layout.CAPTIONS_PATH)
        self._rows = RowReader(self._columns)
        self._clips = ClipReader(self._camera, self._info.fps)
        check_clips(self._episodes, self._camera, self._info.fps)

    def _reading(self) -> AbstractContextManager[None]:
        return damage_as_input_error(f"the data set {self.root}", "it is damaged, or was edited by hand")

    @property
    def fps(self) -> float:
        """Frames per second."""
        return self.mapping.rate

    @property
    def notes(self) -> tuple[DatasetNote, ...]:
        """What one should know beside figures of this set."""
        return tuple(describe_tasks(self._segments, is_given=self.mapping.instruction.text is not None))

    def __len__(self) -> int:
        """Return the number of episodes."""
        return len(self._segments)

    def __iter__(self) -> Iterator[Demonstration]:
        """Read all episodes in order, one in memory at a time."""
        return (self.demonstration(i) for i in range(len(self)))

    @cached_property
    def fingerprint(self) -> str:
        """The sha256 over the names and contents of all files of the data set; computed on first use."""
        paths = {path for path in (self.root / "meta").rglob("*") if path.is_file()}
        paths |= {episode.data for episode in self._episodes}
        paths |= {episode.clip.path for episode in self._episodes if episode.clip is not None}
        digest = hashlib.sha256()
        for name, path in sorted((path.relative_to(self.root).as_posix(), path) for path in paths):
            with path.open("rb") as file:
                digest.update(f"{name}\0{hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
        return digest.hexdigest()

    def info(self, i: int) -> EpisodeInfo:
        """Return the description of episode ``i`` without decoding its frames."""
        segment = self._segment(i)
        with self._reading():
            return self._describe(segment, None if self._success_is_known(segment) else self._read_rows(segment))

    def signals(self, i: int) -> DemonstrationSignals:
        """Read episode ``i`` without its frames.

        Raises:
            IndexError: There is no such episode.
            InputError: Its rows are damaged.
        """
        segment = self._segment(i)
        with self._reading():
            return self._read_signals(segment)

    def _read_signals(self, segment: Segment) -> DemonstrationSignals:
        table = self._read_rows(segment)
        self._read_times(segment, table)
        info = self._describe(segment, table)
        actions = convert_actions(self._vector(table, self.mapping.actions, segment), self.mapping.actions)
        executed = self._scalar_or_vector(table, segment, layout.EXECUTED)
        noise_burst, clearance_m = (self._scalar_or_vector(table, segment, name) for name in layout.OPTIONAL_SCALARS)
        whole = segment.length == segment.episode.length
        return DemonstrationSignals(
            scene=info.scene,
            instruction=info.instruction,
            success=info.success,
            source=info.source,
            agent_pos=self._states(table, actions, segment),
            actions=actions,
            executed=actions if executed is None else convert_actions(executed, self.mapping.actions),
            captions=self._captions.for_episode(segment.episode.number) if whole else (),
            noise_burst=None if noise_burst is None else noise_burst[:, 0].astype(bool),
            clearance_m=None if clearance_m is None else clearance_m[:, 0].astype(np.float32),
        )

    def frames(self, i: int, numbers: Sequence[int] | None = None) -> Iterator[np.ndarray]:
        """Decode frames of episode ``i`` one after the other, (H, W, 3) uint8 RGB each.

        Args:
            i: The episode.
            numbers: Ascending numbers of the frames in it; None for all.

        Raises:
            InputError: A frame is missing or damaged.
        """
        segment = self._segment(i)
        wanted = range(segment.length) if numbers is None else numbers
        if not len(wanted):
            return iter(())
        decoded = self._decode(segment, wanted)
        return (frame[..., ::-1] for frame in decoded) if self.mapping.colours == "bgr" else decoded

    def _decode(self, segment: Segment, numbers: Sequence[int]) -> Iterator[np.ndarray]:
        episode = segment.episode
        if episode.clip is None:
            rows = [segment.first_row + number for number in numbers]
            return read_images(
                episode.data,
                self._camera.name,
                rows,
                self.root,
                lambda size, _: check_size(size, self._camera, episode),
            )
        times_s = self._read_times(segment, self._read_rows(segment))[np.asarray(numbers)]
        return self._clips.read(episode.clip.path, episode.clip.from_s + times_s)

    def demonstration(self, i: int) -> Demonstration:
        """Read episode ``i`` with its frames, all in memory.

        Raises:
            IndexError: There is no such episode.
            InputError: Its rows or frames are damaged.
        """
        return self.signals(i).with_frames(self.frames(i))

    def close(self) -> None:
        """Close the open video; it is reopened when needed."""
        self._clips.close()

    def _segment(self, i: int) -> Segment:
        if not 0 <= i < len(self):
            raise IndexError(f"{self.root} has episodes 0 to {len(self) - 1}, not {i}")
        return self._segments[i]

    def _list_columns(self) -> list[str]:
        """The columns to read; the first two must be in every file."""
        state = [self.mapping.state.feature] if isinstance(self.mapping.state, VectorMapping) else []
        known = (layout.EXECUTED, layout.SUCCESS, *layout.OPTIONAL_SCALARS)
        optional = [name for name in known if name in self._info.features]
        return list(dict.fromkeys(["timestamp", self.mapping.actions.feature, *state, *optional]))

    def _read_rows(self, segment: Segment) -> pa.Table:
        return self._rows.read(segment.episode.data, segment.first_row, segment.length)

    def _read_times(self, segment: Segment, table: pa.Table) -> np.ndarray:
        """Times of the frames (t,) in s since the start of the recorded episode, checked against the stated rate."""
        where = f"column 'timestamp' of {segment.episode.data}"
        times_s = read_numbers(table["timestamp"], 1, where)[:, 0].astype(np.float64)
        steps = np.diff(times_s)
        episode = segment.episode.number
        if not np.isfinite(times_s).all() or (steps <= 0).any():
            raise InputError(f"{where} doesn't ascend in episode {episode}; expected rows in order of time")
        if len(steps) and self.mapping.states_rate:
            rate = len(steps) / (times_s[-1] - times_s[0])
            if abs(rate / self._info.fps - 1.0) > _RATE_TOLERANCE:
                raise InputError(
                    f"{where} has {rate:.4g} frames per second in episode {episode}, {layout.INFO_PATH} states "
                    f"{self._info.fps:g}: say which is right in a mapping file ('rate: {rate:.4g}')"
                )
        return times_s

    def _vector(self, table: pa.Table, mapping: VectorMapping, segment: Segment) -> np.ndarray:
        size = self._info.features[mapping.feature].shape[0]
        where = f"column '{mapping.feature}' of {segment.episode.data}"
        if mapping.feature not in table.column_names:
            raise InputError(f"{segment.episode.data} lacks the column '{mapping.feature}'")
        return read_numbers(table[mapping.feature], size, where)

    def _scalar_or_vector(self, table: pa.Table, segment: Segment, name: str) -> np.ndarray | None:
        """A column that only our sets have, (t, n); None if it is missing, or isn't in the form of the actions."""
        if name not in table.column_names:
            return None
        feature, actions = self._info.features[name], self._info.features[self.mapping.actions.feature]
        if name == layout.EXECUTED and (feature.shape, feature.columns) != (actions.shape, actions.columns):
            return None
        return read_numbers(
            table[name], feature.shape[0] if feature.shape else 1, f"column '{name}' of {segment.episode.data}"
        )

    def _states(self, table: pa.Table, actions: np.ndarray, segment: Segment) -> np.ndarray:
        state = self.mapping.state
        if isinstance(state, VectorMapping):
            return convert_states(self._vector(table, state, segment), state)
        if state == FROM_ACTIONS:
            return integrate_odometry(actions, 1.0 / self.fps)
        return np.zeros((segment.length, STATE_SIZE), np.float32)

    def _success_is_known(self, segment: Segment) -> bool:
        episode = segment.episode
        return episode.success is not None or episode.source is not None or layout.SUCCESS not in self._info.features

    def _describe(self, segment: Segment, table: pa.Table | None) -> EpisodeInfo:
        episode = segment.episode
        success = episode.success
        if table is not None and not self._success_is_known(segment) and layout.SUCCESS in table.column_names:
            success = bool(read_numbers(table[layout.SUCCESS], 1, layout.SUCCESS)[-1, 0]) if segment.is_last else None
        scene = None if episode.scene is None else scene_files.resolve_scene(episode.scene, self.root)
        return EpisodeInfo(segment.length, segment.instruction, scene, success, episode.source or "unknown")


def describe_contents(root: Path, info: DatasetInfo, has_tasks: bool) -> DatasetContents:
    """Describe what a data set contains, for its mapping."""
    features = info.features.values()
    tasks = layout.TASKS_LINES_PATH if info.is_v2 else layout.TASKS_PATH
    return DatasetContents(
        root=root,
        rate=info.fps,
        cameras=tuple(CameraFeature(each.name, each.size, each.is_depth) for each in features if each.is_camera),
        vectors=tuple(VectorFeature(each.name, each.shape[0], each.columns) for each in features if is_vector(each)),
        texts=tuple(each.name for each in features if is_text(each)),
        missing_instruction=None if has_tasks else f"the data set is incomplete: {root / tasks} is missing",
    )
