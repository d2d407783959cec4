"""Reader of demonstrations in HDF5 files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from policies.dataset import scene_files
from policies.dataset.demonstration import (
    STATE_SIZE,
    DatasetNote,
    Demonstration,
    DemonstrationSignals,
    EpisodeInfo,
    SceneRef,
)
from policies.dataset.frame_size import MAX_PIXELS, is_too_large
from policies.dataset.hdf5.episodes import (
    DURATION_TOLERANCE,
    EpisodePlace,
    describe_contents,
    find_files,
    find_instruction,
    list_episodes,
    read_period,
)
from policies.dataset.hdf5.layout import EVENT_TYPES, SUFFIXES
from policies.dataset.hdf5.storage import find_dataset, open_hdf5, read_number, read_text, read_whole
from policies.dataset.mapping.convert import convert_actions, convert_states, integrate_odometry
from policies.dataset.mapping.mapping import FROM_ACTIONS, VectorMapping
from policies.dataset.mapping.resolve import resolve_mapping
from scenarios.common.errors import InputError

_EXECUTED = "executed_actions"
_BLOCK_BYTES = 8 << 20  # of frames that are read at a time


class Hdf5Dataset:
    """Episodes in a folder of HDF5 files, written here or elsewhere; used like ``Dataset``.

    In the published layout, a file is an episode. Where it lacks the entries that only files written here have,
    ``agent_pos`` is dead-reckoned from the actions, ``executed`` equals ``actions``, the instruction is that of the
    cell in the file's name, and ``scene`` and ``success`` are None; its images are BGR. Other layouts need a mapping.
    Episodes are in the order of their files' names.

    Args:
        root: The folder.
        mapping: A mapping file; None to guess from names, or to use ``mapping.yaml`` in the folder.

    Raises:
        InputError: There is no such folder, it contains no HDF5 file, or one contradicts itself or needs a mapping.
    """

    notes: tuple[DatasetNote, ...] = ()

    def __init__(self, root: Path, mapping: Path | None = None) -> None:
        self.root = Path(root)
        if not self.root.is_dir():
            raise InputError(f"there is no data set at {self.root}; expected a folder")
        self._paths = find_files(self.root)
        if not self._paths:
            raise InputError(f"{self.root} contains no episodes: expected files that end in {' or '.join(SUFFIXES)}")
        self._episodes = list_episodes(self._paths)
        self.mapping = resolve_mapping(describe_contents(self.root, self._episodes), mapping)
        self._infos: list[EpisodeInfo] = []
        periods = set()
        for place in self._episodes:
            with open_hdf5(place.path) as file:
                stated_s = read_period(file[place.group], file, place)
                periods.add(stated_s if self.mapping.states_rate and stated_s is not None else 1.0 / self.mapping.rate)
                self._infos.append(self._check_episode(file, place))
        if len(periods) > 1:
            raise InputError(
                f"the episodes in {self.root} have periods of {sorted(periods)} s; expected the same for all"
            )
        self.period_s = periods.pop()

    @property
    def fps(self) -> float:
        """Records per second."""
        return 1.0 / self.period_s

    def __len__(self) -> int:
        """Return the number of episodes."""
        return len(self._episodes)

    def __iter__(self) -> Iterator[Demonstration]:
        """Read all episodes in order, one in memory at a time."""
        return (self.demonstration(i) for i in range(len(self)))

    @cached_property
    def fingerprint(self) -> str:
        """The sha256 over the names and contents of all files; computed on first use."""
        digest = hashlib.sha256()
        for path in self._paths:
            with path.open("rb") as file:
                digest.update(f"{path.name}\0{hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
        return digest.hexdigest()

    def info(self, i: int) -> EpisodeInfo:
        """Return the description of episode ``i`` without reading its frames."""
        if not 0 <= i < len(self):
            raise IndexError(f"{self.root} has episodes 0 to {len(self) - 1}, not {i}")
        return self._infos[i]

    def signals(self, i: int) -> DemonstrationSignals:
        """Read episode ``i`` without its frames.

        Raises:
            IndexError: There is no such episode.
            InputError: The file is damaged.
        """
        info, place, mapping = self.info(i), self._episodes[i], self.mapping
        with open_hdf5(place.path) as file:
            group = file[place.group]
            actions = convert_actions(find_dataset(group, mapping.actions.feature, place.path)[:], mapping.actions)
            executed = actions
            if _EXECUTED in group:
                executed = convert_actions(find_dataset(group, _EXECUTED, place.path)[:], mapping.actions)
            states = self._states(group, place, actions)
        return DemonstrationSignals(
            scene=info.scene,
            instruction=info.instruction,
            success=info.success,
            source=info.source,
            agent_pos=states,
            actions=actions,
            executed=executed,
        )

    def _states(self, group: Any, place: EpisodePlace, actions: np.ndarray) -> np.ndarray:
        state = self.mapping.state
        if isinstance(state, VectorMapping):
            return convert_states(find_dataset(group, state.feature, place.path)[:], state)
        if state == FROM_ACTIONS:
            return integrate_odometry(actions, self.period_s)
        return np.zeros((len(actions), STATE_SIZE), np.float32)

    def frames(self, i: int, numbers: Sequence[int] | None = None) -> Iterator[np.ndarray]:
        """Read frames of episode ``i`` a few at a time, (H, W, 3) uint8 RGB each.

        Args:
            i: The episode.
            numbers: Ascending numbers of the frames in it; None for all.

        Raises:
            InputError: The file is damaged.
        """
        wanted = np.arange(self.info(i).length) if numbers is None else np.asarray(numbers, np.int64)
        place = self._episodes[i]
        with open_hdf5(place.path) as file:
            images = find_dataset(file[place.group], self.mapping.camera, place.path)
            bytes_each = int(np.prod(images.shape[1:]))
            stored = images.chunks[0] if images.chunks else 1  # frames that can only be read together
            block = max(stored, stored * (_BLOCK_BYTES // (stored * bytes_each)))
            for start in range(0, len(images), block):
                inside = wanted[(wanted >= start) & (wanted < start + block)]
                if not len(inside):
                    continue
                pixels = images[int(inside[0]) : int(inside[-1]) + 1]
                for number in inside:
                    frame = pixels[number - inside[0]]
                    yield np.ascontiguousarray(frame[..., ::-1]) if self.mapping.colours == "bgr" else frame

    def demonstration(self, i: int) -> Demonstration:
        """Read episode ``i`` with its frames, all in memory; actions in [-1, 1].

        Raises:
            IndexError: There is no such episode.
            InputError: The file is damaged.
        """
        return self.signals(i).with_frames(self.frames(i))

    def close(self) -> None:
        """Do nothing: no file stays open."""

    def _check_episode(self, file: Any, place: EpisodePlace) -> EpisodeInfo:
        group, path = file[place.group], place.path
        attributes = {**file.attrs, **group.attrs}
        length = self._check_shapes(group, path)
        if "num_frames" in attributes:
            stated = read_number(attributes["num_frames"], f"attribute 'num_frames' of {path}")
            if stated != length:
                raise InputError(f"{path} has {length} frames; its attribute 'num_frames' states {stated:g}")
        self._check_duration(attributes, length, file, place)
        scene = [attributes.get(key) for key in ("scenario", "suite_seed", "episode")]
        success = attributes.get("success")
        return EpisodeInfo(
            length=length,
            instruction=self._instruction(attributes, place),
            scene=None if any(part is None for part in scene) else _make_scene(scene, path),
            success=None if success is None else bool(read_number(success, f"attribute 'success' of {path}")),
            source=read_text(attributes.get("source")) or "unknown",
        )

    def _check_shapes(self, group: Any, path: Path) -> int:
        """Check the arrays that are read, and return their length."""
        mapping = self.mapping
        images = find_dataset(group, mapping.camera, path)
        sizes: dict[str, tuple[int | None, ...]] = {mapping.camera: (None, None, None, 3)}
        for vector in (mapping.actions, mapping.state):
            if isinstance(vector, VectorMapping):
                widest = max(column.place for column in vector.columns.values()) + 1
                array = find_dataset(group, vector.feature, path)
                size = 3 if vector.feature == "actions" and EVENT_TYPES in group else None
                if size is None and array.ndim == 2 and array.shape[1] >= widest:
                    size = int(array.shape[1])
                if vector.feature == "agent_pos":
                    size = STATE_SIZE
                sizes[vector.feature] = (None, size or widest)
        if _EXECUTED in group:
            sizes[_EXECUTED] = sizes[mapping.actions.feature]
        if EVENT_TYPES in group:
            sizes[EVENT_TYPES] = (None,)
        length = int(images.shape[0]) if images.shape else 0
        for key, wanted in sizes.items():
            shape = find_dataset(group, key, path).shape
            right = len(shape) == len(wanted) and all(w in (None, s) for w, s in zip(wanted, shape, strict=True))
            if not right or shape[0] != length or length < 1:
                raise InputError(f"'{key}' in {path} has shape {shape}; expected {_format_shape(wanted, length)}")
        if images.dtype != np.uint8:
            raise InputError(f"'{mapping.camera}' in {path} has type {images.dtype}; expected uint8")
        if is_too_large(images.shape[1:3]):
            raise InputError(
                f"'{mapping.camera}' in {path} has frames of {images.shape[1]}x{images.shape[2]} pixels, which are too "
                f"large: at most {MAX_PIXELS} pixels can be read"
            )
        return length

    def _check_duration(self, attributes: dict[str, Any], length: int, file: Any, place: EpisodePlace) -> None:
        """Check the stated duration against the records times their period, from the first to the last or its end."""
        if "total_duration" not in attributes or not self.mapping.states_rate:
            return
        period_s = read_period(file[place.group], file, place) or 1.0 / self.mapping.rate
        stated_s = read_number(attributes["total_duration"], f"attribute 'total_duration' of {place.path}")
        allowed_s = DURATION_TOLERANCE * length * period_s
        if not (length - 1) * period_s - allowed_s <= stated_s <= length * period_s + allowed_s:
            rate = f" ('rate: {length / stated_s:.4g}')" if stated_s > 0.0 else ""
            raise InputError(
                f"{place.path} has {length} records of {period_s:g} s each; its attribute 'total_duration' states "
                f"{stated_s:g} s: say which is right in a mapping file{rate}"
            )

    def _instruction(self, attributes: dict[str, Any], place: EpisodePlace) -> str:
        wanted = self.mapping.instruction
        if wanted.text is not None:
            return wanted.text
        text = find_instruction(attributes, place)
        if wanted.source is not None:
            text = read_text(attributes.get(wanted.source))
        if text is None or not text.strip():
            raise InputError(f"{place.path} has no instruction: give one in a mapping file ('instruction: …')")
        return text


def _make_scene(parts: Sequence[Any], path: Path) -> SceneRef:
    scenario = read_text(parts[0])
    if scenario is None:
        raise InputError(f"attribute 'scenario' of {path} is {parts[0]!r}; expected a text")
    seed, episode = (read_whole(part, f"an attribute of the scene in {path}") for part in parts[1:])
    return scene_files.resolve_scene(SceneRef(scenario, seed, episode), path.parent)


def _format_shape(wanted: tuple[int | None, ...], length: int) -> str:
    """Format a shape for messages, e.g. (18, H, W, 3)."""
    names = [str(length or "t"), *("HW" if len(wanted) == 4 else ""), *(str(size) for size in wanted[1:] if size)]
    return f"({', '.join(names)})"
