"""Demonstrations in the published layout: one HDF5 file an episode.

Layout, after the public repository minuum/vla (``mobile_vla_data_collector.py`` writes it, ``mobile_vla_h5_dataset.py``
reads it): ``images`` (t, H, W, 3) uint8; ``actions`` (t, 3) float32, linear_x and linear_y in m/s, angular_z in rad/s;
``action_event_types`` (t,) text; the attributes ``episode_name``, ``num_frames``, ``total_duration`` in seconds and
``action_chunk_size``. The instruction stands nowhere but in the file's name, as its cell: ``..._1box_vert_left.h5``.

Files written here hold more, which published readers pass over: ``agent_pos``, ``executed_actions``, and attributes
for the instruction, the period, the driver and the scene. Captions are not kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import h5py
import numpy as np

from policies.dataset import scene_files
from policies.dataset.demonstration import STATE_SIZE, Demonstration, EpisodeInfo, SceneRef
from scenarios.common.errors import InputError
from scenarios.robot import ACTION_SCALE, ACTION_SIZE, KEY_PRESS_PERIOD_S

SUFFIX = ".h5"
CHUNK = 18  # frames of a published episode, and its ``action_chunk_size``
START, PRESS, STOP = "episode_start", "start_action", "stop_action"

_CELL = re.compile(r"(?<!\d)([12])box_(?:(?:vert|hori)_)?(left|right)")
_OBSTACLES = {"1": "single box obstacle", "2": "two box obstacles"}


def event_types(actions: np.ndarray) -> list[str]:
    """What a published recording calls each record: its start, a key press, or a stop."""
    moves = np.any(actions != 0.0, axis=1)  # (t,)
    return [START if k == 0 else PRESS if move else STOP for k, move in enumerate(moves)]


def parse_instruction(name: str) -> str | None:
    """The published instruction of a cell such as ``1box_vert_left`` in a file's name; None where it names none."""
    found = _CELL.search(name)
    if found is None:
        return None
    return f"Navigate around the {_OBSTACLES[found[1]]} by going {found[2]} to track the target cup"


def integrate_odometry(actions: np.ndarray, period_s: float) -> np.ndarray:
    """What a robot that does as it is told would know of itself: (t, 6) float32 ``agent_pos``.

    Published recordings hold no odometry.

    Args:
        actions: (t, 3) commands in [-1, 1].
        period_s: How long each lasts.
    """
    rates = ACTION_SCALE * np.asarray(actions, np.float64)
    before = np.concatenate([np.zeros((1, 3)), rates[:-1]])  # (t, 3) what the robot did until each record
    yaw = np.cumsum(before[:, 2]) * period_s
    heading = yaw - before[:, 2] * period_s  # at the start of that motion
    cos, sin = np.cos(heading), np.sin(heading)
    x = np.cumsum(cos * before[:, 0] - sin * before[:, 1]) * period_s
    y = np.cumsum(sin * before[:, 0] + cos * before[:, 1]) * period_s
    return np.column_stack([before, x, y, np.remainder(yaw + np.pi, 2 * np.pi) - np.pi]).astype(np.float32)


def scene_label(demonstration: Demonstration) -> str:
    """What the file of an episode is named after, unless told: its scene."""
    scene = demonstration.scene
    return "unknown" if scene is None else f"{scene.scenario}_{scene.suite_seed}_{scene.episode}"


