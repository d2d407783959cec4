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
from policies.dataset.hdf5.checks import check_arrays, check_length
from policies.dataset.hdf5.episodes import (
    EpisodePlace,
    describe_contents,
    find_files,
    find_instruction,
    list_episodes,
    read_period,
)
from policies.dataset.hdf5.layout import EXECUTED_ACTIONS, SUFFIXES
from policies.dataset.hdf5.storage import find_dataset, open_hdf5, read_number, read_text, read_whole
from policies.dataset.mapping.convert import convert_actions, convert_states, integrate_odometry
from policies.dataset.mapping.mapping import FROM_ACTIONS, VectorMapping
from policies.dataset.mapping.resolve import resolve_mapping
from scenarios.common.errors import InputError

_BLOCK_BYTES = 4 << 20  # of frames that are read at a time


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
        self._contents = describe_contents(self.root, self._episodes)
        self.mapping = resolve_mapping(self._contents, mapping)
        self._infos: list[EpisodeInfo] = []
        periods = set()
        for place in self._episodes:
            with open_hdf5(place.path) as file:
                stated_s = read_period(file[place.group], file, place) if self.mapping.states_rate else None
                periods.add(1.0 / self.mapping.rate if stated_s is None else stated_s)
                self._infos.append(self._check_episode(file, place, stated_s))
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
            if EXECUTED_ACTIONS in group:
                executed = convert_actions(find_dataset(group, EXECUTED_ACTIONS, place.path)[:], mapping.actions)
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
                if len(inside):
                    yield from self._read_block(images, inside)

    def _read_block(self, images: Any, numbers: np.ndarray) -> Iterator[np.ndarray]:
        pixels = images[int(numbers[0]) : int(numbers[-1]) + 1]
        for number in numbers:
            frame = pixels[number - numbers[0]]
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

    def _check_episode(self, file: Any, place: EpisodePlace, period_s: float | None) -> EpisodeInfo:
        group, path = file[place.group], place.path
        attributes = {**file.attrs, **group.attrs}
        length = check_arrays(group, path, self.mapping, self._contents)
        check_length(attributes, length, period_s, path)
        scene = [attributes.get(key) for key in ("scenario", "suite_seed", "episode")]
        success = attributes.get("success")
        return EpisodeInfo(
            length=length,
            instruction=self._instruction(attributes, place),
            scene=None if any(part is None for part in scene) else _make_scene(scene, path),
            success=None if success is None else bool(read_number(success, f"attribute 'success' of {path}")),
            source=read_text(attributes.get("source")) or "unknown",
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