class Hdf5Writer:
    """Writes demonstrations as a folder of HDF5 files; a context manager, as ``DatasetWriter`` is.

    Until it closes, all lies in a hidden folder beside ``root``.

    Args:
        root: The folder to make. It must not exist, or be empty.
        period_s: From record to record.
        label: What an episode's file is named after, e.g. its cell.

    Raises:
        InputError: If ``root`` is a file or holds something.
    """

    def __init__(
        self, root: Path, *, period_s: float = KEY_PRESS_PERIOD_S, label: Callable[[Demonstration], str] = scene_label
    ) -> None:
        self.root = Path(root)
        _check_vacant(self.root)
        self._period_s = period_s
        self._label = label
        self._count = 0
        parent = self.root.absolute().parent
        parent.mkdir(parents=True, exist_ok=True)
        self._folder = parent / f".{self.root.name}.partial-{os.getpid()}-{os.urandom(4).hex()}"
        self._folder.mkdir()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()

    def add(self, demonstration: Demonstration) -> None:
        """Write one episode to a file of its own."""
        name = f"episode_{self._count:04d}_{self._label(demonstration)}"
        raw = ACTION_SCALE * demonstration.actions
        with h5py.File(self._folder / f"{name}{SUFFIX}", "w") as file:
            file.attrs["episode_name"] = name
            file.attrs["num_frames"] = demonstration.length
            file.attrs["total_duration"] = demonstration.length * self._period_s
            file.attrs["action_chunk_size"] = CHUNK
            file.attrs["period_s"] = self._period_s
            file.attrs["instruction"] = demonstration.instruction
            file.attrs["source"] = demonstration.source
            if demonstration.success is not None:
                file.attrs["success"] = demonstration.success
            if demonstration.scene is not None:
                scene = demonstration.scene
                file.attrs["scenario"] = scene.scenario
                file.attrs["suite_seed"] = scene.suite_seed
                file.attrs["episode"] = scene.episode
            tables = {
                "images": demonstration.pixels,
                "actions": raw.astype(np.float32),
                "agent_pos": demonstration.agent_pos,
                "executed_actions": (ACTION_SCALE * demonstration.executed).astype(np.float32),
            }
            for key, values in tables.items():
                file.create_dataset(key, data=values, compression="gzip")
            words = np.array(event_types(raw), dtype=object)
            file.create_dataset("action_event_types", data=words, dtype=h5py.string_dtype(), compression="gzip")
        self._count += 1

    def keep_scenario(self, name: str, text: str) -> None:
        """Keep the file of a scenario of one's own, which scenes name."""
        scene_files.save_scenario_file(self._folder, name, text)

    def close(self) -> None:
        """Give the folder its name.

        Raises:
            InputError: If no episode was added, or ``root`` was filled meanwhile.
        """
        if not self._folder.exists():
            return
        try:
            if self._count == 0:
                raise InputError(f"no episode was recorded for {self.root}; a data set needs at least one")
            _check_vacant(self.root)
            self._folder.rename(self.root)
        except BaseException:
            self.discard()
            raise

    def discard(self) -> None:
        """Remove everything that was written; a closed folder stays."""
        shutil.rmtree(self._folder, ignore_errors=True)


class Hdf5Dataset:
    """A folder of episodes in the published layout, written here or recorded on a robot; read as a ``Dataset`` is.

    Where a file lacks what only files written here have: ``agent_pos`` is dead reckoned from the actions, ``executed``
    equals ``actions``, the instruction is that of the cell in the file's name, ``scene`` and ``success`` are None.
    Episodes are in the order of their files' names.

    Args:
        root: The folder.
        bgr: The images are in OpenCV's order of channels (the published collector stores what ``cv_bridge`` gives as
            ``bgr8``), and are to be turned round.

    Raises:
        InputError: If there is no such folder, it holds no ``.h5`` file, or one that isn't in this layout.
    """

    def __init__(self, root: Path, *, bgr: bool = False) -> None:
        self.root = Path(root)
        self._bgr = bgr
        if not self.root.is_dir():
            raise InputError(f"there is no data set at {self.root}; expected a folder")
        self._paths = sorted(self.root.glob(f"*{SUFFIX}"))
        if not self._paths:
            raise InputError(f"{self.root} holds no episodes: expected files that end in {SUFFIX}")
        self._infos: list[EpisodeInfo] = []
        periods = set()
        for path in self._paths:
            with _open_hdf5(path) as file:
                self._infos.append(_info(file, path))
                periods.add(float(file.attrs.get("period_s", KEY_PRESS_PERIOD_S)))
        if len(periods) > 1 or not min(periods) > 0.0:
            raise InputError(f"the episodes in {self.root} have periods of {sorted(periods)} s; expected one for all")
        self.period_s = periods.pop()

    @property
    def fps(self) -> float:
        """Records a second."""
        return 1.0 / self.period_s

    def __len__(self) -> int:
        """Number of episodes."""
        return len(self._paths)

    def __iter__(self) -> Iterator[Demonstration]:
        """All episodes in order, one in memory at a time."""
        return (self.demonstration(i) for i in range(len(self)))

    @cached_property
    def fingerprint(self) -> str:
        """sha256 over the names and contents of all files; computed on first use."""
        digest = hashlib.sha256()
        for path in self._paths:
            with path.open("rb") as file:
                digest.update(f"{path.name}\0{hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
        return digest.hexdigest()

    def info(self, i: int) -> EpisodeInfo:
        """What is known of episode ``i`` without reading its frames."""
        if not 0 <= i < len(self):
            raise IndexError(f"{self.root} has episodes 0 to {len(self) - 1}, not {i}")
        return self._infos[i]

    def demonstration(self, i: int) -> Demonstration:
        """Episode ``i``, with its frames; actions in [-1, 1].

        Raises:
            IndexError: If there is no such episode.
            InputError: If the file is damaged.
        """
        info, path = self.info(i), self._paths[i]
        with _open_hdf5(path) as file:
            pixels = np.asarray(file["images"][:])
            actions = np.asarray(file["actions"][:] / ACTION_SCALE, np.float32)
            executed = actions
            if "executed_actions" in file:
                executed = np.asarray(file["executed_actions"][:] / ACTION_SCALE, np.float32)
            known = np.asarray(file["agent_pos"][:], np.float32) if "agent_pos" in file else None
        return Demonstration(
            scene=info.scene,
            instruction=info.instruction,
            success=info.success,
            source=info.source,
            pixels=np.ascontiguousarray(pixels[..., ::-1]) if self._bgr else pixels,
            agent_pos=integrate_odometry(actions, self.period_s) if known is None else known,
            actions=actions,
            executed=executed,
        )

    def close(self) -> None:
        """Nothing stays open; here because a ``Dataset`` has it."""


@contextlib.contextmanager
def _open_hdf5(path: Path) -> Iterator[Any]:
    """The file, open for reading; what h5py has to say of it as an ``InputError``."""
    try:
        with h5py.File(path, "r") as file:
            yield file
    except (OSError, KeyError, RuntimeError) as error:
        raise InputError(f"{path} is not a readable HDF5 file ({error}); it may be cut short") from error


def _info(file: Any, path: Path) -> EpisodeInfo:
    sizes = {"images": (None, None, None, 3), "actions": (None, ACTION_SIZE), "action_event_types": (None,)}
    sizes |= {key: (None, size) for key, size in _OPTIONAL.items() if key in file}
    length = 0  # of the images, which come first
    for key, wanted in sizes.items():
        if not isinstance(file.get(key), h5py.Dataset):
            raise InputError(f"{path} lacks the data set '{key}'; it has {', '.join(sorted(file)) or 'nothing'}")
        shape = file[key].shape
        length = shape[0] if key == "images" and shape else length
        right = len(shape) == len(wanted) and all(w in (None, s) for w, s in zip(wanted, shape, strict=True))
        if not right or shape[0] != length or length < 1:
            raise InputError(f"'{key}' in {path} has shape {shape}; expected {_format_shape(wanted, length)}")
    if file["images"].dtype != np.uint8:
        raise InputError(f"'images' in {path} hold {file['images'].dtype}; expected uint8")
    instruction = file.attrs.get("instruction") or parse_instruction(path.stem)
    if not instruction:
        raise InputError(
            f"{path} doesn't say what the robot was asked to do: it needs an attribute 'instruction', "
            f"or a name with a cell such as '1box_vert_left'"
        )
    scene = [file.attrs.get(key) for key in ("scenario", "suite_seed", "episode")]
    success = file.attrs.get("success")
    return EpisodeInfo(
        length=length,
        instruction=str(instruction),
        scene=None
        if None in scene
        else scene_files.resolve_scene(SceneRef(str(scene[0]), int(scene[1]), int(scene[2])), path.parent),
        success=None if success is None else bool(success),
        source=str(file.attrs.get("source", "unknown")),
    )


_OPTIONAL = {"agent_pos": STATE_SIZE, "executed_actions": ACTION_SIZE}


def _format_shape(wanted: tuple[int | None, ...], length: int) -> str:
    """A shape in words: (18, H, W, 3)."""
    names = [str(length or "t"), *("HW" if len(wanted) == 4 else ""), *(str(size) for size in wanted[1:] if size)]
    return f"({', '.join(names)})"


def _check_vacant(root: Path) -> None:
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise InputError(f"{root} is there already; name a new folder for the data set")
